"""From a description and answers to a suggestion: vague, a question, or candidates with reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from apps.compliance.hs.attributes import KINDS, VALUES, Attributes, read_goods
from apps.compliance.hs.gate import UNKNOWN, find_vagueness
from apps.compliance.hs.index import Hit, Index
from apps.compliance.hs.questions import UNSURE, Question, find_question
from apps.compliance.hs.text import Term, read_query

SHOWN = 5
_LOOKED_AT = 12
VAGUE, ASK, CANDIDATES = "vague", "ask", "candidates"
# Answers decide as attributes; as words they would outweigh what the thing is.
_ANSWER_SHARE = 0.3
# How an answer reads as words of a description.
_ANSWER_WORDS = {"knit": "knitted", "part": "parts", "article": ""}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subheading and why it is shown: words that matched, the nearest reference, its share.

    ``path`` holds the texts from chapter to subheading; ``share`` is its part of the scores of the
    candidates shown, in percent (it is no probability of being right).
    """

    code: str
    path: tuple[str, ...]
    words: tuple[str, ...]
    nearest: str
    source: str
    share: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What came out, by which rules and data. ``vagueness`` is a code of the gate."""

    outcome: str
    version: str
    candidates: tuple[Candidate, ...] = ()
    question: Question | None = None
    vagueness: str = ""


def clean_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that are known: kind → one of its values, or ``unsure``."""
    return {
        kind: answers[kind]
        for kind in KINDS
        if answers.get(kind) == UNSURE or answers.get(kind) in VALUES[kind]
    }


def suggest(
    description: str,
    answers: Mapping[str, str],
    index: Index,
    *,
    listed: Collection[str] = (),
    shown: int = SHOWN,
) -> Suggestion:
    """Return candidates for a description of goods; the same input gives the same suggestion.

    ``answers`` are those given to earlier questions (``clean_answers``), ``listed`` the official
    vague terms. Nothing is stored or declared.
    """
    vagueness = find_vagueness(description, is_known=index.knows, listed=listed)
    if vagueness:
        return Suggestion(VAGUE, index.version, vagueness=vagueness)
    goods = _with_answers(read_goods(description), answers)
    terms = [*read_query(description), *_answer_terms(answers)]
    hits = index.rank(terms, goods, limit=max(_LOOKED_AT, shown))
    if not hits:
        return Suggestion(VAGUE, index.version, vagueness=UNKNOWN)
    question = find_question(
        [(index.attributes_of(hit.code), hit.score) for hit in hits], goods, answers
    )
    return Suggestion(
        ASK if question else CANDIDATES,
        index.version,
        candidates=_candidates(hits[:shown], index),
        question=question,
    )


def _answer_terms(answers: Mapping[str, str]) -> list[Term]:
    told = [_ANSWER_WORDS.get(value, value) for value in answers.values() if value != UNSURE]
    return [
        replace(term, weight=_ANSWER_SHARE * term.weight) for term in read_query(" ".join(told))
    ]


def _with_answers(goods: Attributes, answers: Mapping[str, str]) -> Attributes:
    known = {kind: frozenset({value}) for kind, value in answers.items() if value != UNSURE}
    return replace(goods, **known, sure=frozenset(known))


def _candidates(hits: list[Hit], index: Index) -> tuple[Candidate, ...]:
    total = sum(hit.score for hit in hits)
    return tuple(
        Candidate(
            code=hit.code,
            path=index.path_of(hit.code),
            words=hit.words,
            nearest=hit.nearest.text if hit.nearest else "",
            source=hit.nearest.source if hit.nearest else "",
            share=round(100 * hit.score / total),
        )
        for hit in hits
    )
