"""What is done to stock by hand: moved with a reason, sent elsewhere, counted."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockAdjustment, StockBalance, StockPosting
from apps.inventory.selectors import find_wrong_balances
from apps.inventory.states import BY_HAND, MOVES, Disposition, Reason, may_adjust, may_move
from apps.journal.models import JournalEntry
from tests.factories.catalog import VariantFactory
from tests.factories.inventory import NodeFactory

pytestmark = pytest.mark.django_db


class TestTable:
    def test_every_reason_moves_between_known_sides(self):
        known = {"", *Disposition.values}

        assert set(MOVES) == set(Reason.values)
        assert {side for sides in MOVES.values() for pair in sides for side in pair} <= known
        assert all(source != target for sides in MOVES.values() for source, target in sides)

    def test_units_of_orders_are_not_touched_by_hand(self):
        taken = {"reserved", "picked", "packed"}

        assert not any(set(map(str, pair)) & taken for pairs in BY_HAND.values() for pair in pairs)

    def test_a_reason_moves_only_its_own_way(self):
        assert may_move("order", "available", "reserved")
        assert not may_move("order", "reserved", "available")
        assert not may_adjust("order", "available", "reserved")
        assert may_adjust("damage", "available", "damaged")
        assert not may_adjust("damage", "damaged", "available")


class TestAdjusting:
    def test_it_moves_units_and_says_why_and_who(self, shelf):
        shelf.receive(10)

        adjustment = shelf.adjust("damage", "available", "damaged", 3)

        assert (shelf.balance.available, shelf.balance.damaged) == (7, 3)
        assert (adjustment.note, adjustment.made_by_name) == ("seen at the gate", "Lin Yuan")
        posting = StockPosting.objects.latest("id")
        assert posting.reference == f"{adjustment.public_id}:{shelf.balance.pk}"
        assert posting.reason == "damage"
        fact = JournalEntry.objects.get(event="stock.adjusted")
        assert fact.payload == {
            "reason": "damage",
            "reference": adjustment.reference,
            "from": "available",
            "to": "damaged",
            "balances": 1,
            "units": 3,
        }

    def test_a_repeat_moves_nothing_more(self, shelf):
        shelf.receive(10)

        first = shelf.adjust("loss", "available", "lost", 2, "case-1")
        second = shelf.adjust("loss", "available", "lost", 2, "case-1")

        assert first.pk == second.pk
        assert (shelf.balance.available, shelf.balance.lost) == (8, 2)
        assert JournalEntry.objects.filter(event="stock.adjusted").count() == 1

    def test_a_reference_cannot_be_used_for_something_else(self, shelf):
        shelf.receive(10)
        shelf.adjust("loss", "available", "lost", 2, "case-1")

        with pytest.raises(DomainError) as caught:
            shelf.adjust("loss", "available", "lost", 3, "case-1")

        assert caught.value.code == "inventory.reference_reused"
        assert shelf.balance.lost == 2

    def test_more_than_there_is_is_refused_and_nothing_changes(self, shelf):
        shelf.receive(2)

        with pytest.raises(DomainError) as caught:
            shelf.adjust("damage", "available", "damaged", 3)

        assert caught.value.code == "inventory.short"
        assert caught.value.fields == {"changes.0.quantity": "Only 2 are there."}
        assert (shelf.balance.available, StockAdjustment.objects.count()) == (2, 0)

    @pytest.mark.parametrize(
        ("reason", "source", "target", "units", "code"),
        [
            ("order", "available", "reserved", 1, "inventory.not_allowed"),
            ("damage", "reserved", "damaged", 1, "inventory.not_allowed"),
            ("nonsense", "available", "damaged", 1, "inventory.not_allowed"),
            ("damage", "available", "damaged", 0, "inventory.quantity"),
        ],
    )
    def test_what_no_reason_allows_is_refused(self, shelf, reason, source, target, units, code):
        with pytest.raises(DomainError) as caught:
            shelf.adjust(reason, source, target, units)

        assert (caught.value.code, caught.value.status) == (code, 422)

    def test_units_found_outside_the_books_come_in(self, shelf):
        shelf.adjust("found", "", "available", 4)

        assert shelf.balance.available == 4
        assert find_wrong_balances(shelf.merchant) == []


class TestTransfers:
    def _send(self, shelf, there, units, reference="trf-1"):
        return inventory.transfer_stock(
            shelf.merchant,
            source=shelf.node,
            target=there,
            quantities={shelf.variant: units},
            reference=reference,
            actor=shelf.actor,
            now=shelf.now,
        )

    def test_units_leave_one_place_and_are_on_the_way_to_the_other(self, shelf):
        shelf.receive(10)
        there = NodeFactory(merchant=shelf.merchant)

        self._send(shelf, there, 4)
        self._send(shelf, there, 4)

        arriving = StockBalance.objects.get(node=there)
        assert (shelf.balance.available, arriving.in_transit, arriving.available) == (6, 4, 0)
        assert find_wrong_balances(shelf.merchant) == []
        assert JournalEntry.objects.get(event="stock.transferred").payload["units"] == 4

    def test_what_arrives_is_available_and_what_broke_is_damaged(self, shelf):
        shelf.receive(10)
        there = NodeFactory(merchant=shelf.merchant)
        self._send(shelf, there, 4)
        arrival = (
            inventory.Change(shelf.variant, there, 3),
            inventory.Change(shelf.variant, there, 1),
        )

        for change, (reason, target) in zip(
            arrival, [("arrived", "available"), ("damage", "damaged")], strict=True
        ):
            inventory.adjust_stock(
                shelf.merchant,
                changes=[change],
                reason=reason,
                source="in_transit",
                target=target,
                reference=f"arrival-{reason}",
                actor=shelf.actor,
                now=shelf.now,
            )

        balance = StockBalance.objects.get(node=there)
        assert (balance.in_transit, balance.available, balance.damaged) == (0, 3, 1)

    def test_more_than_there_is_stays_where_it_is(self, shelf):
        shelf.receive(3)
        there = NodeFactory(merchant=shelf.merchant)

        with pytest.raises(DomainError) as caught:
            self._send(shelf, there, 4)

        assert caught.value.code == "inventory.short"
        assert not StockPosting.objects.filter(reason="transfer").exists()

    def test_a_place_sends_nothing_to_itself(self, shelf):
        shelf.receive(3)

        with pytest.raises(DomainError) as caught:
            self._send(shelf, shelf.node, 1)

        assert caught.value.code == "inventory.same_node"


def test_a_count_sheet_sets_figures_once_and_keeps_its_note(shelf):
    shelf.receive(10)
    other = VariantFactory(product=shelf.variant.product)
    counts = [
        inventory.Count(shelf.variant.pk, shelf.variant.sku, shelf.node, 8),
        inventory.Count(other.pk, other.sku, shelf.node, 5),
    ]

    for _repeat in range(2):
        adjustment = inventory.count_stock(
            shelf.merchant,
            counts=counts,
            note="November",
            reference="sheet-1",
            actor=shelf.actor,
            now=shelf.now,
        )

    figures = StockBalance.objects.order_by("variant_id").values_list("available", flat=True)
    assert (list(figures), adjustment.note) == ([8, 5], "November")
    assert JournalEntry.objects.filter(event="stock.counted").count() == 2
    assert find_wrong_balances(shelf.merchant) == []


_STEPS = [(reason, *pair) for reason, pairs in BY_HAND.items() for pair in pairs]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(1, 4)), min_size=8, max_size=20))
def test_whatever_moves_balances_are_the_sum_of_their_postings_and_never_below_zero(shelf, steps):
    shelf.receive(6)
    for (reason, source, target), units in steps:
        with suppress(DomainError):  # a place that holds less refuses
            shelf.adjust(reason, source, target, units)

    assert find_wrong_balances(shelf.merchant) == []
    assert all(getattr(shelf.balance, name) >= 0 for name in Disposition.values)


@pytest.mark.parametrize("name", Disposition.values)
def test_a_planted_unit_is_found_in_every_condition(shelf, name):
    shelf.receive(5)
    StockBalance.objects.update(**{name: 1})

    assert [item.pk for item in find_wrong_balances(shelf.merchant)] == [shelf.balance.pk]
