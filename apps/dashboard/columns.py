"""Columns of the order list: what a person chose to see, on the page and in the exported file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Always there, and always first: it opens the order.
FIRST = "order"
DEFAULT = ("items", "buyer", "total", "due", "status")
LABELS: dict[str, str | Promise] = {
    "items": _("Items"),
    "buyer": _("Buyer"),
    "total": _("Total"),
    "due": _("Ship by"),
    "status": _("Status"),
    "tags": _("Tags"),
    "model": _("Fulfilment"),
    "country": _("Ship to"),
    "channel": _("Channel"),
    "content": _("Live or video"),
    "reference": _("Reference"),
}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column as the menu offers it."""

    name: str
    label: str | Promise
    is_shown: bool


def read_columns(text: str) -> tuple[str, ...]:
    """Return the columns of a kept choice; unknown ones are left out, none at all means the usual."""
    return clean_columns(text.split(",")) or DEFAULT


def clean_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return the known columns among ``names``, once each and in their order."""
    return tuple(name for name in dict.fromkeys(names) if name in LABELS)


def list_choices(shown: tuple[str, ...]) -> list[ColumnChoice]:
    """Return the columns that are shown in their order, then the others."""
    others = [name for name in LABELS if name not in shown]
    return [ColumnChoice(name, LABELS[name], name in shown) for name in (*shown, *others)]


def move_column(shown: tuple[str, ...], name: str, step: int) -> tuple[str, ...]:
    """Return the columns with ``name`` one place nearer the start (-1) or the end (1)."""
    if name not in shown:
        return shown
    rest = [other for other in shown if other != name]
    place = max(0, min(len(rest), shown.index(name) + step))
    return (*rest[:place], name, *rest[place:])
