"""Products, prices and stock as sheets that can be edited and imported again unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO

from django.db.models import QuerySet

from apps.catalog.models import Listing, Variant
from apps.catalog.services.bulk import PRODUCT_FIELDS
from apps.catalog.states import ListingStatus
from apps.common.money import Money
from apps.common.sheets import Cell, open_writer
from apps.imports.layouts import LAYOUTS, Column
from apps.imports.models import ImportRun
from apps.inventory import buckets
from apps.inventory.models import StockBalance
from apps.merchants.models import Merchant

_COST = ("cost", "cost_currency")
_INTEGERS = ("weight_g", "length_mm", "width_mm", "height_mm")


def columns_of(kind: str, *, has_cost: bool) -> list[Column]:
    """Return the columns of an export; what a unit costs is only for those who may see money."""
    return [
        column
        for column in LAYOUTS[kind].columns
        if column.name != "problem" and (has_cost or column.name not in _COST)
    ]


def write_sheet(
    target: IO[bytes],
    chunks: Iterable[Sequence[int]],
    *,
    merchant: Merchant,
    kind: str,
    form: str,
    has_cost: bool,
) -> Iterator[int]:
    """Write the rows of products by key; yields the number of products after each chunk.

    The keys come in chunks of a few hundred, each of which costs a statement or two.
    Headers are in the language of the reader. The file is complete when the iterator ends.
    """
    columns = columns_of(kind, has_cost=has_cost)
    writer = open_writer(form, target, [str(column.label) for column in columns])
    lines_of = {
        ImportRun.Kind.PRODUCTS: _product_lines,
        ImportRun.Kind.PRICES: _price_lines,
        ImportRun.Kind.STOCK: _stock_lines,
    }[ImportRun.Kind(kind)]
    names = [column.name for column in columns]
    for keys in chunks:
        lines = lines_of(merchant, keys)
        writer.write([[line[name] for name in names] for line in lines])
        yield len(keys)
    writer.close()


def _variants(merchant: Merchant, keys: Sequence[int]) -> QuerySet[Variant]:
    own: QuerySet[Variant] = Variant.objects.filter(merchant=merchant, product__in=keys)
    return own.select_related("product").order_by("product_id", "pk")


def _product_lines(merchant: Merchant, keys: Sequence[int]) -> Iterator[dict[str, Cell]]:
    for variant in _variants(merchant, keys):
        product = variant.product
        line: dict[str, Cell] = {name: getattr(product, name) for name in PRODUCT_FIELDS}
        line.update({name: getattr(variant, name) for name in _INTEGERS})
        line |= {
            "sku": variant.sku,
            "product": product.public_id,
            "option": variant.option,
            "gtin": variant.gtin,
            "cost": Money.from_minor(variant.cost_minor, variant.cost_currency).amount,
            "cost_currency": variant.cost_currency,
            "is_active": "yes" if variant.is_active else "no",
        }
        yield line


def _price_lines(merchant: Merchant, keys: Sequence[int]) -> Iterator[dict[str, Cell]]:
    """Yield the prices that are on sale or could be; withdrawn variants have none to change."""
    listings = Listing.objects.filter(
        merchant=merchant, variant__product__in=keys, variant__is_active=True
    ).exclude(status=ListingStatus.REMOVED)
    ordered = listings.select_related("market", "variant__product")
    for listing in ordered.order_by("variant__product_id", "variant_id", "market__code"):
        yield {
            "sku": listing.variant.sku,
            "title": listing.variant.product.title,
            "market": listing.market.code,
            "price": Money.from_minor(listing.price_minor, listing.currency).amount,
            "currency": listing.currency,
            "model": listing.model,
            "status": str(ListingStatus(listing.status).label),
        }


def _stock_lines(merchant: Merchant, keys: Sequence[int]) -> Iterator[dict[str, Cell]]:
    balances = StockBalance.objects.filter(
        merchant=merchant, variant__product__in=keys, node__is_active=True
    )
    ordered = balances.select_related("node", "variant__product")
    found = list(ordered.order_by("variant__product_id", "variant_id", "node__code"))
    buckets.fold(found)
    for balance in found:
        yield {
            "sku": balance.variant.sku,
            "title": balance.variant.product.title,
            "node": balance.node.code,
            "available": balance.available,
            "reserved": balance.reserved,
        }


def file_name(kind: str, form: str, now: datetime) -> str:
    """Return the name of an export."""
    return f"{kind}-{now:%Y-%m-%d-%H%M}.{form}"
