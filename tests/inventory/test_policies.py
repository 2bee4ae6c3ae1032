"""What is kept back from sale and set aside for markets and channels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.inventory import services as inventory
from apps.inventory.models import StockAllocation
from apps.inventory.receivers import has_manual_allocations, use_allocations
from apps.inventory.rules import Allocation, Supply, explain_sellable, sellable
from apps.inventory.selectors import list_supplies
from apps.inventory.services import AllocationDraft
from apps.journal.models import JournalEntry
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.requests import LineRequest
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.factories.merchants import StoreFactory
from tests.factories.orders import order_request


def supply(available, *, safety=0, allocations=(), balance=1) -> Supply:
    return Supply(balance, balance, 1, available, safety=safety, allocations=allocations)


class TestRule:
    def test_without_policies_everything_is_for_sale(self):
        found = explain_sellable([supply(40)], "DE", "app")

        assert (found.units, found.kept_back, found.set_aside) == (40, 0, 0)

    def test_safety_units_are_kept_back_at_each_place(self):
        found = explain_sellable(
            [supply(40, safety=5), supply(3, safety=5, balance=2)], "DE", "app"
        )

        assert (found.available, found.kept_back, found.units) == (43, 8, 35)

    @pytest.mark.parametrize(
        ("market", "channel", "units"),
        [("DE", "app", 10), ("DE", "live", 7), ("FR", "live", 20), ("FR", "app", 3)],
    )
    def test_the_most_exact_allocation_counts_and_others_share_the_rest(
        self, market, channel, units
    ):
        allocations = (
            Allocation("DE", "", 10, 0),
            Allocation("DE", "live", 7, 0),
            Allocation("", "live", 0, 50),
        )

        found = explain_sellable([supply(40, allocations=allocations)], market, channel)

        assert found.units == units

    def test_units_lie_where_most_are_free(self):
        rules = (Allocation("DE", "", 12, 0),)
        shelf = [supply(5, allocations=rules), supply(30, allocations=rules, balance=2)]

        assert [item.available for item in sellable(shelf, "DE", "app")] == [0, 12]

    @given(
        st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=1, max_size=4),
        st.lists(
            st.tuples(st.sampled_from(["DE", "FR", ""]), st.integers(0, 60), st.integers(0, 50)),
            max_size=3,
            unique_by=lambda item: item[0],
        ),
    )
    def test_never_more_than_is_free_at_a_place(self, places, drafts):
        rules = tuple(
            Allocation(market, "" if market else "live", units, percent)
            for market, units, percent in drafts
        )
        shelf = [
            supply(units, safety=safety, allocations=rules, balance=key)
            for key, (units, safety) in enumerate(places, 1)
        ]

        for market, channel in (("DE", "app"), ("FR", "live"), ("US", "app")):
            offered = sellable(shelf, market, channel)
            limit = explain_sellable(shelf, market, channel).units
            assert sum(item.available for item in offered) == limit
            for before, after in zip(shelf, offered, strict=True):
                assert 0 <= after.available <= max(0, before.available - before.safety)


@pytest.mark.django_db
class TestPolicies:
    def test_a_variants_own_figure_goes_before_the_companys(self, shelf, scoped, actor, now):
        shelf.receive(10)
        for units, variant in ((3, None), (5, shelf.variant)):
            inventory.keep_back(scoped, units, variant=variant, actor=actor, now=now)
        [own] = list_supplies(scoped.pk, [shelf.variant.pk])
        inventory.keep_back(scoped, None, variant=shelf.variant, actor=actor, now=now)
        [usual] = list_supplies(scoped.pk, [shelf.variant.pk])

        assert (own.safety, usual.safety) == (5, 3)

    def test_supplies_bring_all_allocations_in_one_statement(
        self, shelf, scoped, actor, now, django_assert_num_queries
    ):
        shelf.receive(10)
        drafts = [
            AllocationDraft("DE", "", "manual", 4),
            AllocationDraft("", "live", "dynamic", 20),
        ]
        inventory.allocate_stock(scoped, shelf.variant, drafts, actor=actor, now=now)

        with django_assert_num_queries(1):
            [found] = list_supplies(scoped.pk, [shelf.variant.pk])
        assert set(found.allocations) == {
            Allocation("DE", "", 4, 0),
            Allocation("", "live", 0, 20),
        }

    @pytest.mark.parametrize(
        "drafts",
        [
            [AllocationDraft("", "", "manual", 1)],
            [AllocationDraft("DE", "", "manual", 1), AllocationDraft("DE", "", "dynamic", 1)],
            [AllocationDraft("DE", "", "dynamic", 60), AllocationDraft("FR", "", "dynamic", 41)],
            [AllocationDraft("DE", "", "shared", 1)],
            [AllocationDraft("DE", "", "manual", -1)],
        ],
    )
    def test_what_makes_no_sense_is_refused(self, shelf, scoped, actor, now, drafts):
        with pytest.raises(DomainError) as caught:
            inventory.allocate_stock(scoped, shelf.variant, drafts, actor=actor, now=now)

        assert caught.value.code == "inventory.bad_allocation"
        assert not StockAllocation.objects.exists()


@pytest.mark.django_db
class TestSales:
    @pytest.fixture
    def buy(self, shelf, scoped, actor, now):
        shelf.receive(10)
        ListingFactory(variant=shelf.variant)
        store = StoreFactory(merchant=scoped)

        def place(units, channel="app"):
            request = order_request(LineRequest(shelf.variant.sku, units), now=now, channel=channel)
            return orders.place_order(request, merchant=scoped, store=store, actor=actor, now=now)

        return place

    def test_intake_sells_no_safety_units(self, shelf, scoped, actor, now, buy):
        inventory.keep_back(scoped, 8, variant=shelf.variant, actor=actor, now=now)

        with pytest.raises(DomainError) as caught:
            buy(3)

        assert caught.value.code == "orders.out_of_stock"
        assert buy(2).is_new

    def test_what_is_set_aside_for_a_channel_is_sold_there_alone(
        self, shelf, scoped, actor, now, buy
    ):
        drafts = [AllocationDraft("", "live", "manual", 6)]
        inventory.allocate_stock(scoped, shelf.variant, drafts, actor=actor, now=now)

        with pytest.raises(DomainError):
            buy(5)
        assert buy(4).is_new
        assert buy(6, channel="live").is_new

    def test_sales_use_a_number_up_and_a_cancelled_order_gives_back(
        self, shelf, scoped, actor, now, buy
    ):
        drafts = [AllocationDraft("DE", "", "manual", 6)]
        inventory.allocate_stock(scoped, shelf.variant, drafts, actor=actor, now=now)
        assert has_manual_allocations(scoped.pk)
        receipt = buy(4)

        use_allocations(JournalEntry.objects.get(event="order.placed"))
        assert StockAllocation.objects.get().units == 2
        order = Order.objects.get(public_id=receipt.public_id)
        orders.cancel_order(order, reason="Changed", actor=actor, now=now)
        use_allocations(JournalEntry.objects.get(event="order.cancelled"))
        assert StockAllocation.objects.get().units == 6

    def test_other_variants_are_untouched(self, shelf, scoped, actor, now, buy):
        other = VariantFactory(product=shelf.variant.product)
        drafts = [AllocationDraft("DE", "", "manual", 6)]
        inventory.allocate_stock(scoped, other, drafts, actor=actor, now=now)
        buy(4)

        use_allocations(JournalEntry.objects.get(event="order.placed"))

        assert StockAllocation.objects.get().units == 6
