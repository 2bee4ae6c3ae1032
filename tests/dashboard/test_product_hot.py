"""Making a SKU ready for many buyers on its product's page: no figure of any page changes."""

from __future__ import annotations

import pytest
from django_scopes import scope

from apps.imports.exporting import _stock_lines
from apps.inventory.models import StockBalance, StockBucket
from apps.merchants.models import Merchant
from tests.factories.partners import api_client

pytestmark = pytest.mark.django_db


def press(client, world, is_hot: str, **changes: str):
    with scope(merchant=world.merchant):
        sku = world.product.variants.get().sku
    body = {"sku": sku, "is_hot": is_hot, **changes}
    return client.post(f"/products/{world.product.public_id}/hot/", body)


def figures(client, merchant: Merchant, product) -> dict[str, object]:
    """Return what page, list, sheet and API say is available and reserved."""
    page = client.get(f"/products/{product.public_id}/")
    found = client.get("/products/?view=sold_out")
    with scope(merchant=merchant):
        keys = list(type(product).objects.values_list("pk", flat=True))
        sheet = [(line["available"], line["reserved"]) for line in _stock_lines(merchant, keys)]
    told = api_client(merchant).call("GET", "/stock").json()["items"]
    return {
        "page": [(row.available, row.reserved) for row in page.context["stock"]],
        "cards": [(card.available, card.reserved) for card in page.context["variants"]],
        "sold out": len(found.context["rows"]),
        "sheet": sorted(sheet),
        "api": sorted((item["available"], item["reserved"]) for item in told),
    }


def test_every_figure_stays_what_it_was(client, world):
    before = figures(client, world.merchant, world.product)

    assert press(client, world, "1").status_code == 302

    with scope(merchant=world.merchant):
        assert StockBalance.objects.filter(is_hot=True, available=0).count() == 1
        assert StockBucket.objects.count() == 16
    assert figures(client, world.merchant, world.product) == before


def test_the_usual_pace_comes_back(client, world):
    press(client, world, "1")
    page = client.get(f"/products/{world.product.public_id}/")
    assert "Ready for many buyers" in page.content.decode()

    press(client, world, "0")

    with scope(merchant=world.merchant):
        assert not StockBalance.objects.filter(is_hot=True).exists()
        assert not StockBucket.objects.exists()


def test_a_sku_of_another_product_is_not_found(client, world):
    assert press(client, world, "1", sku="NOPE").status_code == 404
    with scope(merchant=world.merchant):
        assert not StockBucket.objects.exists()
