"""Several scanners at one dock, on real connections: nothing is lost and nothing counted twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django_scopes import scope

from apps.common.errors import DomainError
from apps.inbound import services
from apps.inbound.models import InboundLine, InboundReceipt, InboundShipment
from apps.inbound.requests import CartonDraft, Scan, Shelving
from apps.inbound.selectors import find_wrong_shipments
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from tests.factories.catalog import VariantFactory
from tests.factories.inbound import SSCCS, WarehouseFactory, make_inbound
from tests.orders.test_races import at_once

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _needs_row_locks() -> None:
    if not connection.features.has_select_for_update:
        pytest.fail("race tests need MariaDB or MySQL: run them through .ci/run")


@pytest.fixture
def variant():
    return VariantFactory(sku="LAMP")


def outcome(function, merchant):
    with scope(merchant=merchant):
        try:
            function()
        except DomainError as error:
            return error.code
    return "done"


def check(merchant) -> None:
    with scope(merchant=merchant):
        assert find_wrong_balances(merchant) == find_wrong_shipments(merchant) == []


def test_two_scanners_book_a_carton_once(variant, actor, now):
    merchant = variant.merchant
    cartons = tuple(CartonDraft(sscc, (("LAMP", "", 5),)) for sscc in SSCCS)
    shipment = make_inbound(variant, 10, status="arrived", now=now, cartons=cartons)

    def scan(number):
        code = SSCCS[number % 2]
        return outcome(
            lambda: services.receive(
                shipment, [Scan(code)], reference=f"gun-{number}", actor=actor, now=now
            ),
            merchant,
        )

    outcomes = Counter(at_once(scan, list(range(8))))

    assert outcomes == {"done": 2, "inbound.carton_taken": 6}
    with scope(merchant=merchant):
        assert InboundLine.objects.get().received == 10
    check(merchant)


def test_receipts_in_parallel_never_lose_units(variant, actor, now):
    merchant = variant.merchant
    node = WarehouseFactory(merchant=merchant)
    facts = {"status": "arrived", "now": now, "node": node}
    shipments = [make_inbound(variant, 40, **facts) for _ in range(2)]

    def scan(number):
        shipment = shipments[number % 2]
        # Each booking is sent twice, as a scanner does that got no answer.
        return outcome(
            lambda: services.receive(
                shipment, [Scan("LAMP", 2)], reference=f"r{number // 4}", actor=actor, now=now
            ),
            merchant,
        )

    outcomes = at_once(scan, list(range(64)))

    assert set(outcomes) == {"done"}
    with scope(merchant=merchant):
        assert list(InboundLine.objects.values_list("received", flat=True)) == [32, 32]
        assert InboundReceipt.objects.count() == 32
        balance = StockBalance.objects.get()
        assert (balance.inbound, balance.qc_hold) == (16, 64)
    check(merchant)


def test_the_last_units_are_put_away_once(variant, actor, now):
    merchant = variant.merchant
    shipment = make_inbound(variant, 10, status="inspecting", now=now)

    def shelve(number):
        return outcome(
            lambda: services.put_away(
                shipment, [Shelving(1, 6)], reference=f"s{number}", actor=actor, now=now
            ),
            merchant,
        )

    outcomes = Counter(at_once(shelve, list(range(4))))

    assert outcomes == {"done": 1, "inbound.waiting": 3}
    with scope(merchant=merchant):
        assert StockBalance.objects.get().available == 6
    check(merchant)


def test_an_arrival_and_the_end_of_its_time_never_both_happen(variant, actor, now):
    merchant = variant.merchant
    shipment = make_inbound(variant, 10, status="appointed", now=now)
    late = shipment.expires_at

    def act(kind):
        if kind == "arrive":
            return outcome(lambda: services.arrive(shipment, actor=actor, now=late), merchant)
        with scope(merchant=merchant):
            return services.expire_inbound(shipment, actor=actor, now=late)

    outcomes = at_once(act, ["arrive", "expire"])

    with scope(merchant=merchant):
        status = InboundShipment.objects.get().status
        coming = StockBalance.objects.get().inbound
    assert (status, coming) in {("arrived", 10), ("expired", 0)}
    assert ("done" in outcomes) == (status == "arrived")
    check(merchant)
