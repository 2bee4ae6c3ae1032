"""What needs the merchant: facts free of language, and the sentences made of them.

The same facts make Home's list, the notifications and the counts in the navigation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Count, Max, Min, Q, Sum, Value, When

from apps.catalog.models import Listing, Product
from apps.catalog.states import ListingStatus
from apps.common.money import Money
from apps.dashboard.selectors.list_state import day_ends
from apps.dashboard.selectors.product_list import count_sold_out
from apps.dashboard.selectors.rates import load_rates
from apps.jobs.models import Job
from apps.merchants import concerns
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderHold
from apps.orders.states import OPEN, OrderStatus

FAILED_JOB_DAYS = 7
_Sums = dict[str, int]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that needs somebody.

    ``kind`` is ``late``, ``ship``, ``next``, ``hold``, ``rejected``, ``sold_out``, ``job`` or one
    that another app registered; ``permission`` is what seeing it needs. ``detail`` is a sentence
    kept with the data (a hold's reason) or the code of a refusal, ``findings`` with the ``country`` is
    what a check found, to be said in the reader's language; ``at`` is when it last grew.
    """

    kind: str
    count: int
    at: datetime
    subject: str = ""
    detail: str = ""
    findings: Mapping[str, object] = field(default_factory=dict)
    country: str = ""
    due_at: datetime | None = None
    since: datetime | None = None
    markets: tuple[tuple[str, int], ...] = ()
    risk: Money | None = None
    is_ready: bool = True
    permission: str = ""

    @property
    def key(self) -> str:
        """The name under which a person marks it as read."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


def collect_facts(merchant: Merchant, *, now: datetime) -> list[Fact]:
    """Return what needs the merchant now, by deadline and then by money at risk.

    Five statements, a sixth when orders are held, at most three once a minute for what sold out, and
    those of the kinds that other apps registered.
    """
    facts = [
        *_shipping_facts(merchant, now),
        *_hold_facts(merchant, now),
        *_listing_facts(merchant, now),
        *_job_facts(merchant, now),
        *_registered_facts(merchant, now),
    ]
    return sorted(facts, key=_rank)


def _rank(fact: Fact) -> tuple[bool, datetime, int, str]:
    risk = fact.risk.minor if fact.risk else 0
    return (fact.due_at is None, fact.due_at or fact.at, -risk, fact.key)


def _shipping_facts(merchant: Merchant, now: datetime) -> list[Fact]:
    """Orders without a hold that are late, that must leave today, and by tomorrow."""
    due = Order.objects.filter(
        merchant=merchant, status__in=OPEN, open_hold_count=0, ship_by_at__lt=day_ends(now, 1)
    ).annotate(
        span=Case(
            When(ship_by_at__lt=now, then=Value("late")),
            When(ship_by_at__lt=day_ends(now), then=Value("ship")),
            default=Value("next"),
        )
    )
    columns = ("market__code", "currency", "status")
    rows = due.values(*columns, "span")
    summed = list(
        rows.annotate(
            units=Count("pk"),
            money=Sum("total_minor"),
            first=Min("ship_by_at"),
            last=Max("placed_at"),
        ).order_by("market__code")
    )
    facts = []
    for kind in ("late", "ship", "next"):
        chosen = [row for row in summed if row["span"] == kind]
        if not chosen:
            continue
        markets: _Sums = {}
        money: _Sums = {}
        for row in chosen:
            code, currency = row["market__code"], row["currency"]
            markets[code] = markets.get(code, 0) + row["units"]
            money[currency] = money.get(currency, 0) + row["money"]
        facts.append(
            Fact(
                kind=kind,
                count=sum(markets.values()),
                at=max(row["last"] for row in chosen),
                due_at=min(row["first"] for row in chosen),
                markets=tuple(sorted(markets.items(), key=lambda item: (-item[1], item[0]))),
                risk=in_base(merchant, money, now),
                is_ready=any(row["status"] == OrderStatus.ALLOCATED for row in chosen),
            )
        )
    return facts


@dataclass(frozen=True, slots=True)
class _HoldSum:
    """Open holds of one kind and currency."""

    kind: str
    currency: str
    units: int
    money: int
    oldest: datetime
    newest: datetime
    due: datetime
    example: int


def _hold_facts(merchant: Merchant, now: datetime) -> list[Fact]:
    """Open holds by kind, with the oldest, and the money of the orders that wait."""
    rows = OrderHold.objects.filter(merchant=merchant, open_kind__isnull=False)
    summed = rows.values("kind", "order__currency").annotate(
        units=Count("pk"),
        money=Sum("order__total_minor"),
        oldest=Min("placed_at"),
        newest=Max("placed_at"),
        due=Min("order__ship_by_at"),
        example=Min("pk"),
    )
    kinds: dict[str, list[_HoldSum]] = {}
    for values in summed.order_by("kind").values_list(
        *("kind", "order__currency", "units", "money", "oldest", "newest", "due", "example")
    ):
        row = _HoldSum(*values)
        kinds.setdefault(row.kind, []).append(row)
    first = [group[0].example for group in kinds.values()]
    holds = OrderHold.objects.select_related("order").in_bulk(first) if first else {}
    return [
        _hold_fact(merchant, holds[group[0].example], group, now)
        for group in kinds.values()
        if group[0].example in holds
    ]


def _hold_fact(merchant: Merchant, hold: OrderHold, group: list[_HoldSum], now: datetime) -> Fact:
    return Fact(
        kind="hold",
        subject=hold.kind,
        count=sum(row.units for row in group),
        at=max(row.newest for row in group),
        due_at=min(row.due for row in group),
        since=min(row.oldest for row in group),
        detail=hold.reason,
        findings=hold.details,
        country=hold.order.ship_to_country,
        risk=in_base(merchant, {row.currency: row.money for row in group}, now),
    )


def _listing_facts(merchant: Merchant, now: datetime) -> list[Fact]:
    """Listings that were refused, and products on sale of which a variant has no unit left."""
    own = Listing.objects.filter(
        merchant=merchant,
        variant__is_active=True,
        variant__product__status=Product.Status.ACTIVE,
    )
    limited = Q(status=ListingStatus.SUPPRESSED) & ~Q(refusal="")
    refused = own.filter(Q(status=ListingStatus.REJECTED) | limited).aggregate(
        units=Count("pk"), last=Max("updated_at"), reason=Max("refusal")
    )
    facts = []
    if refused["units"]:
        facts.append(Fact("rejected", refused["units"], refused["last"], detail=refused["reason"]))
    sold_out = count_sold_out(merchant)
    if sold_out.at is not None:
        facts.append(Fact("sold_out", sold_out.count, sold_out.at))
    return facts


def _job_facts(merchant: Merchant, now: datetime) -> list[Fact]:
    failed = Job.objects.filter(
        Q(status=Job.Status.FAILED) | Q(status=Job.Status.DONE, failed_count__gt=0),
        tenant_id=merchant.pk,
        finished_at__gte=now - timedelta(days=FAILED_JOB_DAYS),
    )
    row = failed.aggregate(units=Count("pk"), last=Max("finished_at"), title=Max("title"))
    return [Fact("job", row["units"], row["last"], detail=row["title"])] if row["units"] else []


def _registered_facts(merchant: Merchant, now: datetime) -> list[Fact]:
    return [
        Fact(
            kind=known.kind,
            count=concern.count,
            at=concern.at,
            subject=concern.subject,
            detail=concern.name,
            permission=known.permission,
        )
        for known in concerns.list_kinds()
        for concern in known.find(merchant, now)
    ]


def visible(facts: Iterable[Fact], held: frozenset[str]) -> list[Fact]:
    """Return the facts that a person with these permissions may see."""
    return [fact for fact in facts if not fact.permission or fact.permission in held]


def in_base(merchant: Merchant, sums: dict[str, int], now: datetime) -> Money | None:
    """Return sums per currency as one amount of the company's currency at the newest rates.

    Nothing when a rate is missing: a partial sum would read as the whole.
    """
    today = now.date()
    book = load_rates(merchant.base_currency, sums, since=today, until=today)
    parts = [book.convert(minor, currency, today) for currency, minor in sums.items()]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Money.from_minor(sum(part.minor for part in known), merchant.base_currency)


def hottest(facts: Iterable[Fact], *, now: datetime) -> bool:
    """Say whether anything has a deadline inside 24 hours."""
    soon = now + timedelta(days=1)
    return any(fact.due_at is not None and fact.due_at < soon for fact in facts)
