"""Reading uploaded sheets: guarded, in pieces, into one plain form."""

from __future__ import annotations

from apps.imports.reading.errors import SheetError
from apps.imports.reading.rows import Chunk, Row, read_chunks
from apps.imports.reading.staging import Staged, digest_of, look_at, stage

__all__ = [
    "Chunk",
    "Row",
    "SheetError",
    "Staged",
    "digest_of",
    "look_at",
    "read_chunks",
    "stage",
]
