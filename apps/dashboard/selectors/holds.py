"""Holds in the language of the reader: cause, fix and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.compliance.duplicates import KIND as DUPLICATE
from apps.compliance.models import CheckRun
from apps.compliance.sentences import Explanation, explain_hold
from apps.fulfillment.routing import NO_ROUTE_HOLD
from apps.fulfillment.routing.sentences import tell_no_route
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
    other_number: str = ""


def hold_name(kind: str) -> str:
    """Return a hold's kind in words."""
    names = {
        ADDRESS: _("address"),
        DECLARATION: _("customs data"),
        MANUAL: _("held by hand"),
        "customs": _("customs"),
        "party": _("party screening"),
        "platform": _("held by the platform"),
        "risk": _("risk check"),
        DUPLICATE: _("possible duplicate"),
        NO_ROUTE_HOLD: _("no way is open"),
    }
    return names.get(kind, kind.replace("_", " ").replace(".", " "))


def explain_check(kind: str, details: Mapping[str, object], country: str) -> Explanation | None:
    """Return what a check found in the page's language; nothing for a hold no check placed."""
    if kind not in {ADDRESS, DECLARATION} or not details.get("findings"):
        return None
    return explain_hold(kind, details, country)


def tell_hold(hold: OrderHold, order: Order) -> HoldWords:
    """Return cause and fix of a hold; those of checks are said anew in the page's language."""
    reason, fix = hold.reason, hold.fix
    if told := explain_check(hold.kind, hold.details, order.ship_to_country):
        reason, fix = told.reason or reason, told.fix
    if hold.kind == NO_ROUTE_HOLD:
        reason = tell_no_route(hold.details)
        fix = _("Correct what is named, or ask the operator for a way. Then release the hold.")
    other = str(hold.details.get("other_number", "")) if hold.kind == DUPLICATE else ""
    if other:
        reason = _duplicate_reason(hold, other)
        fix = _("Release the hold if both are wanted; else cancel one of them.")
    title = _("This order waits: %(kind)s") % {"kind": hold_name(hold.kind)}
    return HoldWords(hold, hold.kind, title, reason, fix, other)


def _duplicate_reason(hold: OrderHold, other: str) -> str:
    apart = hold.details.get("minutes_apart")
    minutes = apart if isinstance(apart, int) else 0
    return ngettext(
        "The same buyer placed order %(number)s %(minutes)s minute apart, with the same items and"
        " total.",
        "The same buyer placed order %(number)s %(minutes)s minutes apart, with the same items and"
        " total.",
        minutes,
    ) % {"number": other, "minutes": minutes}
