"""Reads of dry runs, their results and the listings they price."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from apps.catalog.models import Listing, Product
from apps.catalog.states import ListingStatus
from apps.compliance.rule_impact.models import RuleDryRun, RuleImpact
from apps.compliance.rule_impact.pricing import ListingFacts
from apps.markets.landed.rows import countries_of
from apps.markets.models import Market, RuleRow

_COLUMNS = (
    "pk",
    "merchant_id",
    "merchant__public_id",
    "variant__sku",
    "market_id",
    "market__code",
    "currency",
    "price_minor",
    "variant__weight_g",
    "variant__product__hs_code",
    "variant__product__origin_country",
)
COUNTS = (
    *("listing_count", "unchanged_count", "dearer_count", "cheaper_count"),
    *("impossible_count", "possible_count", "unpriced_count", "gated_count"),
)


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of a run over all companies and markets."""

    listing_count: int = 0
    unchanged_count: int = 0
    dearer_count: int = 0
    cheaper_count: int = 0
    impossible_count: int = 0
    possible_count: int = 0
    unpriced_count: int = 0
    gated_count: int = 0


def list_touched_markets(row: RuleRow) -> list[int]:
    """Return the keys of the markets that a row speaks about."""
    found = Market.objects.filter(code__in=countries_of(row.market)).order_by("pk")
    return list(found.values_list("pk", flat=True))


def count_listings(markets: Collection[int]) -> int:
    """Return how many listings of all companies are on sale in the markets."""
    return _on_sale(markets).count()


def next_listings(markets: Collection[int], *, after: int, limit: int) -> list[ListingFacts]:
    """Return the next listings on sale in the markets by key, in one statement."""
    rows = _on_sale(markets).filter(pk__gt=after).order_by("pk")
    return [ListingFacts(*row) for row in rows.values_list(*_COLUMNS)[:limit]]


def _on_sale(markets: Collection[int]) -> QuerySet[Listing]:
    """Return what all companies have on sale: the platform's own look, without a tenant."""
    return Listing._base_manager.filter(
        market_id__in=markets,
        status=ListingStatus.LIVE,
        variant__is_active=True,
        variant__product__status=Product.Status.ACTIVE,
    )


def find_newest_run(row: RuleRow) -> RuleDryRun | None:
    """Return the newest dry run of a row with its job, or nothing."""
    runs = RuleDryRun.objects.select_related("job", "row").filter(row=row)
    return runs.order_by("-id").first()


def list_impacts(run: RuleDryRun) -> QuerySet[RuleImpact]:
    """Return the results of a run by market and company, of all companies."""
    impacts = RuleImpact._base_manager.filter(run=run).select_related("merchant", "market")
    return impacts.order_by("market__code", "merchant__name", "pk")


def get_totals(run: RuleDryRun) -> Totals:
    """Return the counts over all companies and markets (one statement)."""
    sums = RuleImpact._base_manager.filter(run=run).aggregate(
        **{name: Sum(name, default=0) for name in COUNTS}
    )
    return Totals(**sums)
