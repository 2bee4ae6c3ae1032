"""The next question: the one whose answer separates the leading candidates most."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from apps.compliance.hs.attributes import KINDS, Attributes

UNSURE = "unsure"
MAX_QUESTIONS = 3
# Candidates below this share of the first one's score do not shape the question.
_NEAR = 0.6
# The smaller answers together must stand for this share, or the question is not worth asking.
_WORTH = 0.15
_MAX_OPTIONS = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked (a kind of attribute) and the answers that the candidates allow."""

    kind: str
    options: tuple[str, ...]


def find_question(
    ranked: Sequence[tuple[Attributes, float]], told: Attributes, answers: Mapping[str, str]
) -> Question | None:
    """Return the most telling question about attributes that nobody has told yet, or nothing.

    ``ranked`` holds the attributes and scores of the leading candidates; at most three questions
    are asked.
    """
    if len(answers) >= MAX_QUESTIONS or len(ranked) < 2:
        return None
    near = [(facts, score) for facts, score in ranked if score >= _NEAR * ranked[0][1]]
    best, best_gain = None, 0.0
    for kind in KINDS:
        if kind in answers or told.get(kind):
            continue
        shares = _shares(near, kind)
        gain = _entropy(shares.values())
        if gain > best_gain and _is_worth_asking(shares):
            best_gain = gain
            ordered = sorted(shares, key=lambda value: (-shares[value], value))
            best = Question(kind, tuple(value for value in ordered if value)[:_MAX_OPTIONS])
    return best


def _shares(near: Sequence[tuple[Attributes, float]], kind: str) -> dict[str, float]:
    total = sum(score for _facts, score in near)
    shares: dict[str, float] = defaultdict(float)
    for facts, score in near:
        values = sorted(facts.get(kind)) or [_UNTOLD.get(kind, "")]
        for value in values:
            shares[value] += score / total / len(values)
    return dict(shares)


# A code without the word is for the other case: not for parts, not electric.
_UNTOLD = {"whole": "article", "drive": "manual"}


def _is_worth_asking(shares: Mapping[str, float]) -> bool:
    told = {value: share for value, share in shares.items() if value}
    return len(told) >= 2 and sum(told.values()) - max(told.values()) >= _WORTH


def _entropy(shares: Collection[float]) -> float:
    return -sum(share * math.log2(share) for share in shares if share > 0)
