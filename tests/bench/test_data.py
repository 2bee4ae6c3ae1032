"""The data of a run is the same every time and for everybody."""

from __future__ import annotations

import pytest

from bench.perf.rig import spec
from bench.perf.rig.server import Address, ServerError, parse_address


def test_products_and_orders_repeat_exactly():
    assert spec.product(7) == spec.product(7)
    assert spec.order_lines(7, 500) == spec.order_lines(7, 500)
    assert spec.order_lines(7, 500) != spec.order_lines(8, 500)


def test_an_order_has_three_different_skus():
    for number in range(200):
        lines = spec.order_lines(number, 5)
        assert len({spec.product(product).sku(variant) for product, variant, _ in lines}) == 3


def test_there_are_twenty_promotions():
    kinds = [promotion[0] for promotion in spec.PROMOTIONS]

    assert {kind: kinds.count(kind) for kind in kinds} == {
        "category_percent": 8,
        "minimum_fixed": 4,
        "category_count": 4,
        "minimum_percent": 4,
    }


def test_address_survives_its_url():
    address = Address("127.0.0.1", 3307, "bench", "p@ss/word", "gsbench_ours")

    assert address.url == "mysql://bench:p%40ss%2Fword@127.0.0.1:3307/gsbench_ours"
    assert parse_address(address.url) == address


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///var/db.sqlite3", "needs MariaDB"),
        ("mysql://root@db.example.com/shop", "stays on the loopback"),
    ],
)
def test_other_servers_are_refused(url, message):
    with pytest.raises(ServerError, match=message):
        parse_address(url)
