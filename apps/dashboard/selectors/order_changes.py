"""Changes, families and requests of one order, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.formatting import format_money, join_words
from apps.orders.family_selectors import relation_of
from apps.orders.models import CancelRequest, Order, OrderChange
from apps.orders.rules import CANCEL_CODES
from apps.orders.states import CancelCode, ChangeKind, Party


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change as a page tells it; ``money`` is what it did to the total."""

    at: datetime
    title: str
    detail: str
    money: str
    note: str


@dataclass(frozen=True, slots=True)
class Relative:
    """An order of the same family and what it is to this one."""

    order: Order
    relation: str


def tell_changes(changes: Sequence[OrderChange], currency: str) -> list[ChangeWords]:
    """Return changes in words, in the order given."""
    return [
        ChangeWords(
            at=change.made_at,
            title=str(ChangeKind(change.kind).label),
            detail=_detail(change, currency),
            money=format_money(change.total_minor, currency, sign=True)
            if change.total_minor
            else "",
            note=change.note,
        )
        for change in changes
    ]


def _detail(change: OrderChange, currency: str) -> str:
    details: Mapping[str, object] = change.details
    other = change.other.number if change.other is not None else ""
    if change.kind == ChangeKind.UNITS:
        return f"{_units(details)} · {CancelCode(change.code).label}"
    if change.kind == ChangeKind.SPLIT_OFF:
        return _("%(units)s to %(number)s") % {"units": _units(details), "number": other}
    if change.kind == ChangeKind.JOINED:
        return _("from %(number)s") % {"number": other}
    if change.kind == ChangeKind.SWAP:
        before = details["before"]
        was = before["sku"] if isinstance(before, dict) else ""
        return _("%(old)s replaced by %(new)s") % {"old": was, "new": details["sku"]}
    before_fee = format_money(int(str(details["before_minor"])), currency)
    return _("The fee was %(fee)s") % {"fee": before_fee}


def _units(details: Mapping[str, object]) -> str:
    lines = details.get("lines")
    found = lines if isinstance(lines, list) else []
    return join_words(f"{line['units']} × {line['sku']}" for line in found)


def tell_family(order: Order, family: Sequence[Order]) -> list[Relative]:
    """Return the relatives of an order with what they are to it."""
    names = {
        "parent": _("split from"),
        "child": _("split off"),
        "joined_into": _("joined into"),
        "joined": _("joined with this one"),
    }
    return [Relative(other, names[relation_of(order, other)]) for other in family]


def reason_choices() -> list[tuple[str, str]]:
    """Return the merchant's reasons to cancel, as choices."""
    return [(code.value, str(code.label)) for code in CANCEL_CODES[Party.MERCHANT]]


def tell_request(request: CancelRequest) -> str:
    """Return who asks to cancel and why, as one sentence."""
    party = Party(request.party).label
    return _("%(party)s asks to cancel: %(reason)s") % {
        "party": party,
        "reason": CancelCode(request.code).label,
    }
