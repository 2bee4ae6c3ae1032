"""What a promotion has brought: what orders took from it, and units beside the weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from apps.compliance.promoting.wares import goods_of
from apps.orders.models import OrderLine
from apps.orders.states import OrderStatus
from apps.promotions.models import Promotion, PromotionMarket, Redemption
from apps.promotions.rows import row_of

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Taken:
    """What orders took from a promotion in one currency; amounts in minor units."""

    currency: str
    orders: int
    units: int
    amount: int
    platform: int

    @property
    def merchant(self) -> int:
        """The merchant's part."""
        return self.amount - self.platform


def sum_taken(promotions: Sequence[int]) -> dict[int, list[Taken]]:
    """Return what orders took, by promotion key and currency; one statement."""
    held = Redemption.objects.filter(promotion__in=promotions, is_returned=False)
    sums = held.values_list("promotion_id", "currency").annotate(
        Sum("uses"), Sum("units"), Sum("amount_minor"), Sum("platform_minor")
    )
    found: dict[int, list[Taken]] = {}
    for key, *facts in sums.order_by("promotion_id", "currency"):
        found.setdefault(key, []).append(Taken(*facts))
    return found


@dataclass(frozen=True, slots=True)
class Performance:
    """What a promotion has brought: what orders took from it, and units beside the weeks before.

    ``units`` are all units of its goods sold in its markets in its period so far, ``units_before``
    those of the same weekdays just before it. They tell what happened, not why.
    """

    taken: tuple[Taken, ...]
    units: int
    units_before: int
    weeks: int
    starts_at: datetime | None

    @property
    def lift(self) -> float | None:
        """The change against before as a share; nothing while there is nothing to compare."""
        return self.units / self.units_before - 1 if self.units_before else None

    @property
    def orders(self) -> int:
        """Orders with it."""
        return sum(one.orders for one in self.taken)


def read_performance(promotion: Promotion, *, now: datetime) -> Performance:
    """Return what a promotion has brought so far; three statements."""
    taken = tuple(sum_taken([promotion.pk]).get(promotion.pk, ()))
    periods = list(PromotionMarket.objects.filter(promotion=promotion).order_by("market_id"))
    starts = min((row.starts_at for row in periods), default=None)
    ends = min(max((row.ends_at for row in periods), default=now), promotion.ended_at or now, now)
    if starts is None or starts >= ends or not promotion.version:
        return Performance(taken, 0, 0, 0, starts)
    weeks = -(-(ends - starts) // _WEEK)
    shift = weeks * _WEEK
    lines = OrderLine.objects.filter(
        goods_of(row_of(promotion)),
        merchant=promotion.merchant_id,
        order__market__in=[row.market_id for row in periods],
        order__placed_at__gte=starts - shift,
        order__placed_at__lt=ends,
    ).exclude(order__status=OrderStatus.CANCELLED)
    during = Q(order__placed_at__gte=starts)
    before = Q(order__placed_at__lt=ends - shift)
    sums = lines.aggregate(
        now=Sum("quantity", filter=during), before=Sum("quantity", filter=before)
    )
    return Performance(taken, sums["now"] or 0, sums["before"] or 0, weeks, starts)
