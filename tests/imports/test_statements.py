"""A sheet of many rows takes hardly more statements than one of few: everything goes in sets."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.imports.reading import rows as reading
from tests.factories.inventory import NodeFactory
from tests.factories.markets import MarketFactory


def _sheet(kind: str, tag: str, count: int, *, later: bool = False) -> list[list[str]]:
    skus = [f"{tag}-{number:04}" for number in range(count)]
    if kind == "prices":
        return [["sku", "market", "price"], *([sku, "DE", "20" if later else "10"] for sku in skus)]
    if kind == "stock":
        return [["sku", "available"], *([sku, "9" if later else "5"] for sku in skus)]
    weight = "20" if later else "10"
    return [["sku", "title", "weight_g"], *([sku, f"Lamp {sku}", weight] for sku in skus)]


def _count(desk, kind: str, tag: str, count: int, *, later: bool = False) -> int:
    run = desk.check(kind, _sheet(kind, tag, count, later=later))
    desk.start_apply(run)
    with CaptureQueriesContext(connection) as statements:
        run = desk.work(run)
    assert (run.made_count + run.updated_count, run.refused_count) == (count, 0)
    return len(statements)


@pytest.mark.parametrize("later", [False, True], ids=["new", "changed"])
@pytest.mark.parametrize("kind", ["products", "prices", "stock"])
def test_a_chunk_takes_the_same_statements_for_few_and_many_rows(desk, monkeypatch, kind, later):
    monkeypatch.setattr(reading, "CHUNK", 1000)
    MarketFactory(code="DE")
    NodeFactory(merchant=desk.merchant, code="MAIN")
    for tag, count in (("F", 5), ("M", 45)):
        if kind != "products" or later:
            desk.apply("products", _sheet("products", tag, count))
        if later and kind != "products":
            desk.apply(kind, _sheet(kind, tag, count))

    few = _count(desk, kind, "F", 5, later=later)
    many = _count(desk, kind, "M", 45, later=later)

    # Search words go 500 to a statement: 40 rows more are one or two statements more.
    assert few <= many <= few + 2
    assert many <= 60
