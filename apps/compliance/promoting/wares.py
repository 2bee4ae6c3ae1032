"""The goods a promotion speaks about, with prices, floors and everything their waterfall needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from apps.catalog.models import Listing
from apps.catalog.states import ListingStatus
from apps.common.money import Money
from apps.compliance.publishing.facts import Case, Offer, Tariff
from apps.compliance.publishing.records import TariffRate
from apps.finance.selectors.fee_rules import find_rates_of
from apps.inventory.selectors import list_nodes
from apps.logistics.selectors import find_network
from apps.markets.models import Market
from apps.markets.selectors.dated_rates import load_day_rates
from apps.markets.selectors.many_books import books_for
from apps.merchants.models import Merchant
from apps.promotions.models import PriceFloor
from apps.promotions.pricing.cart import Line
from apps.promotions.pricing.rows import TARGET_KEYS, Row, part, parts, words

# So many offers (SKU in a market) are looked at in one simulation.
MOST_WARES = 120
_FIELDS = {
    "skus": "variant__sku__in",
    "products": "variant__product__public_id__in",
    "brands": "variant__product__brand__in",
}


@dataclass(frozen=True, slots=True)
class Ware:
    """One SKU on sale in one market: its listing, the case of its waterfall and one unit of a cart."""

    listing: Listing
    case: Case
    line: Line

    @property
    def sku(self) -> str:
        """The SKU."""
        return self.line.sku

    @property
    def market(self) -> Market:
        """The market."""
        return self.case.market

    def offer(self, minor: int) -> Offer:
        """Return the offer at another price."""
        price = Money.from_minor(minor, self.listing.currency)
        return Offer(self.listing.variant, price, self.listing.price_source, listing=self.listing)


@dataclass(frozen=True, slots=True)
class Wares:
    """The offers by market code; ``total`` counts those of the promotion, also what is left out."""

    by_market: Mapping[str, tuple[Ware, ...]]
    total: int


def read_wares(
    merchant: Merchant,
    rows: Sequence[Row],
    *,
    markets: Sequence[Market],
    on: date,
    most: int = MOST_WARES,
) -> Wares:
    """Return what the first row speaks about and what the sets of the others need, in nine statements.

    Only offers that are live, of variants on offer. Supply prices of full custody are no prices that
    buyers see and are left out.
    """
    live = _live(merchant, markets)
    own = live.filter(goods_of(rows[0]))
    total = own.count()
    listings = {listing.pk: listing for listing in own.order_by("variant_id", "market_id")[:most]}
    sets = [piece for row in rows for piece in _sets(row)]
    if sets:
        beside = live.filter(_named(sets)).order_by("variant_id", "market_id")
        listings |= {listing.pk: listing for listing in beside[:most] if listing.pk not in listings}
    by_market: dict[str, list[Ware]] = {market.code: [] for market in markets}
    for ware in _build(merchant, list(listings.values()), markets, on):
        by_market[ware.market.code].append(ware)
    return Wares({code: tuple(wares) for code, wares in by_market.items()}, total)


def _live(merchant: Merchant, markets: Sequence[Market]) -> QuerySet[Listing]:
    found: QuerySet[Listing] = Listing.objects.filter(
        merchant=merchant,
        status=ListingStatus.LIVE,
        market__in=markets,
        variant__is_active=True,
        variant__product__status="active",
    ).exclude(model=Merchant.Model.CUSTODY)
    return found.select_related("market", "variant__product__category_ref")


def _pieces(row: Row) -> list[Row]:
    """Return the targets of a row; an empty one means everything."""
    sets = [part(row, "buy"), part(row, "get"), *parts(row, "bundle")]
    given = [one for one in sets if one]
    return given or [part(row, "target")]


def _sets(row: Row) -> list[Row]:
    pieces = [part(row, "buy"), part(row, "get"), *parts(row, "bundle")]
    pieces += parts(part(row, "conditions"), "contains")
    pieces += [{"skus": [one["sku"]]} for one in [part(row, "gift")] if one]
    return [one for one in pieces if any(one.get(key) for key in TARGET_KEYS)]


def goods_of(row: Row) -> Q:
    """Return the filter for what a row speaks about, on rows with a variant."""
    pieces = _pieces(row)
    if any(not any(piece.get(key) for key in TARGET_KEYS) for piece in pieces):
        return Q()
    return _named(pieces)


def _named(pieces: Iterable[Row]) -> Q:
    found = Q(pk=None)
    for piece in pieces:
        for key, lookup in _FIELDS.items():
            if words(piece, key):
                found |= Q(**{lookup: words(piece, key)})
        for code in words(piece, "categories"):
            found |= Q(variant__product__category=code)
            found |= Q(variant__product__category_ref__code=code)
            found |= Q(variant__product__category_ref__lineage__startswith=f"{code}/")
            found |= Q(variant__product__category_ref__lineage__contains=f"/{code}/")
    return found


def line_of(listing: Listing, *, floor: int = 0, cost: int | None = None) -> Line:
    """Return one unit of a listing as a line of a cart.

    Categories are the merchant's own name and the codes of the platform's category and its ancestors.
    """
    product = listing.variant.product
    lineage = product.category_ref.lineage.split("/") if product.category_ref else []
    own = [product.category] if product.category else []
    return Line(
        listing.variant.sku,
        listing.price_minor,
        1,
        product=product.public_id,
        categories=(*own, *lineage),
        brand=product.brand,
        floor=floor,
        cost=cost,
    )


def _build(
    merchant: Merchant, listings: Sequence[Listing], markets: Sequence[Market], on: date
) -> Iterable[Ware]:
    books = books_for([market.code for market in markets], on)
    currencies = {listing.variant.cost_currency for listing in listings}
    currencies |= {market.currency for market in markets}
    currencies |= {code for book in books.values() for code in book.currencies}
    network = find_network(on)
    rates = load_day_rates({*currencies, merchant.base_currency, *network.currencies}, on)
    fees = find_rates_of([market.pk for market in markets], on)
    nodes = tuple(list_nodes(merchant))
    tariffs = _tariffs(merchant, {listing.variant.product_id for listing in listings})
    floors = _floors(merchant, listings)
    for listing in listings:
        market = listing.market
        case = Case(
            merchant=merchant,
            product=listing.variant.product,
            market=market,
            model=listing.model,
            on=on,
            offers=(),
            book=books[market.code],
            rates=rates,
            fees=tuple(fees[market.pk]),
            nodes=nodes,
            network=network,
            tariff=tariffs.get((listing.variant.product_id, market.code)),
        )
        floor = floors.get((listing.variant_id, listing.market_id), 0)
        cost = None
        if listing.variant.cost_minor:
            money = Money.from_minor(listing.variant.cost_minor, listing.variant.cost_currency)
            local = rates.convert(money, market.currency)
            cost = local.minor if local is not None else None
        yield Ware(listing, case, line_of(listing, floor=floor, cost=cost))


def _tariffs(merchant: Merchant, products: Collection[int]) -> dict[tuple[int, str], Tariff]:
    rows = TariffRate.objects.filter(merchant=merchant, product__in=sorted(products))
    return {
        (row.product_id, row.country): Tariff(
            Decimal(row.rate), {name: Decimal(text) for name, text in row.facts.items()}
        )
        for row in rows
    }


def _floors(merchant: Merchant, listings: Sequence[Listing]) -> dict[tuple[int, int], int]:
    variants = sorted({listing.variant_id for listing in listings})
    rows = PriceFloor.objects.filter(merchant=merchant, variant__in=variants)
    return {
        (row[0], row[1]): row[2]
        for row in rows.values_list("variant_id", "market_id", "floor_minor")
    }
