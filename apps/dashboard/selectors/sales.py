"""Sales over time and by market, in the company's own currency and reporting zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncHour

from apps.common.money import Money
from apps.dashboard.selectors.rates import load_rates
from apps.dashboard.words import country_name
from apps.merchants.models import Merchant
from apps.orders.models import Order
from apps.orders.states import OrderStatus

PERIODS = {"1": 1, "7": 7, "28": 28}
MARKET_DAYS = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """Sales of one market on one day of the reporting zone; ``sales`` is in minor base units."""

    day: date
    market: str
    zone: str
    sales: int
    orders: int
    shipped: int
    on_time: int


@dataclass(frozen=True, slots=True)
class SalesBook:
    """All cells of the longest period and the one before it."""

    cells: tuple[Cell, ...]
    currency: str
    today: date
    has_gap: bool

    def days(self, count: int, *, back: int = 0) -> list[date]:
        """Return ``count`` days that end ``back`` days ago, the oldest first."""
        last = self.today - timedelta(days=back)
        return [last - timedelta(days=index) for index in range(count - 1, -1, -1)]

    def sales_on(self, days: Sequence[date]) -> list[int]:
        """Return minor base units per day."""
        sums = dict.fromkeys(days, 0)
        for cell in self.cells:
            if cell.day in sums:
                sums[cell.day] += cell.sales
        return list(sums.values())

    def orders_on(self, days: Sequence[date]) -> list[int]:
        """Return the number of orders per day."""
        sums = dict.fromkeys(days, 0)
        for cell in self.cells:
            if cell.day in sums:
                sums[cell.day] += cell.orders
        return list(sums.values())


def reporting_zone(merchant: Merchant) -> zoneinfo.ZoneInfo:
    """Return the zone in which the company counts its days."""
    return zoneinfo.ZoneInfo(merchant.time_zone)


def day_start(day: date, zone: zoneinfo.ZoneInfo) -> datetime:
    """Return the first moment of a day of the zone."""
    return datetime.combine(day, time(), tzinfo=zone)


def load_sales(merchant: Merchant, *, now: datetime) -> SalesBook:
    """Return the sales of the last 56 days in two statements, cancelled orders left out.

    The database sums per hour of UTC and the hours are put into local days here, because MariaDB
    converts zones only where its zone tables are loaded. A zone whose offset is no whole hour gets
    its hours shifted by the rest.
    """
    zone = reporting_zone(merchant)
    today = now.astimezone(zone).date()
    since = day_start(today - timedelta(days=2 * max(PERIODS.values()) - 1), zone)
    offset = now.astimezone(zone).utcoffset() or timedelta(0)
    rest = offset % timedelta(hours=1)
    counted = Order.objects.filter(merchant=merchant, placed_at__gte=since, placed_at__lte=now)
    columns = ("hour", "currency", "market__code", "market__time_zone")
    rows = (
        counted.exclude(status=OrderStatus.CANCELLED)
        .annotate(hour=TruncHour(F("placed_at") + rest, tzinfo=UTC))
        .values(*columns)
        .annotate(
            sales=Sum("total_minor"),
            units=Count("pk"),
            shipped=Count("shipped_at"),
            on_time=Count("pk", filter=Q(shipped_at__lte=F("ship_by_at"))),
        )
        .order_by("hour")
        .values_list(*columns, "sales", "units", "shipped", "on_time")
    )
    return _book(merchant, list(rows), zone=zone, rest=rest, today=today)


_Row = tuple[datetime, str, str, str, int, int, int, int]


def _book(
    merchant: Merchant,
    rows: list[_Row],
    *,
    zone: zoneinfo.ZoneInfo,
    rest: timedelta,
    today: date,
) -> SalesBook:
    currencies = {row[1] for row in rows}
    first = min((row[0].date() for row in rows), default=today)
    rates = load_rates(merchant.base_currency, currencies, since=first, until=today)
    cells: list[Cell] = []
    has_gap = False
    for hour, currency, market, market_zone, sales, units, shipped, on_time in rows:
        day = (hour - rest).astimezone(zone).date()
        converted = rates.convert(sales, currency, min(hour.date(), today))
        has_gap = has_gap or converted is None
        minor = converted.minor if converted else 0
        cells.append(Cell(day, market, market_zone, minor, units, shipped, on_time))
    return SalesBook(tuple(cells), merchant.base_currency, today, has_gap)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the card: its value, its change against the period before, its trend."""

    value: int
    change: Decimal | None
    trend: tuple[int, ...]

    @property
    def is_rising(self) -> bool:
        """Whether it is higher than before."""
        return self.change is not None and self.change >= 0


def measure(now: Sequence[int], before: Sequence[int]) -> Measure:
    """Return a figure with its change as a ratio.

    There is none when the period before was not lived through: a merchant who began to sell near
    its end would read of a rise of thousands of percent.
    """
    total, previous = sum(now), sum(before)
    was_selling = any(before[: (len(before) + 1) // 2])
    change = Decimal(total - previous) / previous if previous and was_selling else None
    return Measure(total, change, tuple(now))


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One market of the last seven days."""

    code: str
    sales: Money
    share: Decimal
    orders: int
    trend: tuple[int, ...]
    on_time: Decimal | None

    @property
    def name(self) -> str:
        """The country's name in the page's language."""
        return country_name(self.code)


def by_market(book: SalesBook, *, limit: int = 8) -> list[MarketRow]:
    """Return the markets of the last seven days by sales."""
    days = book.days(MARKET_DAYS)
    known = set(days)
    groups: dict[str, list[Cell]] = {}
    for cell in book.cells:
        if cell.day in known:
            groups.setdefault(cell.market, []).append(cell)
    whole = sum(cell.sales for group in groups.values() for cell in group)
    rows = [_market_row(code, group, days, whole, book) for code, group in groups.items()]
    return sorted(rows, key=lambda row: (-row.sales.minor, -row.orders, row.code))[:limit]


def _market_row(
    code: str, group: list[Cell], days: list[date], whole: int, book: SalesBook
) -> MarketRow:
    trend = dict.fromkeys(days, 0)
    for cell in group:
        trend[cell.day] += cell.sales
    sales, shipped = sum(trend.values()), sum(cell.shipped for cell in group)
    on_time = sum(cell.on_time for cell in group)
    return MarketRow(
        code=code,
        sales=Money.from_minor(sales, book.currency),
        share=Decimal(sales) / whole if whole else Decimal(0),
        orders=sum(cell.orders for cell in group),
        trend=tuple(trend.values()),
        on_time=Decimal(on_time) / shipped if shipped else None,
    )


def busiest_zones(book: SalesBook, *, limit: int = 4) -> list[str]:
    """Return the time zones of the markets with most orders, for the clocks."""
    counts: dict[str, int] = {}
    for cell in book.cells:
        counts[cell.zone] = counts.get(cell.zone, 0) + cell.orders
    return sorted(counts, key=lambda zone: (-counts[zone], zone))[:limit]
