"""The gate before retrieval: a description that names no goods is sent back, not guessed at."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from apps.compliance.hs.text import fold, split_words, stem
from apps.compliance.hs.vocabulary import FIBRES, STOP
from apps.compliance.reference import CLASSES, CLASSES_HAN, FILLERS
from apps.compliance.rules import is_vague

# Why a description is refused. Each has its sentence on the page.
NOTHING, CLASS, LISTED, UNKNOWN = "nothing", "class", "listed", "unknown"

_QUALITIES_TEXT = """
    beige black blue brown cream gold gray green khaki maroon navy orange pink purple red silver tan
    white yellow dark small medium large mini xl xxl xs plus size tall petite regular slim fit uk eu
    us pack pcs pc piece pair pairs bundle premium quality classic luxury original official genuine
    limited edition style fashion hot sale free sample gift cheap best adult unisex women men girl
    boy baby child multi multicolor random
"""
_QUALITIES = frozenset(_QUALITIES_TEXT.split()) | FIBRES
# What stands alone for a part of something, or for what a thing is for, but not for a thing.
_BARE_TEXT = """
    adapter attachment bar base basic bit block board body bracket care catering collection
    component connector cover decoration device document documentation filter fitting frame fix
    fixture front grocery holder insert interior kit label liquid lid mat medical mix module mount
    other packaging pad panel paper part powder print probe refill replacement ring rod roll set sheet
    sheeting solution spare sport stand stationery sticker strap strip supply system tag tape top
    tube unit
"""
_BARE = frozenset(_BARE_TEXT.split())
_CLASSES = frozenset(map(stem, CLASSES)) | CLASSES_HAN
_CODE = re.compile(r"\b(?=[a-z-]*\d)[a-z0-9-]+\b")
_MAX_LISTED_WORDS = 8


def plain_term(text: str) -> str:
    """Return a term as the official list of vague terms is compared: folded, one space."""
    return " ".join(fold(text).split())


def find_vagueness(
    description: str, *, is_known: Callable[[str], bool], listed: Collection[str] = ()
) -> str:
    """Return why a description is too vague to classify, or nothing.

    ``nothing``: only sizes, colours, materials, numbers. ``class``: it names a class ("parts",
    "clothes"). ``listed``: it stands on the official list of vague terms. ``unknown``: none of its
    words occurs in the nomenclature or a reference.
    """
    told = plain_term(description)
    if told in listed and told.count(" ") < _MAX_LISTED_WORDS:
        return LISTED
    words = _telling_words(told)
    if not words or is_vague(description):
        return CLASS if _CLASSES & set(split_words(told)) else NOTHING
    if set(words) <= _BARE:
        return CLASS
    return "" if any(map(is_known, words)) else UNKNOWN


def _telling_words(text: str) -> list[str]:
    words = split_words(_CODE.sub(" ", text))
    silent = STOP | FILLERS | _QUALITIES
    return [word for word in words if word not in silent and (len(word) > 2 or word[0] >= "一")]
