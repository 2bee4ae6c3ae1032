"""Exports of the lists: by the filter of the list, as CSV or XLSX, at once or as a job."""

from __future__ import annotations

import io

import pytest
from django_scopes import scope
from openpyxl import load_workbook

from apps.catalog.models import Product
from apps.common.clock import utc_now
from apps.dashboard.web import product_exports
from apps.jobs import execution
from apps.jobs.models import Job
from apps.merchants.models import Role
from tests.dashboard.conftest import sign_in_as

pytestmark = pytest.mark.django_db


def _ask(client, **body):
    return client.post("/products/export/", {"query": "view=all", "form": "csv", **body})


def test_the_list_is_exported_by_its_filter(client, world):
    with scope(merchant=world.merchant):
        count = Product.objects.count()

    every = _ask(client, kind="products").content.decode("utf-8-sig").splitlines()
    none = _ask(client, kind="products", query="view=all&q=nothing-like-this")

    assert len(every) == count + 1
    assert every[0].startswith("SKU,Product ID or group,Title")
    assert len(none.content.decode("utf-8-sig").splitlines()) == 1


def test_a_workbook_holds_numbers_as_numbers(client, world):
    answer = _ask(client, kind="prices", form="xlsx")

    sheet = load_workbook(io.BytesIO(answer.content)).active
    names = [cell.value for cell in sheet[1]]
    assert names == ["SKU", "Title", "Market", "Price", "Currency", "Fulfilment model", "Status"]
    assert isinstance(sheet[2][3].value, int | float)


def test_what_a_unit_costs_is_only_for_those_who_see_money(world):
    with_money = _ask(sign_in_as(world, Role.FINANCE), kind="products").content.decode()
    without = _ask(sign_in_as(world, Role.OPERATIONS), kind="products").content.decode()

    assert "Cost currency" in with_money
    assert "Cost" not in without.splitlines()[0]


def test_another_companys_products_are_not_in_it(client, world, rival):
    text = _ask(client, kind="stock").content.decode()

    with scope(merchant=rival.merchant):
        skus = {variant.sku for variant in rival.product.variants.all()}
    assert not any(sku in text for sku in skus)


def test_an_export_that_does_not_exist_is_refused(client):
    assert _ask(client, kind="orders").status_code == 400
    assert _ask(client, kind="prices", form="exe").status_code == 400


def test_many_products_become_a_job(client, world, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(product_exports, "DIRECT_PRODUCTS", 0)

    answer = _ask(client, kind="stock", form="xlsx")

    job = Job.objects.get(kind="products.export")
    assert answer.url == f"/jobs/{job.public_id}/"
    execution.run_job(job.pk, now=utc_now())
    job.refresh_from_db()
    assert (job.status, job.error) == (Job.Status.DONE, "")
    book = load_workbook(job.result_file.open("rb"))
    assert [cell.value for cell in book.active[1]] == [
        "SKU",
        "Title",
        "Place",
        "Available",
        "Reserved",
    ]


def test_orders_are_exported_as_a_workbook_too(client, world):
    answer = client.post("/orders/export/", {"query": "view=all", "form": "xlsx"})

    sheet = load_workbook(io.BytesIO(answer.content)).active
    numbers = {row[0].value for row in sheet.iter_rows(min_row=2)}
    assert {world.order.number, world.ready.number} <= numbers


def test_an_export_costs_the_same_for_many_products(client, world, django_assert_num_queries):
    _ask(client, kind="products")

    with django_assert_num_queries(5):
        _ask(client, kind="products")
