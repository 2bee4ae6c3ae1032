"""A flash sale while Redis is dead or forgetful: it counts calls, and never stock."""

from __future__ import annotations

import socket
from collections import Counter

import pytest
from django.core.cache import cache
from django_scopes import scope

from apps.common.clock import utc_now
from apps.inventory import hot
from apps.inventory.selectors import find_wrong_balances, sum_stock
from apps.partners import fallback
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.partners import api_client
from tests.partners.test_intake import new_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(merchant, store, actor):
    """A client of a company with five lamps in a flash sale."""
    lamp = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=lamp)
    put_stock(lamp, 5, now=utc_now())
    with scope(merchant=merchant):
        hot.heat_balances(merchant, variants=[lamp], actor=actor, now=utc_now())
    return api_client(merchant)


def buy(api, count: int, first: int = 0) -> Counter[int]:
    return Counter(
        api.call("POST", "/orders", new_order(f"R-{first + n}", quantity=1)).status_code
        for n in range(count)
    )


def left(merchant) -> tuple[int, int]:
    with scope(merchant=merchant):
        assert find_wrong_balances(merchant) == []
        stock = sum_stock(merchant)
    return stock["available"], stock["reserved"]


def test_redis_that_does_not_answer_changes_nothing_of_what_is_sold(
    api, merchant, settings, monkeypatch
):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": address,
            }
        }
        monkeypatch.setattr(fallback, "_breaker", fallback._Breaker())

        assert buy(api, 8) == {201: 5, 409: 3}

    assert left(merchant) == (0, 5)


def test_redis_that_comes_back_empty_sells_nothing_twice(api, merchant):
    assert buy(api, 3) == {201: 3}
    cache.clear()

    assert buy(api, 5, first=3) == {201: 2, 409: 3}
    assert left(merchant) == (0, 5)
