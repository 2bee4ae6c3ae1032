"""Movements of stock and the rule that chooses a node."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.common.bulk import move_quantities
from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance, StockPosting
from apps.inventory.rules import Assignment, Demand, Supply, assign
from apps.inventory.selectors import find_wrong_balances, sum_stock
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory


@pytest.fixture
def shelf(scoped, now, actor):
    node = NodeFactory(merchant=scoped)
    variant = VariantFactory(product=ProductFactory(merchant=scoped))

    def receive(units, reference):
        return inventory.receive_stock(
            scoped,
            node=node,
            quantities={variant: units},
            reference=reference,
            actor=actor,
            now=now,
        )

    return node, variant, receive


@pytest.mark.django_db
class TestMovements:
    def test_received_units_are_available_once(self, shelf, scoped):
        _node, _variant, receive = shelf

        assert [receive(7, "asn-1"), receive(7, "asn-1"), receive(2, "asn-2")] == [1, 0, 1]

        assert sum_stock(scoped) == {"available": 9, "reserved": 0, "came": 9, "went": 0}
        assert find_wrong_balances(scoped) == []

    def test_many_rows_move_in_statements_of_fifty_and_all_or_none(
        self, scoped, now, actor, django_assert_num_queries
    ):
        product = ProductFactory(merchant=scoped)
        variants = VariantFactory.create_batch(120, product=product)
        inventory.receive_stock(
            scoped,
            node=NodeFactory(merchant=scoped),
            quantities=dict.fromkeys(variants, 2),
            reference="asn-1",
            actor=actor,
            now=now,
        )
        keys = list(StockBalance.objects.order_by("pk").values_list("pk", flat=True))
        take = partial(move_quantities, StockBalance, source="available", target="reserved")

        with django_assert_num_queries(3):
            assert take(amounts=dict.fromkeys(keys, 1))
        assert sum_stock(scoped) == {"available": 120, "reserved": 120, "came": 240, "went": 0}
        assert not take(amounts=dict.fromkeys(keys, 1) | {keys[-1]: 2})

    def test_a_guarded_move_takes_all_or_nothing(self, shelf, scoped, now):
        _node, variant, receive = shelf
        receive(5, "asn-1")
        balance = StockBalance.objects.get(variant=variant)

        with pytest.raises(inventory.StockShortError), transaction.atomic():
            inventory.move(
                [
                    inventory.Movement(balance.pk, 3, "a"),
                    inventory.Movement(balance.pk, 3, "b"),
                ],
                merchant_id=scoped.pk,
                source="available",
                target="reserved",
                reason="order",
                now=now,
            )

        balance.refresh_from_db()
        assert (balance.available, balance.reserved) == (5, 0)
        assert StockPosting.objects.count() == 1

    def test_the_database_refuses_stock_below_zero(self, shelf):
        _node, _variant, receive = shelf
        receive(5, "asn-1")

        with pytest.raises(IntegrityError), transaction.atomic():
            StockBalance.objects.update(available=-1)

    def test_a_count_posts_the_difference(self, shelf, scoped, actor, now):
        node, variant, receive = shelf
        receive(5, "asn-1")

        for quantity in (3, 3, 8):
            inventory.set_available(
                scoped,
                node=node,
                variant=variant,
                quantity=quantity,
                reason="count",
                actor=actor,
                now=now,
            )

        steps = StockPosting.objects.order_by("id").values_list(
            "from_disposition", "to_disposition", "quantity"
        )
        assert list(steps) == [
            ("", "available", 5),
            ("available", "", 2),
            ("", "available", 5),
        ]
        assert find_wrong_balances(scoped) == []

    @pytest.mark.parametrize("units", [0, -1])
    def test_nothing_or_less_cannot_be_received(self, shelf, units):
        _node, _variant, receive = shelf

        with pytest.raises(DomainError) as caught:
            receive(units, "asn-1")

        assert caught.value.code == "inventory.quantity"

    def test_a_planted_orphan_is_found(self, shelf, scoped):
        _node, variant, receive = shelf
        receive(5, "asn-1")
        StockBalance.objects.update(reserved=1)

        assert [item.variant_id for item in find_wrong_balances(scoped)] == [variant.pk]


supplies = st.lists(
    st.builds(
        Supply,
        balance_id=st.just(0),
        node_id=st.integers(1, 3),
        variant_id=st.integers(1, 3),
        available=st.integers(0, 6),
    ),
    max_size=9,
    unique_by=lambda item: (item.node_id, item.variant_id),
).map(
    lambda items: [
        Supply(n, item.node_id, item.variant_id, item.available) for n, item in enumerate(items, 1)
    ]
)
demands = st.lists(st.builds(Demand, st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=5)


@given(demands, supplies)
def test_an_assignment_serves_every_demand_and_never_more_than_there_is(wanted, shelf):
    result = assign(wanted, shelf, [1, 2, 3])

    served = [item for item in result if isinstance(item, Assignment)]
    if served:
        assert [item.demand for item in served] == wanted
        for supply in shelf:
            taken = sum(
                item.demand.quantity
                for item in served
                if item.supply.balance_id == supply.balance_id
            )
            assert taken <= supply.available
        assert all(item.supply.variant_id == item.demand.variant_id for item in served)
    else:
        assert result


@given(demands, supplies)
def test_one_node_serves_the_whole_order_when_it_can(wanted, shelf):
    needed: dict[int, int] = {}
    for demand in wanted:
        needed[demand.variant_id] = needed.get(demand.variant_id, 0) + demand.quantity
    whole = [
        node
        for node in (1, 2, 3)
        if all(
            any(
                s.node_id == node and s.variant_id == variant and s.available >= units
                for s in shelf
            )
            for variant, units in needed.items()
        )
    ]

    result = assign(wanted, shelf, [1, 2, 3])

    if whole:
        assert {item.supply.node_id for item in result} == {whole[0]}
