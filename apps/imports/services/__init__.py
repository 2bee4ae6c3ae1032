"""Writes of imports: taking a sheet in, reading, checking, applying and undoing it."""

from __future__ import annotations

from apps.imports.services.applying import apply_rows
from apps.imports.services.checking import check_rows
from apps.imports.services.reading import read_rows
from apps.imports.services.steps import choose_columns, set_columns, start_apply, start_undo
from apps.imports.services.sweeping import sweep_old
from apps.imports.services.undoing import undo_rows
from apps.imports.services.uploads import Matching, receive, upload

__all__ = [
    "Matching",
    "apply_rows",
    "check_rows",
    "choose_columns",
    "read_rows",
    "receive",
    "set_columns",
    "start_apply",
    "start_undo",
    "sweep_old",
    "undo_rows",
    "upload",
]
