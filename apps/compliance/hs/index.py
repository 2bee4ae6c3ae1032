"""The index over nomenclature and references, and how it ranks subheadings for a description.

Two scores are added. The first looks at a subheading as one document with fields (its own text, its
heading, its chapter, everything that refers to it) in the manner of BM25F (Robertson, Zaragoza,
Taylor 2004). The second looks for the single reference that the description covers best, as a
nearest neighbour. The sum is corrected by attributes that agree or clash, and raised by the
standing of the heading, as classification goes heading first (General Interpretative Rules 1 and 6).
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.compliance.hs.attributes import Attributes, fit, read_code
from apps.compliance.hs.text import Term, read_document, split_han

RULES = "hs/2026-11"
# Weights of the fields of a subheading's document; references count by source.
OWN, HEADING, CHAPTER = 1.0, 0.5, 0.15
SOURCE_WEIGHT = {"guide": 1.2, "uk": 1.0, "us": 0.6}
# Saturation of a term's weight, and how much a long document is held back.
SATURATION, LENGTH_SHARE = 1.6, 0.2
# Share of the nearest reference in the sum, exponent of how much of it is covered.
NEAREST_SHARE, COVERAGE_POWER = 0.55, 0.8
HEADING_SHARE = 0.15
# Longer descriptions are read by their heaviest words.
MAX_TERMS = 48
_UNSEEN = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """A text that somebody filed under a code of six digits; ``source`` is guide, uk or us."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked subheading: its score, the words that matched, the reference nearest to it."""

    code: str
    score: float
    words: tuple[str, ...]
    nearest: Reference | None


