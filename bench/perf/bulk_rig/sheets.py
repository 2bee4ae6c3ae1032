"""The sheets every contestant imports. Standard library only: the peer's interpreter reads it too."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

HEADERS = {
    "products": (
        "sku",
        "product",
        "title",
        "option",
        "description",
        "brand",
        "category",
        "origin_country",
        "hs_code",
        "customs_name",
        "weight_g",
        "length_mm",
        "width_mm",
        "height_mm",
        "cost",
        "cost_currency",
    ),
    "prices": ("sku", "market", "price", "currency", "model"),
    "stock": ("sku", "node", "available"),
}
VARIANTS = 2


def sku(tag: str, number: int) -> str:
    """Return the SKU of row ``number``."""
    return f"{tag}-{number:06d}"


def rows(kind: str, tag: str, count: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sheet; products have two variants each."""
    for number in range(count):
        if kind == "prices":
            price = f"{9 + number % 90}.{number % 10}0"
            yield sku(tag, number), "GB", price, "GBP", "direct"
        elif kind == "stock":
            yield sku(tag, number), "MAIN", str(1 + number % 500)
        else:
            yield _product(tag, number)


def _product(tag: str, number: int) -> tuple[str, ...]:
    product = number // VARIANTS
    return (
        sku(tag, number),
        f"{tag}-P{product}",
        f"Rattan pendant lamp {tag} {product}",
        f"Size {number % VARIANTS}",
        "Hand-woven, with 1.5 m of cable and a brass fitting.",
        "Lanling",
        f"Lighting {product % 20}",
        "CN",
        "940511",
        "Pendant lamp of rattan, electric",
        str(900 + number % 700),
        "420",
        "420",
        "380",
        f"{20 + number % 80}.50",
        "CNY",
    )


def write_csv(path: Path, kind: str, tag: str, count: int) -> None:
    """Write a sheet as CSV."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADERS[kind])
        writer.writerows(rows(kind, tag, count))
