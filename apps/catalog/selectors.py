"""Reads of products, variants and listings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from apps.catalog.models import Listing, Product, ProductImage, Variant
from apps.catalog.models.images import BANDS
from apps.catalog.photos import NEAR, distance
from apps.catalog.states import ListingStatus
from apps.common.bulk import select_rows, slots
from apps.merchants.models import Merchant

# So many candidates are compared at most: bands that very many pictures share say little.
COPIES_READ = 500


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


def get_variant_by_id(merchant: Merchant, public_id: str) -> Variant:
    """Return a variant by its public id; raises ``Variant.DoesNotExist``."""
    own = Variant.objects.select_related("product").filter(merchant=merchant)
    variant: Variant = own.get(public_id=public_id)
    return variant


def get_named_variant(merchant: Merchant, name: str) -> Variant:
    """Return the variant of a SKU or a public id; raises ``Variant.DoesNotExist``."""
    own = Variant.objects.select_related("product").filter(merchant=merchant)
    found: Variant | None = own.filter(sku=name).first()
    return found or get_variant_by_id(merchant, name)


def get_variant(merchant: Merchant, sku: str) -> Variant:
    """Return the variant of a SKU; raises ``Variant.DoesNotExist``."""
    variant: Variant = Variant.objects.select_related("product").get(merchant=merchant, sku=sku)
    return variant


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A listing of a variant as lists show it; the price in minor units."""

    public_id: str
    market: str
    status: str
    model: str
    price_minor: int
    currency: str
    refusal: str
    price_source: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant as lists show it, with its listings by market; amounts in minor units."""

    public_id: str
    sku: str
    option: str
    gtin: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    cost_minor: int
    cost_currency: str
    base_price_minor: int
    base_price_currency: str
    is_active: bool
    listings: list[ListingRow]


_VARIANT_COLUMNS = (
    "public_id",
    "sku",
    "option",
    "gtin",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "cost_minor",
    "cost_currency",
    "base_price_minor",
    "base_price_currency",
    "is_active",
)
_LISTING_COLUMNS = (
    "public_id",
    "market__code",
    "status",
    "model",
    "price_minor",
    "currency",
    "refusal",
    "price_source",
)


def load_variants(merchant: Merchant, product_ids: Collection[int]) -> dict[int, list[VariantRow]]:
    """Return product key → its variants in order, each with its listings, in one statement."""
    rows = (
        Variant.objects.filter(merchant=merchant, product_id__in=product_ids)
        .order_by("id")
        .values_list(
            "product_id", "id", *_VARIANT_COLUMNS, *(f"listings__{c}" for c in _LISTING_COLUMNS)
        )
    )
    found: dict[int, list[VariantRow]] = defaultdict(list)
    known: dict[int, VariantRow] = {}
    split = 2 + len(_VARIANT_COLUMNS)
    for row in rows:
        variant = known.get(row[1])
        if variant is None:
            variant = known[row[1]] = VariantRow(*(*row[2:split], []))
            found[row[0]].append(variant)
        if row[split] is not None:
            variant.listings.append(ListingRow(*row[split:]))
    for variant in known.values():
        variant.listings.sort(key=lambda item: item.market)
    return found


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """Which listings; empty means all. ``updated_since`` includes the moment itself."""

    market_id: int = 0
    status: str = ""
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class VariantNames:
    """How a variant and its product are called."""

    product_id: str
    variant_id: str
    sku: str
    title: str
    option: str


def load_variant_names(merchant: Merchant, variant_ids: Collection[int]) -> dict[int, VariantNames]:
    """Return variant key → its names, in one statement."""
    rows = Variant.objects.filter(merchant=merchant, pk__in=variant_ids).values_list(
        "pk", "product__public_id", "public_id", "sku", "product__title", "option"
    )
    return {key: VariantNames(*names) for key, *names in rows}


def select_listings(merchant: Merchant, wanted: ListingFilter) -> QuerySet[Listing]:
    """Return the merchant's listings in no particular order."""
    found: QuerySet[Listing] = Listing.objects.filter(merchant=merchant)
    if wanted.market_id:
        found = found.filter(market_id=wanted.market_id)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.updated_since is not None:
        found = found.filter(updated_at__gte=wanted.updated_since)
    return found


def list_images(merchant: Merchant, product: Product) -> list[ProductImage]:
    """Return a product's pictures in order, the main one first."""
    own = ProductImage.objects.filter(merchant=merchant, product=product)
    return list(own.order_by("position", "pk"))


def get_image(merchant: Merchant, product_id: str, image_id: str) -> ProductImage:
    """Return a picture of a product by public ids; raises ``ProductImage.DoesNotExist``."""
    own = ProductImage.objects.select_related("product__merchant").filter(merchant=merchant)
    image: ProductImage = own.get(product__public_id=product_id, public_id=image_id)
    return image


def find_copies(
    images: Sequence[ProductImage], *, merchant: Merchant | None = None, limit: int = 20
) -> list[tuple[ProductImage, ProductImage]]:
    """Return (picture, likely copy of it in another product) pairs, a signal and never a proof.

    A copy shares one of four bands and differs in at most 6 of 64 bits: that finds every one up to
    3 bits away, and most up to 6. ``merchant`` keeps to one company; without it all are searched,
    which only staff may see. One statement.
    """
    known = [image for image in images if image.fingerprint]
    if not known:
        return []
    shares = Q()
    for band in BANDS:
        shares |= Q(**{f"{band}__in": {getattr(image, band) for image in known}})
    others = ProductImage._base_manager if merchant is None else ProductImage.objects
    found = others.filter(shares).select_related("product", "merchant").order_by("-pk")
    if merchant is not None:
        found = found.filter(merchant=merchant)
    pairs = [
        (image, other)
        for other in found[:COPIES_READ]
        for image in known
        if other.product_id != image.product_id
        and distance(image.fingerprint, other.fingerprint) <= NEAR
    ]
    return pairs[:limit]
