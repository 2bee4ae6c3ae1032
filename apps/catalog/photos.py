"""Photos of products: read safely, turned upright, made small, and stripped of hidden data."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from apps.common.errors import DomainError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE = 1200
MEDIUM, SMALL = 480, 160
# Pictures that differ in at most so many of 64 bits are taken for copies.
NEAR = 6
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture ready to be kept: WebP, and 64 bits of what is seen as hexadecimal digits."""

    content: ContentFile[bytes]
    fingerprint: str


def read_photo(source: IO[bytes], size: int) -> Photo:
    """Return the picture as WebP of at most 1200 pixels a side, without EXIF, and its fingerprint.

    Of a moving picture the first frame is taken, and what a file carries beside its picture is
    left behind. Raises ``catalog.photo`` (422) for a file that is too large or no JPEG, PNG or
    WebP. The pixel count is read from the header, so a small file that unpacks to gigabytes is
    never decoded.
    """
    if size > MAX_BYTES:
        raise _refused(_("A photo has at most 8 MB."))
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _refused(_("A photo has at most 40 million pixels."))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SIDE, SIDE))
            return Photo(_as_webp(upright), find_fingerprint(upright))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(_("This is no JPEG, PNG or WebP picture.")) from error


def shrink_kept(source: IO[bytes], side: int) -> ContentFile[bytes]:
    """Return a picture we keep, made smaller: at most ``side`` pixels a side."""
    source.seek(0)
    with Image.open(source, formats=_FORMATS) as picture:
        picture.thumbnail((side, side))
        return _as_webp(picture)


def find_fingerprint(picture: Image.Image) -> str:
    """Return whether each of 8 × 8 fields is brighter than the one right of it, as 16 hex digits.

    The difference hash of N. Krawetz (hackerfactor.com, "Kind of Like That", 2013): it survives
    other sizes, formats and brightness. Empty when there is hardly any structure: such pictures
    are all alike. Transparent parts count as white.
    """
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    grey = ground.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at] > grey[at + 1])
    return f"{bits:016x}" if 4 <= bits.bit_count() <= 60 else ""


def split_bands(fingerprint: str) -> tuple[int, int, int, int] | None:
    """Return the four 16-bit bands of a fingerprint; nothing for an empty one."""
    if not fingerprint:
        return None
    first, second, third, fourth = (int(fingerprint[at : at + 4], 16) for at in (0, 4, 8, 12))
    return first, second, third, fourth


def distance(one: str, other: str) -> int:
    """Return in how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _as_webp(picture: Image.Image) -> ContentFile[bytes]:
    out = io.BytesIO()
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture.convert(mode).save(out, "WEBP", quality=84, method=4)
    return ContentFile(out.getvalue())


def _refused(sentence: str) -> DomainError:
    return DomainError("catalog.photo", sentence, status=422, fields={"photo": sentence})
