"""From a description to weighted terms: spelling, plurals, negations, composition, Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from apps.compliance.hs.vocabulary import FIBRES, HAN_WORDS, IMPLIED, SPELLINGS, STOP

# The whole text of a ruling or a product page fits; more says nothing new.
MAX_CHARACTERS = 6000
# Weights in a query: a fibre that does not predominate, a word that another one implies.
MINOR_SHARE, IMPLIED_SHARE = 0.25, 0.6
# For whom goods are is an attribute; as a word it would outweigh what they are.
PERSON_SHARE = 0.5
_PERSONS = frozenset({"women", "men", "girl", "boy"})
# A word in the middle of a description weighs this much, the first one 1; the fall takes this many words.
LATE_SHARE, FALL = 0.35, 12
_JOINED = (
    (re.compile(r"\bt[\s-]*shirts?\b"), "tshirt"),
    (re.compile(r"\bman[\s-]*made\b"), "manmade"),
    (re.compile(r"\bmake[\s-]+up\b"), "makeup"),
    (re.compile(r"\bpower[\s-]+banks?\b"), "powerbank"),
    (re.compile(r"\bwi[\s-]*fi\b"), "wifi"),
    (re.compile(r"\bpoly[\s-]*vinyl[\s-]*chloride\b"), "pvc"),
    (re.compile(r"\be[\s-]?bikes?\b"), "electric bicycle"),
    (re.compile(r"['’´`]s?\b"), ""),
)
# A case ends at the next clause: "knitted, other than of cotton; printed" keeps "printed".
_NEGATED = re.compile(
    r"\b(?:other than|excluding|excludes|except(?:ing| for)?|not including|nor|neither|without"
    r"|not(?! exceeding| over| less| more)|no(?= \w+))\b[^;:.()]{0,120}"
)
_NEGATED_SHORT = re.compile(r"\b(?:not|nor|without|no|other than|excluding)\s+(?:\w+\s+){0,2}\w+")
_PERCENT = re.compile(
    r"(\d{1,3}(?:\.\d+)?)\s*(?:%|percent|per cent|pct)\s*(?:of\s+)?((?:[a-z]+[\s-]){0,2}[a-z]+)"
)
_HAN = re.compile(r"[一-鿿]+")
_WORD = re.compile(r"[a-z][a-z0-9]*|[一-鿿]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a text as the index knows it; ``origin`` is the word that was written."""

    word: str
    weight: float
    origin: str


def fold(text: str) -> str:
    """Return the text in lower-case ASCII letters and Han, compounds joined, at most 6,000 long."""
    plain = text[:MAX_CHARACTERS].casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    for pattern, joined in _JOINED:
        plain = pattern.sub(joined, plain)
    return plain


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the form under which a word is indexed: one spelling, singular."""
    if word in SPELLINGS:
        return SPELLINGS[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return SPELLINGS.get(word[:-1], word[:-1])
    return word


def split_words(text: str) -> list[str]:
    """Return the words of a text in order, stemmed; Han stays in runs."""
    return [stem(word) if word[0] < "一" else word for word in _WORD.findall(fold(text))]


def drop_negated(text: str, *, is_clause: bool) -> str:
    """Return the text without what it says it is not.

    In the nomenclature a negation runs to the end of its clause; in a description of goods it
    reaches three words.
    """
    return (_NEGATED if is_clause else _NEGATED_SHORT).sub(" ", text)


def read_document(text: str) -> list[str]:
    """Return the terms of a text of the nomenclature or of a reference, with its implied words."""
    kept = drop_negated(fold(text), is_clause=True)
    terms: list[str] = []
    for word in split_words(kept):
        if word[0] >= "一":
            terms += split_han(word)
        elif word not in STOP and len(word) > 1:
            terms.append(word)
    return terms


def read_query(text: str) -> list[Term]:
    """Return the weighted terms of a description of goods.

    What is said early weighs more; a repeated word counts a little more; the minor fibres of a
    composition count less than the chief one (Section XI, note 2 A: the fibre that predominates by
    weight decides); implied words weigh half.
    """
    folded = fold(text)
    minor = minor_fibres(folded)
    kept = drop_negated(folded, is_clause=False)
    found: dict[str, Term] = {}
    for position, word in enumerate(query_words(kept)):
        weight = LATE_SHARE + (1 - LATE_SHARE) / (1 + position / FALL)
        weight *= MINOR_SHARE if word in minor else PERSON_SHARE if word in _PERSONS else 1.0
        implied = [(item, IMPLIED_SHARE) for item in _IMPLIED.get(word, ())]
        for term, share in [(word, 1.0), *implied]:
            before = found.get(term)
            added = weight * share
            if before is None:
                found[term] = Term(term, added, word)
            else:
                origin = word if added > before.weight else before.origin
                total = max(before.weight, added) + 0.15 * min(before.weight, added)
                found[term] = Term(term, total, origin)
    return list(found.values())


def query_words(text: str) -> Iterator[str]:
    """Yield the telling words of a description, Chinese also as the English words it implies."""
    for word in split_words(text):
        if word[0] >= "一":
            # Chinese names the thing last: 不锈钢保温杯 is a cup.
            yield from reversed(split_han(word))
            for size in (4, 3, 2, 1):
                for start in range(len(word) - size + 1):
                    english = HAN_WORDS.get(word[start : start + size])
                    if english:
                        yield from english.split()
        elif word not in STOP and len(word) > 1:
            yield word


def split_han(run: str) -> list[str]:
    """Return the overlapping pairs of a run of Han; a single character stands for itself."""
    return [run] if len(run) < 2 else [run[index : index + 2] for index in range(len(run) - 1)]


def minor_fibres(text: str) -> frozenset[str]:
    """Return the fibres that a stated composition names as the smaller part: "60 % cotton, 40 % silk"."""
    best: dict[str, float] = {}
    for share, words in _PERCENT.findall(fold(text)):
        names = [stem(word) for word in words.replace("-", " ").split()]
        name = next((name for name in names if name in FIBRES), None)
        if name:
            best[name] = max(best.get(name, 0.0), float(share))
    chief = max(best.values(), default=0.0)
    return frozenset(name for name, share in best.items() if share < chief and share < 50)


_IMPLIED = {
    stem(key): tuple(term for term in map(stem, values) if term != stem(key))
    for key, values in IMPLIED.items()
}
