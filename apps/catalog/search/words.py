"""Pure rules of the search: which tokens a product has, and which tokens a query asks for.

A token is a word of the title, brand, option or SKU (case, width and accents folded), two
neighbouring characters of Chinese, Japanese or Korean text, a whole code behind ``=`` (SKU, GTIN),
or a facet behind ``@`` (status, market, fulfilment model, brand). Neither sign is ever part of a
word, so the three kinds cannot meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from apps.catalog.states import ListingStatus

MAX_WORD = 32
MAX_CODE = 64
MAX_TERMS = 12
TOKEN_LENGTH = 100
ACTIVE, ARCHIVED, UNLISTED = "@active", "@archived", "@unlisted"
_BRAND = "@b="
_MARKET = "@m="

# Han, kana, bopomofo and Hangul are written without spaces between words, or with few.
_DENSE = (
    "\u1100-\u11ff\u3005\u3007\u3040-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUNS = re.compile(f"(?P<dense>[{_DENSE}]+)|[^\\W_{_DENSE}]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Letters that Unicode does not take apart into a base and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """Where a variant is listed, and how it stands there."""

    market: str
    status: str
    model: str


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """What a variant can be found by."""

    sku: str
    gtin: str = ""
    option: str = ""
    is_active: bool = True
    listings: tuple[ListingFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a product can be found by."""

    title: str
    brand: str = ""
    is_archived: bool = False
    variants: tuple[VariantFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A token that must be there; ``is_beginning`` takes every token that begins like it."""

    text: str
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: all ``terms`` must match; ``code`` is the whole of it as one code, or empty."""

    terms: tuple[Term, ...]
    code: str


def fold(text: str) -> str:
    """Return text without differences of case, width and accent; folding twice changes nothing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFKC", bare).casefold().translate(_LETTERS)


def find_words(text: str) -> set[str]:
    """Return the tokens of a text: words, and pairs of neighbours where script has no spaces.

    The last character of such a run is a token by itself, so that each character of the run begins
    a token.
    """
    found: set[str] = set()
    for run, is_dense in _runs(text):
        found.update((*_pairs(run), run[-1]) if is_dense else (run[:MAX_WORD],))
    return found


def find_tokens(product: ProductFacts) -> set[str]:
    """Return all tokens of a product."""
    found = find_words(product.title) | find_words(product.brand)
    for variant in product.variants:
        found |= find_words(variant.option) | find_words(variant.sku) | find_words(variant.gtin)
        found |= {code_token(code) for code in (variant.sku, variant.gtin) if code.strip()}
    return found | _facets(product)


def read_query(text: str) -> Query:
    """Return what a typed text asks for; the last word counts by its beginning."""
    terms: dict[Term, None] = {}
    runs = list(_runs(text))
    for index, (run, is_dense) in enumerate(runs):
        if is_dense and len(run) > 1:
            terms.update(dict.fromkeys(Term(pair) for pair in _pairs(run)))
        else:
            is_beginning = is_dense or index == len(runs) - 1
            terms[Term(run[:MAX_WORD], is_beginning)] = None
    chunks = text.split()
    code = code_token(chunks[0]) if len(chunks) == 1 and terms else ""
    return Query(tuple(terms)[:MAX_TERMS], code)


def code_token(code: str) -> str:
    """Return the token of a whole SKU or GTIN."""
    return f"={fold(code.strip())[:MAX_CODE]}"


def status_facet(status: str, market: str = "") -> str:
    """Return the token of a listing's status, in one market or in any.

    What a gate took off sale (suppressed) is found where what it never let on sale (rejected) is.
    """
    status = ListingStatus.REJECTED.value if status == ListingStatus.SUPPRESSED else status
    return f"@s={market}/{status}" if market else f"@s={status}"


def market_facet(market: str) -> str:
    """Return the token of being listed in a market; an empty market is what all of them begin with."""
    return f"{_MARKET}{market}"


def model_facet(model: str) -> str:
    """Return the token of a fulfilment model."""
    return f"@f={model}"


def brand_facet(brand: str) -> str:
    """Return the token of a brand as it is written; an empty brand is what all of them begin with."""
    return f"{_BRAND}{unicodedata.normalize('NFKC', brand).strip()}"[:TOKEN_LENGTH]


def facet_value(token: str) -> str:
    """Return what a facet token names: ``@b=Lamu`` → ``Lamu``."""
    return token.partition("=")[2]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in _RUNS.finditer(fold(text)):
        yield match.group(), match.group("dense") is not None


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _facets(product: ProductFacts) -> set[str]:
    found = {brand_facet(product.brand)} if product.brand.strip() else set()
    if product.is_archived:
        return found | {ARCHIVED}
    listings = [
        item for variant in product.variants if variant.is_active for item in variant.listings
    ]
    for item in listings:
        found |= {
            status_facet(item.status),
            market_facet(item.market),
            status_facet(item.status, item.market),
            model_facet(item.model),
        }
    return found | ({ACTIVE} if listings else {ACTIVE, UNLISTED})
