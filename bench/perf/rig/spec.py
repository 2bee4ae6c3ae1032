"""The deterministic data every contestant gets: products, order lines, promotions.

Standard library only: the peer's interpreter imports it too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

VARIANTS_PER_PRODUCT = 2
CATEGORIES = 20
CURRENCY = "GBP"
COUNTRY = "GB"
# Large enough that no run ever sells a variant out, small enough for a signed 32-bit column.
STOCK = 100_000_000
ADDRESS = {
    "name": "Ann Lee",
    "line1": "1 High Street",
    "city": "London",
    "postcode": "N1 1AA",
    "country": COUNTRY,
    "phone": "+442079460000",
    "email": "ann.lee@example.com",
}

_ADJECTIVES = ("Red", "Blue", "Slim", "Heavy", "Light", "Warm", "Silk", "Steel", "Quiet", "Urban")
_NOUNS = ("Shirt", "Jacket", "Kettle", "Lamp", "Backpack", "Phone", "Cable", "Mug", "Desk", "Chair")

# kind, then its numbers: 8 percentages off a category, 4 amounts and 4 percentages off above a
# basket value, 4 percentages off when buying two of a category.
PROMOTIONS: tuple[tuple[str | int, ...], ...] = (
    *(("category_percent", category, 5 + category) for category in range(8)),
    *(("minimum_fixed", *pair) for pair in ((50, 2), (100, 5), (300, 20), (900, 80))),
    *(("category_count", category, 2, 7) for category in (8, 9, 10, 11)),
    *(("minimum_percent", *pair) for pair in ((200, 1), (400, 2), (800, 3), (2000, 5))),
)


@dataclass(frozen=True, slots=True)
class Product:
    """One product; its variants cost ``price_minor`` plus 100 per variant number."""

    number: int
    title: str
    category: int
    price_minor: int

    def sku(self, variant: int) -> str:
        """Return the SKU of one variant."""
        return f"SKU{self.number:06d}-{variant}"

    def variant_price_minor(self, variant: int) -> int:
        """Return the price of one variant in minor units."""
        return self.price_minor + 100 * variant


def product(number: int) -> Product:
    """Return product ``number``; the same number always gives the same product."""
    chance = random.Random(number)
    title = f"{chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} {number}"
    return Product(number, title, number % CATEGORIES, chance.randint(300, 30_000))


def order_lines(number: int, products: int, *, count: int = 3) -> list[tuple[int, int, int]]:
    """Return ``count`` lines ``(product, variant, quantity)`` of order ``number``, no SKU twice."""
    chance = random.Random(10_000_000 + number)
    chosen = chance.sample(range(products * VARIANTS_PER_PRODUCT), count)
    return [
        (index // VARIANTS_PER_PRODUCT, index % VARIANTS_PER_PRODUCT, chance.randint(1, 3))
        for index in chosen
    ]
