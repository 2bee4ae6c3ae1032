"""Two imports of the same SKUs at the same time, on real connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django_scopes import scope

from apps.catalog.models import Listing, Product, Variant
from apps.common.clock import utc_now
from apps.imports.reading import rows as reading
from apps.inventory.models import StockBalance, StockPosting
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from tests.factories.inventory import NodeFactory
from tests.factories.markets import MarketFactory

COUNT = 300


@pytest.fixture(autouse=True)
def _needs_mariadb(monkeypatch, db):
    if connection.vendor != "mysql":
        pytest.skip("needs MariaDB or MySQL: SQLite has one writer")
    monkeypatch.setattr(reading, "CHUNK", 50)


def _together(desk, runs) -> None:
    """Apply imports at the same time, each by a worker on a connection of its own."""
    for run in runs:
        desk.start_apply(run)
    keys = []
    for run in runs:
        run.refresh_from_db()
        keys.append(Job.objects.get(public_id=run.job_id).pk)

    def work(key: int) -> None:
        try:
            execution.run_job(key, now=utc_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runs)) as pool:
        list(pool.map(work, keys))
    for run in runs:
        run.refresh_from_db()
        assert Job.objects.get(public_id=run.job_id).error == ""
        assert (run.status, run.refused_count) == ("applied", 0)


def _skus(backwards: bool = False) -> list[str]:
    skus = [f"S-{number:04}" for number in range(COUNT)]
    return skus[::-1] if backwards else skus


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_the_same_new_skus_are_made_once(desk):
    sheets = [
        [["sku", "title", "weight_g"], *([sku, f"Lamp {sku}", weight] for sku in _skus(back))]
        for back, weight in ((False, "10"), (True, "20"))
    ]
    runs = [desk.check("products", sheet) for sheet in sheets]

    _together(desk, runs)

    assert Variant.objects.count() == Product.objects.count() == COUNT
    assert JournalEntry.objects.filter(event="product.created").count() == COUNT
    made = sum(run.made_count for run in runs)
    changed = sum(run.updated_count for run in runs)
    assert (made, changed) == (COUNT, COUNT)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_prices_and_stock_of_the_same_skus_stay_whole(desk):
    MarketFactory(code="DE")
    NodeFactory(merchant=desk.merchant, code="MAIN")
    desk.apply("products", [["sku", "title"], *([sku, f"Lamp {sku}"] for sku in _skus())])
    prices = [
        [["sku", "market", "price"], *([sku, "DE", price] for sku in _skus(back))]
        for back, price in ((False, "10"), (True, "20"))
    ]
    stock = [
        [["sku", "available"], *([sku, units] for sku in _skus(back))]
        for back, units in ((False, "5"), (True, "7"))
    ]

    _together(desk, [desk.check("prices", sheet) for sheet in prices])
    _together(desk, [desk.check("stock", sheet) for sheet in stock])

    assert set(Listing.objects.values_list("price_minor", flat=True)) <= {1000, 2000}
    assert Listing.objects.count() == StockBalance.objects.count() == COUNT
    assert set(StockBalance.objects.values_list("available", flat=True)) <= {5, 7}
    with scope(merchant=desk.merchant):
        assert find_wrong_balances(desk.merchant) == []
    # Every SKU was set twice, once by each sheet: 5 and then 2 more, or 7 and then 2 less.
    assert StockPosting.objects.count() == 2 * COUNT
