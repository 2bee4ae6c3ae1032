"""Photos of products: read safely, turned upright, made small, and stripped of hidden data."""

from __future__ import annotations

import io
from typing import IO

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from apps.common.errors import DomainError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIDE = 1200
_FORMATS = ("JPEG", "PNG", "WEBP")


def shrink_photo(source: IO[bytes], size: int) -> ContentFile[bytes]:
    """Return the picture as WebP of at most 1200 pixels a side, without EXIF.

    Raises ``catalog.photo`` (422) for a file that is too large or no JPEG, PNG or WebP. The pixel
    count is read from the header, so a small file that unpacks to gigabytes is never decoded.
    """
    if size > MAX_BYTES:
        raise _refused(_("A photo has at most 8 MB."))
    try:
        with Image.open(source, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _refused(_("A photo has at most 40 million pixels."))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SIDE, SIDE))
            out = io.BytesIO()
            upright.convert("RGBA" if upright.has_transparency_data else "RGB").save(
                out, "WEBP", quality=84, method=4
            )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(_("This is no JPEG, PNG or WebP picture.")) from error
    return ContentFile(out.getvalue())


def _refused(sentence: str) -> DomainError:
    return DomainError("catalog.photo", sentence, status=422, fields={"photo": sentence})
