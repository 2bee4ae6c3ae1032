"""Reading uploaded sheets: guarded, in pieces, into one plain form."""

from __future__ import annotations

from apps.imports.reading.errors import SheetError
from apps.imports.reading.rows import Chunk, Row, read_chunks
from apps.imports.reading.staging import Staged, stage

__all__ = ["Chunk", "Row", "SheetError", "Staged", "read_chunks", "stage"]
