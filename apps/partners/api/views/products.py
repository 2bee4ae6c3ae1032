"""Products and their listings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from msgspec import structs

from apps.catalog import selectors as catalog
from apps.catalog import services
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.search.finding import Wanted, find_products
from apps.catalog.search.words import ACTIVE, ARCHIVED
from apps.catalog.sentences import explain_refusal
from apps.common.errors import DomainError
from apps.common.pagination import paginate_values
from apps.compliance.publishing.prices import PriceWish, set_prices
from apps.markets import selectors as markets
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, known_currency, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import (
    ListingView,
    NewPrice,
    NewPrices,
    NewProduct,
    NewVariant,
    ProductPage,
    ProductQuery,
    ProductView,
    VariantChanges,
    VariantView,
)
from apps.partners.api.structs.common import MoneyAmount, money_view
from apps.partners.api.structs.publishing import PricedProductView
from apps.partners.api.views.publishing import answer_view


class ProductsView(PartnerView):
    """All products of the company."""

    @operation(
        "products.list", scope="products:read", query=ProductQuery, answers={200: ProductPage}
    )
    def get(self, call: Call[ProductQuery, Nothing]) -> Answer:
        """List products, the newest first."""
        rows, next_cursor = _find_rows(call.merchant, call.query)
        variants = catalog.load_variants(call.merchant, [row[0] for row in rows])
        items = [_listed_view(row, variants[row[0]]) for row in rows]
        return Answer(ProductPage(items, next_cursor or None))

    @operation(
        "products.create", scope="products:write", body=NewProduct, answers={201: ProductView}
    )
    def post(self, call: Call[Nothing, NewProduct]) -> Answer:
        """Create a product with its variants."""
        draft = _draft(call.body)
        try:
            product = services.create_product(
                draft, merchant=call.merchant, actor=call.actor, now=call.now
            )
        except DomainError as error:
            raise _for_single(error) from error
        made = catalog.get_product(call.merchant, product.public_id)
        return Answer(product_view(made), 201)


class VariantsView(PartnerView):
    """The variants of one product."""

    @operation(
        "products.add_variant", scope="products:write", body=NewVariant, answers={201: ProductView}
    )
    def post(self, call: Call[Nothing, NewVariant]) -> Answer:
        """Add a variant to a product; it is on sale nowhere until it gets a price."""
        product = catalog.get_product(call.merchant, call.path["product_id"])
        draft = _variant(call.body)
        services.add_variant(product, draft, actor=call.actor, now=call.now)
        return Answer(product_view(catalog.get_product(call.merchant, product.public_id)), 201)


class OneVariantView(PartnerView):
    """One variant of a product."""

    @operation(
        "products.update_variant",
        scope="products:write",
        body=VariantChanges,
        answers={200: ProductView},
    )
    def patch(self, call: Call[Nothing, VariantChanges]) -> Answer:
        """Change facts of a variant, or take it off sale with `is_active`.

        What is absent stays. A variant that is not active takes no new orders in any market;
        orders that reserved it ship as promised. The last active variant of a product cannot go.
        """
        path = call.path
        variant = catalog.get_variant_of(call.merchant, path["product_id"], path["variant_id"])
        services.update_variant(
            variant, _variant_changes(call.body), actor=call.actor, now=call.now
        )
        return Answer(product_view(catalog.get_product(call.merchant, path["product_id"])))


class ListingsView(PartnerView):
    """The listings of one product."""

    @operation(
        "products.put_listings",
        scope="products:write",
        body=NewPrices,
        answers={200: PricedProductView},
    )
    def put(self, call: Call[Nothing, NewPrices]) -> Answer:
        """Put variants on sale in markets, or change their prices.

        Each market asks the gate that publishing asks: `answers` says per market (and model) what it
        found. A pair that the gate refuses is stored as `rejected` with its `refusal`, or as
        `suppressed` if it was on sale; the others go live. Pairs that are not named stay as they are.
        """
        product = catalog.get_product(call.merchant, call.path["product_id"])
        wishes = _prices(call.body.listings, product)
        outcomes = set_prices(product, wishes, actor=call.actor, now=call.now)
        told = product_view(catalog.get_product(call.merchant, product.public_id))
        facts = {name: getattr(told, name) for name in told.__struct_fields__}
        return Answer(
            PricedProductView(**facts, answers=[answer_view(item.answer) for item in outcomes])
        )


def _draft(body: NewProduct) -> services.ProductDraft:
    return services.ProductDraft(
        title=body.title,
        variants=tuple(
            _variant(item, f"variants.{index}.") for index, item in enumerate(body.variants)
        ),
        description=body.description,
        brand=body.brand,
        category=body.category,
        origin_country=body.origin_country,
        hs_code=body.hs_code,
        customs_name=body.customs_name,
    )


def _variant(item: NewVariant, prefix: str = "") -> services.VariantDraft:
    cost_minor, currency = 0, "CNY"
    if item.cost is not None:
        cost_minor, currency = _cost(item.cost, f"{prefix}cost")
    base_minor, base_currency = 0, currency
    if item.base_price is not None:
        base_minor, base_currency = _cost(item.base_price, f"{prefix}base_price")
    return services.VariantDraft(
        sku=item.sku,
        option=item.option,
        gtin=item.gtin,
        weight_g=item.weight_g,
        length_mm=item.length_mm,
        width_mm=item.width_mm,
        height_mm=item.height_mm,
        cost_minor=cost_minor,
        cost_currency=currency,
        base_price_minor=base_minor,
        base_price_currency=base_currency,
    )


def _cost(cost: MoneyAmount, attr: str) -> tuple[int, str]:
    currency = known_currency(cost.currency, f"{attr}.currency")
    return to_minor(cost, currency, attr), currency


def _variant_changes(body: VariantChanges) -> dict[str, str | int | bool]:
    changes = {
        name: value
        for name, value in structs.asdict(body).items()
        if isinstance(value, str | int | bool)
    }
    if isinstance(body.cost, MoneyAmount):
        changes["cost_minor"], changes["cost_currency"] = _cost(body.cost, "cost")
    if isinstance(body.base_price, MoneyAmount):
        base = _cost(body.base_price, "base_price")
        changes["base_price_minor"], changes["base_price_currency"] = base
    return changes


def _for_single(error: DomainError) -> DomainError:
    """Drop the position that the batch service puts before each field."""
    fields = {path.removeprefix("0."): text for path, text in error.fields.items()}
    return DomainError(error.code, error.message, status=error.status, fields=fields)


def _prices(wanted: Sequence[NewPrice], product: Product) -> list[PriceWish]:
    variants = {variant.sku: variant for variant in product.variants.all()}
    open_markets = {market.code: market for market in markets.list_markets()}
    wishes: list[PriceWish] = []
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(wanted):
        if (item.sku, item.market) in seen:
            raise field_error(
                "products.twice", f"listings.{index}", _("This pair of SKU and market came before.")
            )
        seen.add((item.sku, item.market))
        wishes.append(_price(item, index, variants, open_markets))
    return wishes


def _price(
    item: NewPrice, index: int, variants: dict[str, Variant], open_markets: dict[str, Market]
) -> PriceWish:
    attr = f"listings.{index}"
    variant, market = variants.get(item.sku), open_markets.get(item.market)
    if variant is None:
        sentence = _("This product has no such SKU.")
        raise field_error("products.unknown_sku", f"{attr}.sku", sentence)
    if market is None:
        raise field_error("markets.unknown", f"{attr}.market", _("This market is not open."))
    minor = to_minor(item.price, market.currency, f"{attr}.price")
    if minor <= 0:
        raise field_error("catalog.price", f"{attr}.price.amount", _("A price must be above zero."))
    return PriceWish(variant.pk, market, minor, item.model)


_COLUMNS = (
    "public_id",
    "title",
    "description",
    "brand",
    "category",
    "origin_country",
    "hs_code",
    "customs_name",
    "status",
    "created_at",
    "updated_at",
)


def _find_rows(merchant: Merchant, query: ProductQuery) -> tuple[list[tuple[Any, ...]], str]:
    """Return rows of (key, *columns) of a page, and the cursor of the next one."""
    products = Product.objects.filter(merchant=merchant)
    if not query.q.strip():
        found = products.filter(status=query.status) if query.status else products
        columns = ("pk", *_COLUMNS)
        # Each order has an index: all by key, those of a status by the time they were made.
        page = paginate_values(
            found,
            columns,
            key="created_at" if query.status else "pk",
            cursor=query.cursor,
            size=query.limit,
            is_time=query.status is not None,
        )
        return list(page.rows), page.next_cursor
    facets = {"active": (ACTIVE,), "archived": (ARCHIVED,)}.get(query.status or "", ())
    hits = find_products(merchant, Wanted(query.q, facets), cursor=query.cursor, size=query.limit)
    rows = products.filter(pk__in=hits.ids).values_list("pk", *_COLUMNS)
    known = {row[0]: row for row in rows}
    return [known[key] for key in hits.ids if key in known], hits.next_cursor


def _listed_view(row: tuple[Any, ...], variants: Sequence[catalog.VariantRow]) -> ProductView:
    told = [_told_variant(variant) for variant in variants]
    # Facts, variants, times: the order of the struct.
    return ProductView(*(*row[1:-2], told, *row[-2:]))


def _told_variant(row: catalog.VariantRow) -> VariantView:
    return VariantView(
        id=row.public_id,
        sku=row.sku,
        option=row.option,
        gtin=row.gtin,
        weight_g=row.weight_g,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        cost=money_view(row.cost_minor, row.cost_currency),
        base_price=money_view(row.base_price_minor, row.base_price_currency)
        if row.base_price_minor
        else None,
        is_active=row.is_active,
        listings=[
            ListingView(
                item.public_id,
                item.market,
                item.status,
                item.model,
                money_view(item.price_minor, item.currency),
                explain_refusal(item.refusal) if item.refusal else "",
                item.price_source,
            )
            for item in row.listings
        ],
    )


def product_view(product: Product) -> ProductView:
    """Return a product as the API writes it; variants and listings must be prefetched."""
    return ProductView(
        id=product.public_id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category=product.category,
        origin_country=product.origin_country,
        hs_code=product.hs_code,
        customs_name=product.customs_name,
        status=product.status,
        variants=[_variant_view(variant) for variant in product.variants.all()],
        created_at=product.created_at,
        updated_at=product.updated_at,
    )


def _variant_view(variant: Variant) -> VariantView:
    return VariantView(
        id=variant.public_id,
        sku=variant.sku,
        option=variant.option,
        gtin=variant.gtin,
        weight_g=variant.weight_g,
        length_mm=variant.length_mm,
        width_mm=variant.width_mm,
        height_mm=variant.height_mm,
        cost=money_view(variant.cost_minor, variant.cost_currency),
        base_price=money_view(variant.base_price_minor, variant.base_price_currency)
        if variant.base_price_minor
        else None,
        is_active=variant.is_active,
        listings=[_listing_view(listing) for listing in variant.listings.all()],
    )


def _listing_view(listing: Listing) -> ListingView:
    return ListingView(
        listing.public_id,
        listing.market.code,
        listing.status,
        listing.model,
        money_view(listing.price_minor, listing.currency),
        explain_refusal(listing.refusal),
        listing.price_source,
    )
