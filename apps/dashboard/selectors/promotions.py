"""What the promotion list and its calendar show."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict

from apps.common.money import Money
from apps.common.pagination import Page, paginate
from apps.compliance.promoting.performance import Taken, sum_taken
from apps.compliance.promoting.simulating import lines_of
from apps.dashboard.promotion_words import KINDS, goods_text, kind_label, moment_text
from apps.merchants.models import Merchant
from apps.promotions.models import Promotion, PromotionMarket
from apps.promotions.states import PromotionStatus

PAGE_SIZE = 50
ENDS_TODAY = "ends_today"
SHOWN_A_DAY = 4


@dataclass(frozen=True, slots=True)
class ListState:
    """The promotion list as its address says; every field has the value of an empty address."""

    status: str = ""
    kind: str = ""
    market: str = ""
    query: str = ""
    cursor: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list within its tab."""
        return bool(self.kind or self.market or self.query)

    def as_query(self, **changes: str) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self
        pairs = {
            "status": state.status,
            "kind": state.kind,
            "market": state.market,
            "q": state.query,
        }
        return urlencode({name: value for name, value in pairs.items() if value})


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    status, kind = query.get("status", ""), query.get("kind", "")
    market = query.get("market", "").upper()
    return ListState(
        status=status if status in PromotionStatus.values else "",
        kind=kind if kind in KINDS else "",
        market=market if len(market) == 2 and market.isascii() and market.isalpha() else "",
        query=query.get("q", "").strip()[:100],
        cursor=query.get("cursor", "")[:200],
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One promotion of the list."""

    promotion: Promotion
    markets: tuple[str, ...]
    taken: tuple[Taken, ...]
    now: datetime

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return kind_label(self.promotion.kind)

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        known = KINDS.get(self.promotion.kind)
        return known.icon if known is not None else "percent"

    @property
    def badge(self) -> str:
        """Its state; one that ends today says so."""
        return badge_of(self.promotion, self.now)

    @property
    def goods(self) -> str:
        """What it applies to, in a few words."""
        return goods_text(self.promotion.rule)

    @property
    def starts(self) -> str:
        """Its start, in the time of each market."""
        return moment_text(self.promotion.starts_local, today=self.now.date())

    @property
    def ends(self) -> str:
        """Its end, in the time of each market."""
        return moment_text(self.promotion.ends_local, today=self.now.date())

    @property
    def units(self) -> int:
        """Units sold with it."""
        return sum(one.units for one in self.taken)

    @property
    def worst(self) -> Money | None:
        """What is kept of a unit in the worst case that was found when it was published."""
        lines = lines_of(self.promotion.simulation)
        if not lines:
            return None
        return Money.from_minor(int(str(lines[0]["kept_worst_minor"])), str(lines[0]["currency"]))

    @property
    def is_loss(self) -> bool:
        """Whether that is less than nothing."""
        return self.worst is not None and self.worst.minor < 0


def badge_of(promotion: Promotion, now: datetime) -> str:
    """Return the badge of a promotion: its state, or that it ends today in its first market."""
    if promotion.status != PromotionStatus.ACTIVE or not promotion.ends_local:
        return str(promotion.status)
    zones = [row.market.time_zone for row in promotion.markets.all()]
    today = now.astimezone(ZoneInfo(zones[0])) if zones else now
    return ENDS_TODAY if promotion.ends_local[:10] <= f"{today:%Y-%m-%d}" else "active"


def page_of_promotions(
    merchant: Merchant, state: ListState, *, now: datetime, size: int = PAGE_SIZE
) -> tuple[Page[Promotion], list[Row]]:
    """Return a page of the state, the newest first; three statements."""
    found = _filtered(_with_markets(merchant), state)
    page = paginate(found, key="id", cursor=state.cursor, size=size, is_time=False)
    taken = sum_taken([promotion.pk for promotion in page.rows])
    rows = [
        Row(
            promotion,
            tuple(row.market.code for row in promotion.markets.all()),
            tuple(taken.get(promotion.pk, ())),
            now,
        )
        for promotion in page.rows
    ]
    return page, rows


def _with_markets(merchant: Merchant) -> QuerySet[Promotion]:
    markets = PromotionMarket.objects.filter(merchant=merchant).select_related("market")
    promotions: QuerySet[Promotion] = Promotion.objects.filter(merchant=merchant)
    return promotions.prefetch_related(Prefetch("markets", markets.order_by("market__code")))


def _filtered(promotions: QuerySet[Promotion], state: ListState) -> QuerySet[Promotion]:
    if state.status:
        promotions = promotions.filter(status=state.status)
    if state.kind:
        promotions = promotions.filter(kind=state.kind)
    if state.market:
        promotions = promotions.filter(markets__market__code=state.market)
    if state.query:
        promotions = promotions.filter(name__icontains=state.query)
    return promotions


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar with the promotions of that day."""

    on: date
    is_in_month: bool
    is_today: bool
    rows: tuple[Row, ...]

    @property
    def shown(self) -> tuple[Row, ...]:
        """Those that have room."""
        return self.rows[:SHOWN_A_DAY]

    @property
    def more(self) -> int:
        """How many have none."""
        return max(len(self.rows) - SHOWN_A_DAY, 0)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar in weeks that begin on Monday."""

    first: date
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def before(self) -> str:
        """The month before, as addresses name it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as addresses name it."""
        return f"{self.first + timedelta(days=31):%Y-%m}"


def read_month(text: str, today: date) -> date:
    """Return the first day of the month an address names, else of this one."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        found = today
    return found.replace(day=1) if 2000 <= found.year <= 2100 else today.replace(day=1)


def month_of_promotions(
    merchant: Merchant, state: ListState, first: date, *, now: datetime
) -> Month:
    """Return the promotions of a month by days, in the time of each market; two statements."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    since, until = weeks[0][0], weeks[-1][-1] + timedelta(days=1)
    found = _filtered(_with_markets(merchant), state).filter(starts_local__lt=f"{until}")
    rows = [
        Row(one, tuple(item.market.code for item in one.markets.all()), (), now)
        for one in found.order_by("starts_local", "id")
        if not one.ends_local or one.ends_local > f"{since}"
    ]
    today = now.date()
    return Month(
        first,
        tuple(
            tuple(Day(day, day.month == first.month, day == today, _on(rows, day)) for day in week)
            for week in weeks
        ),
    )


def _on(rows: Sequence[Row], day: date) -> tuple[Row, ...]:
    """Return the promotions that run at some time of a day."""
    begin, end = f"{day}T00:00", f"{day + timedelta(days=1)}T00:00"
    return tuple(
        row
        for row in rows
        if row.promotion.starts_local < end
        and (not row.promotion.ends_local or row.promotion.ends_local > begin)
        and not _has_ended_before(row.promotion, day)
    )


def _has_ended_before(promotion: Promotion, day: date) -> bool:
    return promotion.ended_at is not None and promotion.ended_at.date() < day
