"""Imports of sheets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.imports.layouts import LAYOUTS
from apps.imports.states import ImportStatus
from apps.partners.api.structs.common import PageQuery

Kind = Literal["products", "prices", "stock"]
Status = Annotated[str, Meta(extra_json_schema={"enum": ImportStatus.values})]
ColumnName = Literal[  # type: ignore[valid-type]
    ("", *dict.fromkeys(item.name for at in LAYOUTS.values() for item in at.columns if item.reader))
]
Header = Annotated[str, Meta(max_length=500)]
Columns = Annotated[
    dict[Header, ColumnName],  # type: ignore[valid-type]
    Meta(
        max_length=100,
        description='Names of the sheet\'s header and what they mean; `""` leaves a column out. '
        "Without any, columns are recognised by their names in English and Chinese.",
        examples=[{"Item number": "sku", "Grams": "weight_g"}],
    ),
]
DecimalMark = Annotated[Literal[".", ","], Meta(description="What parts decimals in the sheet")]


class NewImport(msgspec.Struct, forbid_unknown_fields=True):
    """What the rows of a sheet are, and what its columns mean."""

    kind: Kind
    columns: Columns = {}
    decimal_mark: DecimalMark = "."


class ColumnsOfImport(msgspec.Struct, forbid_unknown_fields=True):
    """What the columns of a sheet mean."""

    columns: Columns = {}
    decimal_mark: DecimalMark = "."


class ImportQuery(PageQuery, forbid_unknown_fields=True):
    """Which imports."""

    kind: Kind | None = None


class IssueQuery(PageQuery, forbid_unknown_fields=True):
    """Which problems: found by the check, while applying, or while undoing."""

    phase: Literal["check", "apply", "undo"] = "check"


class TemplateQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Of which kind."""

    kind: Kind


class ImportView(msgspec.Struct):
    """An import: where it stands and what became of its rows.

    `problem` says why the sheet could not be read, or why its columns do not fit. `new` to `wrong`
    count what the check found, `made` to `refused` what applying did, `restored` and `not_restored`
    what undoing did. `columns` are the meanings in the order of `header`.
    """

    id: str
    kind: str
    file_name: str
    status: Status
    problem: str
    job: str
    header: list[str]
    columns: list[str]
    rows: int
    new: int
    changed: int
    unchanged: int
    wrong: int
    warnings: int
    applied_rows: int
    made: int
    updated: int
    kept: int
    refused: int
    restored: int
    not_restored: int
    undo_until: datetime | None
    created_at: datetime
    updated_at: datetime


class ImportPage(msgspec.Struct):
    """One page of imports."""

    items: list[ImportView]
    next_cursor: str | None


class ImportIssueView(msgspec.Struct):
    """What is wrong with a row (`column` is empty) or a cell; a warning does not keep it from being applied.

    `row` is the number in the sheet as a spreadsheet shows it.
    """

    row: int
    column: str
    code: str
    detail: str
    is_warning: bool


class ImportIssuePage(msgspec.Struct):
    """One page of problems, by row."""

    items: list[ImportIssueView]
    next_cursor: str | None
