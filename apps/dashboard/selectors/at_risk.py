"""What will be late or be cancelled by itself, why, and the fix: open orders by their deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.common.money import Money
from apps.common.pagination import Page, paginate
from apps.dashboard.selectors.holds import tell_hold
from apps.dashboard.selectors.order_list import load_parts
from apps.dashboard.selectors.order_rows import OrderRow, rows_of
from apps.dashboard.selectors.todos import in_base
from apps.fulfillment.models import Parcel
from apps.fulfillment.states import ParcelStatus
from apps.jobs.models import Deadline
from apps.merchants.models import Merchant
from apps.orders.models import Order
from apps.orders.services.writing import AUTO_CANCEL
from apps.orders.states import OrderStatus

# What is due within this is at risk; a carrier that says nothing for so long is silent.
HORIZON = timedelta(hours=48)
SILENCE = timedelta(days=5)
SILENT_SHOWN = 20
PAGE_SIZE = 50
_AGE_S = 10
_SILENT_AGE_S = 60


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a row: a sentence, and its button; ``is_post`` ships at once."""

    cause: str
    button: str
    url: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class RiskRow:
    """An order with its deadline, when it is cancelled by itself, why it stands still and the fix."""

    row: OrderRow
    cancel_at: datetime | None
    is_late: bool
    fix: Fix


@dataclass(frozen=True, slots=True)
class Risk:
    """How many orders are at risk, how many of them late, and what they are worth together."""

    count: int
    late: int
    worth: Money | None


@dataclass(frozen=True, slots=True)
class Silent:
    """A parcel under way of which the carrier has said nothing for days."""

    number: str
    tracking_number: str
    shipment_url: str
    last_at: datetime


def _at_risk(merchant: Merchant, now: datetime) -> Q:
    return Q(merchant=merchant, open_due_at__lt=now + HORIZON)


def sum_risk(merchant: Merchant, *, now: datetime) -> Risk:
    """Return count and worth of what is at risk, at most ten seconds old."""
    name = f"dashboard.at_risk.{merchant.pk}"
    known: Risk | None = cache.get(name)
    if known is None:
        summed = (
            Order.objects.filter(_at_risk(merchant, now))
            .values("currency")
            .annotate(
                units=Count("pk"),
                late=Count("pk", filter=Q(open_due_at__lt=now)),
                money=Sum("total_minor"),
            )
        )
        rows = list(summed.order_by("currency").values_list("currency", "units", "late", "money"))
        known = Risk(
            sum(row[1] for row in rows),
            sum(row[2] for row in rows),
            in_base(merchant, {row[0]: row[3] for row in rows}, now),
        )
        cache.set(name, known, _AGE_S)
    return known


def page_of_risk(merchant: Merchant, *, cursor: str, now: datetime) -> Page[RiskRow]:
    """Return a page of the orders at risk, the next deadline first; at most five statements."""
    found = Order.objects.filter(_at_risk(merchant, now))
    page = paginate(
        found.defer("buyer_sealed", "buyer_key"),
        key="open_due_at",
        cursor=cursor,
        size=PAGE_SIZE,
        descending=False,
    )
    load_parts(page.rows)
    cancelled = _cancel_times(page.rows)
    rows = [
        RiskRow(
            row, cancelled.get(row.order.public_id), row.order.ship_by_at < now, fix_of(row.order)
        )
        for row in rows_of(merchant, page.rows)
    ]
    return Page(rows, page.next_cursor, page.previous_cursor)


def _cancel_times(rows: Sequence[Order]) -> dict[str, datetime]:
    open_ones = Deadline.objects.filter(
        kind=AUTO_CANCEL, subject_id__in=[order.public_id for order in rows], done_at=None
    )
    return dict(open_ones.values_list("subject_id", "due_at")) if rows else {}


def fix_of(order: Order) -> Fix:
    """Return why an open order stands still and what ends that; its open holds must be loaded."""
    page = reverse("dashboard:order", args=[order.number])
    holds = getattr(order, "open_holds", [])
    if holds:
        told = tell_hold(holds[0], order)
        return Fix(told.reason or told.title, _("Fix"), page)
    if order.status == OrderStatus.PENDING:
        return Fix(_("Its checks have not run yet."), _("Look"), page)
    if order.status == OrderStatus.CONFIRMED:
        return Fix(_("It has no label yet."), _("Look"), page)
    ship = reverse("dashboard:order_ship", args=[order.number])
    return Fix(_("It is ready but not handed over."), _("Ship"), ship, is_post=True)


def list_silent(merchant: Merchant, *, now: datetime) -> list[Silent]:
    """Return the parcels whose carriers are silent longest, at most a minute old."""
    name = f"dashboard.silent_parcels.{merchant.pk}"
    known: list[Silent] | None = cache.get(name)
    if known is None:
        quiet = Q(last_event_at__lt=now - SILENCE) | Q(
            last_event_at=None, shipment__tendered_at__lt=now - SILENCE
        )
        found = Parcel.objects.filter(quiet, merchant=merchant, status=ParcelStatus.TENDERED)
        rows = found.annotate(left=F("shipment__tendered_at")).order_by("last_event_at", "pk")
        known = [
            Silent(
                number,
                tracking,
                reverse("dashboard:shipment", args=[shipment]),
                last or left,
            )
            for number, tracking, shipment, last, left in rows.values_list(
                "shipment__order__number",
                "tracking_number",
                "shipment__public_id",
                "last_event_at",
                "left",
            )[:SILENT_SHOWN]
        ]
        cache.set(name, known, _SILENT_AGE_S)
    return known
