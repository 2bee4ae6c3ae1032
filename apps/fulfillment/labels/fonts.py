"""Fonts of labels: Latin, Greek and Cyrillic embedded, Chinese and kana from the reader's own.

DejaVu Sans Condensed (fonts/DejaVu.LICENSE) is embedded as a subset. Han and kana use the CID font
STSong-Light, which every PDF reader replaces by its Chinese font. Scripts that need joining or run
from right to left are not drawn; compliance stops such addresses before a label exists.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, HAN = "DejaVu", "DejaVu-Bold", "STSong-Light"
_FOLDER = Path(__file__).parent.parent / "fonts"
_REPLACEMENT = "?"
_Run = tuple[str, str]


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """Register the fonts once in a process and return the code points the Latin font draws."""
    regular = TTFont(REGULAR, str(_FOLDER / "DejaVuSansCondensed.ttf"))
    pdfmetrics.registerFont(regular)
    pdfmetrics.registerFont(TTFont(BOLD, str(_FOLDER / "DejaVuSansCondensed-Bold.ttf")))
    pdfmetrics.registerFont(UnicodeCIDFont(HAN))
    return frozenset(regular.face.charToGlyph)


def find_unprintable(text: str) -> str:
    """Return the characters of a text that a label cannot show, each once, in order."""
    letters = unicodedata.normalize("NFC", text)
    return "".join(dict.fromkeys(letter for letter in letters if not _font_of(letter)))


def split_runs(text: str, *, is_bold: bool = False) -> Iterator[_Run]:
    """Yield (font, text) for a line, so that every character is drawn by a font that has it."""
    letters = unicodedata.normalize("NFC", text)
    pairs = [(_font_of(letter) or REGULAR, letter) for letter in letters]
    for font, group in groupby(pairs, key=lambda pair: pair[0]):
        run = "".join(letter if _font_of(letter) else _REPLACEMENT for _font, letter in group)
        yield (BOLD if is_bold and font == REGULAR else font), run


def measure(text: str, size: float, *, is_bold: bool = False) -> float:
    """Return the width of a line in points."""
    runs = split_runs(text, is_bold=is_bold)
    return float(sum(pdfmetrics.stringWidth(run, font, size) for font, run in runs))


@lru_cache(maxsize=4096)
def _font_of(letter: str) -> str:
    if unicodedata.bidirectional(letter) in {"R", "AL"} or not letter.isprintable():
        return ""
    if ord(letter) in _glyphs():
        return REGULAR
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return ""
    return HAN
