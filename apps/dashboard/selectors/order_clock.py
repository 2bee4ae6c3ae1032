"""By when an order must leave, what happens then, and what stopped its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.common.formatting import format_span, zone_city
from apps.dashboard.selectors.holds import hold_name
from apps.jobs.deadlines import find_deadline
from apps.orders.clocks import CUT_OFF
from apps.orders.models import DeadlinePause, Order
from apps.orders.services.writing import AUTO_CANCEL
from apps.orders.states import OPEN


@dataclass(frozen=True, slots=True)
class PauseWords:
    """A span in which the clock stood; ``moved`` is what it gave back, empty while it stands."""

    reason: str
    started_at: datetime
    ended_at: datetime | None
    moved: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of an order that has not left."""

    ship_by_at: datetime
    cancel_at: datetime | None
    is_paused: bool
    why: str
    pauses: tuple[PauseWords, ...]


def tell_clock(order: Order) -> Clock | None:
    """Return the clock of an order, nothing once it has left or ended (two statements)."""
    if order.status not in OPEN:
        return None
    due = find_deadline(AUTO_CANCEL, order.public_id)
    pauses = DeadlinePause.objects.filter(order=order).order_by("-pk")
    told = tuple(
        PauseWords(
            hold_name(pause.reason),
            pause.started_at,
            pause.ended_at,
            format_span(timedelta(seconds=pause.moved_s)) if pause.ended_at else "",
        )
        for pause in pauses
    )
    return Clock(
        order.ship_by_at,
        due.due_at if due is not None else None,
        any(pause.ended_at is None for pause in told),
        _("Counted in working days of %(city)s; orders after %(hour)s count from the next day.")
        % {"city": zone_city(order.merchant.time_zone), "hour": CUT_OFF.strftime("%H:%M")},
        told,
    )
