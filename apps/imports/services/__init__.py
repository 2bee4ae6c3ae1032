"""Writes of imports: taking a sheet in, checking it, applying it and undoing it."""

from __future__ import annotations

from apps.imports.services.applying import apply_rows
from apps.imports.services.checking import check_rows
from apps.imports.services.steps import set_columns, start_apply, start_undo
from apps.imports.services.undoing import undo_rows
from apps.imports.services.uploads import upload

__all__ = [
    "apply_rows",
    "check_rows",
    "set_columns",
    "start_apply",
    "start_undo",
    "undo_rows",
    "upload",
]