class Index:
    """Everything needed to rank subheadings; built once, never changed."""

    def __init__(self, nomenclature: Mapping[str, str], references: Iterable[Reference]) -> None:
        """Build from code (2, 4 or 6 digits) → text and references; codes unknown to the
        nomenclature are left out.
        """
        self.texts = dict(nomenclature)
        self.codes = sorted(code for code in self.texts if len(code) == 6)
        self._position = {code: place for place, code in enumerate(self.codes)}
        self.references = [ref for ref in references if ref.code in self._position]
        self.attributes = [
            read_code(code, self.texts[code], self.texts.get(code[:4], "")) for code in self.codes
        ]
        self.version = f"{RULES}+{self._digest()}"
        self._build_documents()
        self._build_examples()

    def _digest(self) -> str:
        content = hashlib.sha256()
        for code in sorted(self.texts):
            content.update(f"{code}\t{self.texts[code]}\n".encode())
        for ref in sorted(self.references, key=lambda item: (item.code, item.source, item.text)):
            content.update(f"{ref.code}\t{ref.source}\t{ref.text}\n".encode())
        return content.hexdigest()[:12]

    def _build_documents(self) -> None:
        documents: list[dict[str, float]] = [defaultdict(float) for _code in self.codes]
        shared: dict[str, list[str]] = {}
        for place, code in enumerate(self.codes):
            _add(documents[place], read_document(self.texts[code]), OWN)
            for prefix, weight in ((code[:4], HEADING), (code[:2], CHAPTER)):
                if prefix not in shared:
                    shared[prefix] = read_document(self.texts.get(prefix, ""))
                _add(documents[place], shared[prefix], weight)
        self._example_terms: list[set[str]] = []
        for ref in self.references:
            terms = read_document(ref.text)
            self._example_terms.append(set(terms))
            _add(documents[self._position[ref.code]], terms, SOURCE_WEIGHT[ref.source])
        self._post(documents)

    def _post(self, documents: Sequence[Mapping[str, float]]) -> None:
        lengths = [sum(document.values()) for document in documents]
        usual = sum(lengths) / max(1, len(lengths))
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, document in enumerate(documents):
            norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths[place] / usual)
            for term, weight in document.items():
                postings[term].append((place, weight / (weight + norm)))
        count = len(documents)
        self._rarity = {
            term: math.log(1 + (count - len(rows) + 0.5) / (len(rows) + 0.5))
            for term, rows in postings.items()
        }
        self._postings = dict(postings)

    def _build_examples(self) -> None:
        self._examples: dict[str, list[int]] = defaultdict(list)
        self._mass = []
        for number, terms in enumerate(self._example_terms):
            self._mass.append(sum(self._rarity[term] for term in terms) or 1.0)
            for term in terms:
                self._examples[term].append(number)

    def knows(self, word: str) -> bool:
        """Say whether a word, or a pair of a run of Han, occurs anywhere in the index."""
        parts = split_han(word) if word[0] >= "一" else [word]
        return any(part in self._rarity for part in parts)

    def attributes_of(self, code: str) -> Attributes:
        """Return what decides for a subheading; raises ``KeyError`` when it is unknown."""
        return self.attributes[self._position[code]]

    def path_of(self, code: str) -> tuple[str, ...]:
        """Return the texts of chapter, heading and subheading, those that are known."""
        return tuple(
            self.texts[code[:digits]] for digits in (2, 4, 6) if code[:digits] in self.texts
        )

    def rank(self, terms: Sequence[Term], goods: Attributes, *, limit: int = 10) -> list[Hit]:
        """Return the best subheadings, the best first; empty when no word is known."""
        known = [term for term in terms if term.word in self._rarity]
        known.sort(key=lambda term: -term.weight * self._rarity[term.word])
        known = known[:MAX_TERMS]
        document = self._score_documents(known)
        nearest = self._score_examples(known)
        sums = _blend(document, {place: score for place, (score, _) in nearest.items()})
        fitted = {
            place: score * fit(goods, self.attributes[place]) for place, score in sums.items()
        }
        ranked = self._lift_headings(fitted)[:limit]
        return [self._hit(place, score, known, nearest) for place, score in ranked]

    def _score_documents(self, terms: Sequence[Term]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        for term in terms:
            weight = term.weight * self._rarity[term.word]
            for place, share in self._postings[term.word]:
                scores[place] += weight * share
        return scores

    def _score_examples(self, terms: Sequence[Term]) -> dict[int, tuple[float, int]]:
        covered: dict[int, float] = defaultdict(float)
        weighed: dict[int, float] = defaultdict(float)
        for term in terms:
            rarity = self._rarity[term.word]
            full = 1.0 if term.word == term.origin else 0.6
            for number in self._examples.get(term.word, ()):
                covered[number] += rarity * full
                weighed[number] += rarity * term.weight
        best: dict[int, tuple[float, int]] = {}
        for number, mass in covered.items():
            ref = self.references[number]
            score = weighed[number] * (mass / self._mass[number]) ** COVERAGE_POWER
            score *= SOURCE_WEIGHT[ref.source]
            place = self._position[ref.code]
            if place not in best or score > best[place][0]:
                best[place] = (score, number)
        return best

    def _lift_headings(self, scores: Mapping[int, float]) -> list[tuple[int, float]]:
        rows: dict[str, list[float]] = defaultdict(list)
        for place, score in scores.items():
            rows[self.codes[place][:4]].append(score)
        standing = {}
        for heading, found in rows.items():
            found.sort(reverse=True)
            standing[heading] = sum(score / 2**rank for rank, score in enumerate(found[:4]))
        lifted = [
            (place, score + HEADING_SHARE * standing[self.codes[place][:4]])
            for place, score in scores.items()
        ]
        lifted.sort(key=lambda row: (-row[1], self.codes[row[0]]))
        return lifted

    def _hit(
        self,
        place: int,
        score: float,
        terms: Sequence[Term],
        nearest: Mapping[int, tuple[float, int]],
    ) -> Hit:
        matched = [
            term for term in terms if any(at == place for at, _share in self._postings[term.word])
        ]
        words = tuple(dict.fromkeys(term.origin for term in matched))[:6]
        number = nearest[place][1] if place in nearest else None
        return Hit(
            self.codes[place],
            score,
            words,
            self.references[number] if number is not None else None,
        )


def _add(document: dict[str, float], terms: Iterable[str], weight: float) -> None:
    for term in terms:
        document[term] += weight


def _blend(document: Mapping[int, float], nearest: Mapping[int, float]) -> dict[int, float]:
    top, best = max(document.values(), default=1.0), max(nearest.values(), default=1.0)
    return {
        place: (1 - NEAREST_SHARE) * score / top + NEAREST_SHARE * nearest.get(place, 0.0) / best
        for place, score in document.items()
    }
