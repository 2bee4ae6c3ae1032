"""What the page of one order shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common.formatting import format_moment, format_near_day
from apps.dashboard.selectors import order_list
from apps.dashboard.selectors.list_state import ListState
from apps.finance.selectors import Economics
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderLine
from apps.orders.states import OPEN, OrderStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the order's way; ``state`` is ``done``, ``now`` or empty."""

    label: str
    note: str
    state: str = ""


def list_steps(
    order: Order, economics: Economics | None, *, waits_for: str, now: datetime
) -> list[Step]:
    """Return the way of an order with dates, up to the day the merchant is paid."""
    if order.status == OrderStatus.CANCELLED:
        return [
            Step(_("Placed"), _at(order.placed_at, now), "done"),
            Step(_("Cancelled"), _at(order.cancelled_at, now), "now"),
        ]
    moments = [
        (_("Placed"), order.placed_at, ""),
        (_("Checked"), order.confirmed_at, _("address, customs data")),
        (_("Label"), order.allocated_at, ""),
        (_("Ship"), order.shipped_at, _by(order.ship_by_at, now)),
        (_("Deliver"), order.delivered_at, ""),
        (_("You are paid"), order.completed_at, _paid(economics, now)),
    ]
    steps: list[Step] = []
    reached = False
    for label, moment, expected in moments:
        if moment is not None:
            steps.append(Step(label, _at(moment, now), "done"))
            continue
        state = "" if reached else "now"
        reached = True
        steps.append(_waiting(order, Step(label, expected, state), waits_for))
    return steps


def _waiting(order: Order, step: Step, waits_for: str) -> Step:
    is_held = step.state == "now" and order.open_hold_count and order.status in OPEN
    return Step(_("On hold"), waits_for, step.state) if is_held else step


def _at(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return format_moment(moment, zone=timezone.get_current_timezone(), now=now)


def _by(moment: datetime, now: datetime) -> str:
    return _("by %(moment)s") % {"moment": _at(moment, now)}


def _paid(economics: Economics | None, now: datetime) -> str:
    if economics is None:
        return ""
    if economics.paid_on is None:
        return _("%(days)s days after delivery") % {"days": economics.window_days}
    today = now.astimezone(timezone.get_current_timezone()).date()
    return format_near_day(economics.paid_on, today=today)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The orders before and after this one in the list the person came from."""

    previous: str
    following: str


def find_neighbours(
    merchant: Merchant, order: Order, state: ListState, *, now: datetime
) -> Neighbours:
    """Return the numbers of the neighbours in a list (two statements)."""
    key, descending = state.key, state.is_descending
    found = order_list.select_orders(merchant, state, now=now)
    # An order that left the list of open ones keeps the place it had there.
    value = order.ship_by_at if key == "open_due_at" else getattr(order, key)
    after = Q(**{f"{key}__gt": value}) | Q(**{key: value, "pk__gt": order.pk})
    before = Q(**{f"{key}__lt": value}) | Q(**{key: value, "pk__lt": order.pk})
    higher = found.filter(after).order_by(key, "pk").values_list("number", flat=True).first() or ""
    lower = (
        found.filter(before).order_by(f"-{key}", "-pk").values_list("number", flat=True).first()
        or ""
    )
    return Neighbours(higher, lower) if descending else Neighbours(lower, higher)


def list_lines(order: Order) -> list[OrderLine]:
    """Return the lines with their products, in order."""
    lines = OrderLine.objects.filter(order=order).select_related("variant__product", "node")
    return list(lines.order_by("position"))


def count_other_orders(merchant: Merchant, order: Order) -> int:
    """Return how many other orders the same buyer placed, by the blind index."""
    if not order.buyer_index:
        return 0
    same = Order.objects.filter(merchant=merchant, buyer_index=order.buyer_index)
    return int(same.exclude(pk=order.pk).count())
