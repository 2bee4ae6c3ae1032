"""Papers about products: the kind of a file is told by its content, never by its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image

from apps.catalog.photos import MAX_PIXELS
from apps.common.errors import DomainError

MAX_BYTES = 10 * 1024 * 1024
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_FORMATS = {"JPEG": JPEG, "PNG": PNG}


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that was looked at: its bytes, its type, its digest."""

    content: ContentFile[bytes]
    content_type: str
    size: int
    sha256: str

    @property
    def extension(self) -> str:
        """The ending of the stored file's name."""
        return EXTENSIONS[self.content_type]


def read_paper(source: IO[bytes], size: int) -> Paper:
    """Return a PDF, JPEG or PNG of at most 10 MB as it is, to be kept as evidence.

    Raises 422 ``catalog.document`` for any other file. A picture's header is read, so that one that
    unpacks to gigabytes is refused undecoded; a PDF must begin with its mark and end with its end.
    """
    if size > MAX_BYTES:
        raise refuse_paper(_("A paper has at most 10 MB."))
    raw = source.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise refuse_paper(_("A paper has at most 10 MB."))
    kind = PDF if raw.startswith(b"%PDF-") else _picture(raw)
    if kind == PDF and b"%%EOF" not in raw[-2048:]:
        raise refuse_paper(_("This PDF is cut off. Save it again and upload the new file."))
    return Paper(ContentFile(raw), kind, len(raw), hashlib.sha256(raw).hexdigest())


def refuse_paper(sentence: str, *, field: str = "file") -> DomainError:
    """Return the error about an uploaded paper."""
    return DomainError("catalog.document", sentence, status=422, fields={field: sentence})


def _picture(raw: bytes) -> str:
    try:
        with Image.open(ContentFile(raw), formats=tuple(_FORMATS)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise refuse_paper(_("A photo has at most 40 million pixels."))
            kind = _FORMATS[picture.format or ""]
            picture.verify()
    except (OSError, SyntaxError, ValueError, KeyError, Image.DecompressionBombError) as error:
        raise refuse_paper(_("Only PDF, JPEG and PNG files are taken.")) from error
    return kind
