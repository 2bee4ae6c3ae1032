"""What promotions ask of the variants in a cart, read in one statement for a batch of carts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.common.bulk import select_rows, slots
from apps.common.money import Money
from apps.markets.selectors import find_rate

_FACTS = """
SELECT variant.id, product.public_id, product.brand, product.category, category.lineage,
    variant.cost_minor, variant.cost_currency, floor.market_id, floor.floor_minor
FROM catalog_variant variant
JOIN catalog_product product ON product.id = variant.product_id
LEFT JOIN catalog_category category ON category.id = product.category_ref_id
LEFT JOIN promotions_pricefloor floor
    ON floor.variant_id = variant.id AND floor.market_id IN ({markets})
WHERE variant.merchant_id = %s AND variant.id IN ({variants})
"""


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """The product, brand, categories and cost of a variant, and its floors by market.

    Categories are the merchant's own name and the codes of the platform's category and its ancestors.
    ``cost_minor`` is 0 while nobody has told the cost.
    """

    product: str
    brand: str
    categories: tuple[str, ...]
    cost_minor: int
    cost_currency: str
    floors: Mapping[int, int]


def read_facts(
    merchant_id: int, variants: Collection[int], markets: Collection[int]
) -> dict[int, VariantFacts]:
    """Return the facts of variants by key, with their floors in the markets; one statement."""
    if not variants or not markets:
        return {}
    keys, places = sorted(variants), sorted(markets)
    statement = _FACTS.format(markets=slots(places), variants=slots(keys))
    found: dict[int, VariantFacts] = {}
    floors: dict[int, dict[int, int]] = {}
    for row in select_rows(statement, (*places, merchant_id, *keys)):
        key, product, brand, own_name, lineage, cost, currency, market, floor = row
        if key not in found:
            own_names = (own_name,) if own_name else ()
            categories = (*own_names, *(lineage.split("/") if lineage else ()))
            own = floors[key] = {}
            found[key] = VariantFacts(product, brand, categories, cost, currency, own)
        if market is not None:
            floors[key][market] = floor
    return found


def cost_in(facts: VariantFacts, currency: str, on: date) -> int | None:
    """Return what a unit costs in a currency at the day's rate; nothing when one is not known."""
    if not facts.cost_minor:
        return None
    cost = Money.from_minor(facts.cost_minor, facts.cost_currency)
    if facts.cost_currency == currency:
        return facts.cost_minor
    rate: Decimal | None = find_rate(facts.cost_currency, currency, on)
    return None if rate is None else Money.rounded(cost.amount * rate, currency).minor
