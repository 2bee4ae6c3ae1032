"""Reads of products, variants and listings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from apps.catalog.models import Listing, Product, Variant
from apps.catalog.states import ListingStatus
from apps.common.bulk import select_rows, slots
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Offer:
    """What intake needs to know of a variant on sale in a market; amounts in minor units."""

    sku: str
    market: str
    market_id: int
    ship_within_days: int
    model: str
    currency: str
    price_minor: int
    variant_id: int
    weight_g: int
    cost_minor: int
    cost_currency: str
    title: str
    hs_code: str
    origin_country: str
    customs_name: str


# The outer joins keep the database from starting at a market, whose every listing it would read.
_OFFERS = """
SELECT variant.sku, market.code, market.id, market.ship_within_days, listing.model,
    listing.currency, listing.price_minor, variant.id, variant.weight_g, variant.cost_minor,
    variant.cost_currency, product.title, product.hs_code, product.origin_country,
    product.customs_name, listing.status, listing.merchant_id, product.status
FROM catalog_variant variant
JOIN markets_market market ON market.code IN ({markets})
LEFT JOIN catalog_listing listing
    ON listing.variant_id = variant.id AND listing.market_id = market.id
LEFT JOIN catalog_product product ON product.id = variant.product_id
WHERE variant.merchant_id = %s AND variant.sku IN ({skus}) AND variant.is_active = %s
"""


def find_offers(
    merchant: Merchant, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Offer]:
    """Return the live offers for (SKU, market) pairs, in one statement; missing ones are absent.

    Withdrawn variants and archived products are not offered, whatever their listings say.
    """
    skus = sorted({sku for sku, _market in wanted})
    markets = sorted({market for _sku, market in wanted})
    if not skus:
        return {}
    statement = _OFFERS.format(skus=slots(skus), markets=slots(markets))
    live = (ListingStatus.LIVE, merchant.pk, Product.Status.ACTIVE)
    rows = select_rows(statement, (*markets, merchant.pk, *skus, True))
    return {(row[0], row[1]): Offer(*row[:-3]) for row in rows if row[-3:] == live}


def list_products(merchant: Merchant) -> QuerySet[Product]:
    """Return the merchant's products with variants and listings prefetched."""
    listings = Listing.objects.filter(merchant=merchant).select_related("market")
    variants = Variant.objects.filter(merchant=merchant).prefetch_related(
        Prefetch("listings", queryset=listings.order_by("market__code"))
    )
    products: QuerySet[Product] = Product.objects.filter(merchant=merchant)
    return products.prefetch_related(Prefetch("variants", queryset=variants.order_by("id")))


def get_product(merchant: Merchant, public_id: str) -> Product:
    """Return one product of the merchant; raises ``Product.DoesNotExist``."""
    return list_products(merchant).get(public_id=public_id)


def get_variant_of(merchant: Merchant, product_id: str, variant_id: str) -> Variant:
    """Return a variant of a product by public ids; raises ``Variant.DoesNotExist``."""
    own = Variant.objects.select_related("product__merchant").filter(merchant=merchant)
    variant: Variant = own.get(product__public_id=product_id, public_id=variant_id)
    return variant


def get_variant(merchant: Merchant, sku: str) -> Variant:
    """Return the variant of a SKU; raises ``Variant.DoesNotExist``."""
    variant: Variant = Variant.objects.select_related("product").get(merchant=merchant, sku=sku)
    return variant
