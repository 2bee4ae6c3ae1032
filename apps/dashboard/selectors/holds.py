"""Holds in the language of the reader: cause, fix and kind."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.compliance.models import CheckRun
from apps.compliance.sentences import explain_hold
from apps.orders.models import Order, OrderHold

MANUAL = "manual"
ADDRESS = CheckRun.Kind.ADDRESS.value
DECLARATION = CheckRun.Kind.DECLARATION.value


@dataclass(frozen=True, slots=True)
class HoldWords:
    """A hold as a page tells it; ``kind`` chooses the fix that is offered."""

    hold: OrderHold
    kind: str
    title: str
    reason: str
    fix: str


def hold_name(kind: str) -> str:
    """Return a hold's kind in words."""
    names = {
        ADDRESS: _("address"),
        DECLARATION: _("customs data"),
        MANUAL: _("held by hand"),
    }
    return names.get(kind, kind.replace("_", " ").replace(".", " "))


def tell_hold(hold: OrderHold, order: Order) -> HoldWords:
    """Return cause and fix of a hold; those of checks are said anew in the page's language."""
    reason, fix = hold.reason, hold.fix
    if hold.kind in {ADDRESS, DECLARATION} and hold.details.get("findings"):
        told = explain_hold(hold.kind, hold.details, order.ship_to_country)
        reason, fix = told.reason or reason, told.fix
    title = _("This order waits: %(kind)s") % {"kind": hold_name(hold.kind)}
    return HoldWords(hold, hold.kind, title, reason, fix)
