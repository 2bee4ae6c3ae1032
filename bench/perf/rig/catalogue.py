"""A large catalogue, filled in bulk: made-up products that are listed in five markets each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from django.db import connection, models, transaction
from django.utils import timezone

from apps.catalog.models import Listing, Product, SearchToken, Variant
from apps.catalog.search.words import ListingFacts, ProductFacts, VariantFacts, find_tokens
from apps.common.bulk import Value, insert_rows
from apps.inventory.models import Node, StockBalance
from apps.markets.models import Market
from apps.merchants.models import Merchant

MARKETS = ("DE", "FR", "GB", "US", "JP")
_BATCH = 2000
_LOOKS = ("warm", "plain", "round", "small", "tall", "folding", "heavy", "bright", "soft", "quiet")
_STUFF = (
    "rattan",
    "linen",
    "oak",
    "steel",
    "cotton",
    "bamboo",
    "glass",
    "ceramic",
    "wool",
    "brass",
)
_THINGS = (
    *("lamp", "cushion", "basket", "kettle", "shelf", "mirror", "vase", "stool", "tray", "curtain"),
    *("clock", "bottle", "blanket", "bowl", "candle", "hook", "ladder", "rack", "teapot", "wreath"),
)
_CHINESE = ("藤编吊灯", "亚麻靠垫", "橡木置物架", "手工陶瓷花瓶", "不锈钢水壶", "棉质窗帘")
_BRANDS = [f"Brand {number}" for number in range(40)]


def sku_of(number: int) -> str:
    """Return the SKU of a product of the catalogue."""
    return f"GS-{number:07d}"


class Catalogue:
    """The products of one merchant, numbered from one; grows by the same recipe at every size."""

    def __init__(self, merchant: Merchant, node: Node) -> None:
        """Start with nothing; markets must be open."""
        self.merchant, self.node, self.size = merchant, node, 0
        keys = dict(Market.objects.values_list("code", "pk"))
        self.markets = [(code, keys[code]) for code in MARKETS]

    def grow(self, listings: int) -> None:
        """Add products until there are so many listings, and refresh the statistics."""
        target = listings // len(MARKETS)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
        for start in range(self.size + 1, target + 1, _BATCH):
            with transaction.atomic():
                self._add(range(start, min(start + _BATCH, target + 1)))
        self.size = target
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION unique_checks = 1, foreign_key_checks = 1")
            tables = ", ".join(
                model._meta.db_table
                for model in (Product, Variant, Listing, SearchToken, StockBalance)
            )
            cursor.execute(f"ANALYZE TABLE {tables}")
            cursor.fetchall()

    def _add(self, numbers: range) -> None:
        now, own = timezone.now(), self.merchant.pk
        facts = {number: _facts(number) for number in numbers}
        products, variants, listings, tokens, stock = [], [], [], [], []
        for number, product in facts.items():
            names = (number, f"prd_{number:026d}", own, product.title, "Made for this measurement.")
            customs = ("CN", "940511", "Lamp of rattan", "", "active", now, now)
            products.append((*names, product.brand, "Home", *customs))
            [variant] = product.variants
            sizes = (1450, 420, 420, 380, 6100, "CNY", 1, now, now)
            variants.append(
                (number, f"var_{number:026d}", own, number, variant.sku, "", variant.gtin, *sizes)
            )
            for at, (item, (_code, market)) in enumerate(
                zip(variant.listings, self.markets, strict=True)
            ):
                key = number * len(MARKETS) + at
                missing = "missing:hs_code" if item.status == "rejected" else ""
                price = (item.model, 4900 + at, "EUR", missing, now, now)
                listings.append((f"lst_{key:026d}", own, number, market, item.status, *price))
            tokens += [(own, number, token) for token in find_tokens(product)]
            stock.append((own, self.node.pk, number, 0, number % 50, 0, 0))
        for model, names, rows in (
            (Product, _PRODUCT, products),
            (Variant, _VARIANT, variants),
            (Listing, _LISTING, listings),
            (SearchToken, ("merchant", "product", "token"), tokens),
            (StockBalance, _STOCK, stock),
        ):
            _insert(model, names, rows)


def _facts(number: int) -> ProductFacts:
    chance = random.Random(number)
    words = [chance.choice(_LOOKS), chance.choice(_STUFF), chance.choice(_THINGS)]
    title = f"{' '.join(words).capitalize()} {chance.choice(_CHINESE)} no {number % 997}"
    listings = tuple(
        ListingFacts(code, "rejected" if number % 25 == 0 else "live", "direct") for code in MARKETS
    )
    variant = VariantFacts(sku_of(number), f"{number:013d}", listings=listings)
    return ProductFacts(title, _BRANDS[number % len(_BRANDS)], variants=(variant,))


_PRODUCT = (
    *("id", "public_id", "merchant", "title", "description", "brand", "category"),
    *("origin_country", "hs_code", "customs_name", "image", "status", "created_at", "updated_at"),
)
_VARIANT = (
    *("id", "public_id", "merchant", "product", "sku", "option", "gtin", "weight_g", "length_mm"),
    *("width_mm", "height_mm", "cost_minor", "cost_currency", "is_active"),
    *("created_at", "updated_at"),
)
_LISTING = (
    *("public_id", "merchant", "variant", "market", "status", "model", "price_minor", "currency"),
    *("refusal", "created_at", "updated_at"),
)
_STOCK = ("merchant", "node", "variant", "inbound", "available", "reserved", "damaged")


def _insert(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Value]]
) -> None:
    """Insert rows; columns that are not named get the model's default."""
    others = {
        field.name: field.get_default()
        for field in model._meta.concrete_fields
        if field.has_default() and field.name not in names
    }
    for chunk in _chunks(rows):
        filled = [[*row, *others.values()] for row in chunk]
        insert_rows(model, [*names, *others], filled)


def _chunks(rows: Sequence[Sequence[Value]]) -> Iterator[Sequence[Sequence[Value]]]:
    for at in range(0, len(rows), 5000):
        yield rows[at : at + 5000]
