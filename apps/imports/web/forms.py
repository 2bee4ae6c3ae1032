"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.imports.cells import Cell
from apps.imports.layouts import Layout
from apps.imports.models import ImportRun


class UploadForm(forms.Form):
    """A sheet, and what its rows are."""

    kind = forms.ChoiceField(label=gettext_lazy("What the rows are"))
    file = forms.FileField(
        label=gettext_lazy("Sheet"),
        help_text=gettext_lazy(
            "CSV or XLSX, up to 30 MB and 200,000 rows. The first row names the columns."
        ),
        error_messages={
            "required": gettext_lazy("Choose the sheet."),
            "empty": gettext_lazy("The file is empty. Choose the sheet again."),
        },
    )

    def __init__(self, *args: object, kinds: Sequence[str], **kwargs: object) -> None:
        """Offer the kinds that the person may import."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(kind, ImportRun.Kind(kind).label) for kind in kinds]
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,.xlsx"


@dataclass(frozen=True, slots=True)
class ColumnField:
    """One column of the sheet on the page: its header, a few cells, and what it means."""

    position: int
    header: str
    cells: tuple[str, ...]
    chosen: str

    @property
    def name(self) -> str:
        """The field's name in the form."""
        return f"column-{self.position}"


def column_fields(
    run: ImportRun, chosen: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> list[ColumnField]:
    """Return the columns of a sheet with the first cells of each."""
    return [
        ColumnField(
            position,
            header or _("Column %(number)s") % {"number": position + 1},
            tuple(_shown(row[position]) for row in rows if position < len(row)),
            chosen[position] if position < len(chosen) else "",
        )
        for position, header in enumerate(run.header)
    ]


def _shown(cell: Cell) -> str:
    if isinstance(cell, dict):
        return cell.get("date", "")
    return "" if cell is None else str(cell)[:60]


def choices_of(layout: Layout) -> list[tuple[str, str]]:
    """Return what a column may mean, with a star at what is needed."""
    return [
        (column.name, f"{column.label} *" if column.required else str(column.label))
        for column in layout.columns
        if not column.is_info
    ]


def read_columns(posted: Mapping[str, str], count: int) -> list[str]:
    """Return what was chosen for each column."""
    return [str(posted.get(f"column-{position}", ""))[:40] for position in range(count)]
