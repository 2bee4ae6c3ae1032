"""Hot balances: the same units in sixteen rows, and the same figures everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.dashboard.selectors.products import sum_stock as sum_by_variant
from apps.inventory import buckets, hot
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance, StockBucket, StockPosting
from apps.inventory.rules import share_evenly
from apps.inventory.selectors import find_wrong_balances, list_supplies, sum_stock
from apps.jobs.deadlines import sweep
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory, put_stock


@pytest.fixture
def lamp(scoped):
    return VariantFactory(product=ProductFactory(merchant=scoped), sku="LAMP")


@pytest.fixture
def heat(scoped, lamp, now, actor):
    """Put units of the lamp on a shelf and make it hot."""

    def act(units, **options):
        node = put_stock(lamp, units, now=now, node=NodeFactory(merchant=scoped))
        hot.heat_balances(scoped, variants=[lamp], actor=actor, now=now, **options)
        return node

    return act


def reserve(merchant, units, reference, now, *, is_hot: bool | None = True, back=False):
    source, target = ("reserved", "available") if back else ("available", "reserved")
    step = inventory.Movement(StockBalance.objects.get().pk, units, reference, is_hot)
    with transaction.atomic():
        inventory.move(
            [step],
            merchant_id=merchant.pk,
            source=source,
            target=target,
            reason="cancelled" if back else "order",
            now=now,
        )


def shares(column="available"):
    return list(StockBucket.objects.order_by("number").values_list(column, flat=True))


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_shares_sum_to_the_whole_and_differ_by_one_at_most(total, parts):
    split = share_evenly(total, parts)

    assert (len(split), sum(split)) == (parts, total)
    assert max(split) - min(split) <= 1


@pytest.mark.django_db
class TestHeating:
    def test_units_are_spread_and_no_figure_changes(self, heat, scoped, lamp):
        heat(50)

        assert shares() == [4] * 2 + [3] * 14
        balance = StockBalance.objects.get()
        assert (balance.is_hot, balance.available) == (True, 0)
        assert sum_stock(scoped) == {"available": 50, "reserved": 0, "came": 50, "went": 0}
        assert sum_by_variant(scoped, [lamp.pk]) == {lamp.pk: (50, 0)}
        assert [item.available for item in list_supplies(scoped.pk, [lamp.pk])] == [50]
        assert find_wrong_balances(scoped) == []
        assert StockPosting.objects.count() == 1

    def test_cooling_brings_everything_back(self, heat, scoped, lamp, now, actor):
        heat(50)
        reserve(scoped, 3, "a", now)

        assert hot.cool_balances(scoped, variants=[lamp], actor=actor, now=now) == 1

        balance = StockBalance.objects.get()
        assert (balance.is_hot, balance.available, balance.reserved) == (False, 47, 3)
        assert not StockBucket.objects.exists()
        assert find_wrong_balances(scoped) == []

    def test_both_are_told_once_and_do_nothing_twice(self, heat, scoped, lamp, now, actor):
        heat(5)
        assert hot.heat_balances(scoped, variants=[lamp], actor=actor, now=now) == 0
        assert hot.cool_balances(scoped, variants=[lamp], actor=actor, now=now) == 1
        assert hot.cool_balances(scoped, variants=[lamp], actor=actor, now=now) == 0

        told = JournalEntry.objects.filter(event__in=["stock.heated", "stock.cooled"])
        assert list(told.order_by("id").values_list("event", "subject_id")) == [
            ("stock.heated", lamp.public_id),
            ("stock.cooled", lamp.public_id),
        ]

    def test_a_sale_with_an_end_cools_by_itself(self, heat, scoped, lamp, now):
        heat(5, until=now + timedelta(hours=1))

        assert sweep(now=now) == 0
        assert sweep(now=now + timedelta(hours=1)) == 1

        assert StockBalance.objects.get().is_hot is False
        assert Deadline.objects.get().outcome == "cooled 1"

    def test_a_later_sale_moves_the_end(self, heat, scoped, lamp, now, actor):
        heat(5, until=now + timedelta(hours=1))
        sweep(now=now + timedelta(hours=1))
        for hours in (2, 3):
            until = now + timedelta(hours=hours)
            hot.heat_balances(scoped, variants=[lamp], actor=actor, now=now, until=until)

        assert sweep(now=now + timedelta(hours=2)) == 0
        assert sweep(now=now + timedelta(hours=3)) == 1
        assert StockBalance.objects.get().is_hot is False

    def test_another_company_is_left_alone(self, heat, stranger, lamp, now, actor):
        heat(5)

        assert hot.cool_balances(stranger, variants=[lamp], actor=actor, now=now) == 0
        assert StockBalance.objects.get().is_hot is True

    def test_the_database_refuses_a_share_below_zero(self, heat):
        heat(5)

        with pytest.raises(IntegrityError), transaction.atomic():
            StockBucket.objects.update(available=-1)


@pytest.mark.django_db
class TestSelling:
    def test_one_unit_takes_one_update(self, heat, scoped, now, django_assert_num_queries):
        heat(160)
        step = inventory.Movement(StockBalance.objects.get().pk, 1, "a", is_hot=True)

        with transaction.atomic(), django_assert_num_queries(2):
            inventory.move(
                [step],
                merchant_id=scoped.pk,
                source="available",
                target="reserved",
                reason="order",
                now=now,
            )

        assert sorted(shares()) == [9] + [10] * 15
        assert sum(shares("reserved")) == 1

    @pytest.mark.parametrize("is_hot", [True, None])
    def test_a_remainder_spread_over_buckets_is_sold(self, heat, scoped, now, is_hot):
        heat(20)

        reserve(scoped, 17, "a", now, is_hot=is_hot)
        reserve(scoped, 3, "b", now, is_hot=is_hot)

        assert sum_stock(scoped)["available"] == 0
        with pytest.raises(inventory.StockShortError):
            reserve(scoped, 1, "c", now, is_hot=is_hot)
        assert sum_stock(scoped)["reserved"] == 20
        assert find_wrong_balances(scoped) == []

    def test_more_than_there_is_changes_nothing(self, heat, scoped, now):
        heat(20)

        with pytest.raises(inventory.StockShortError):
            reserve(scoped, 21, "a", now)

        assert sum_stock(scoped)["available"] == 20
        assert sum_stock(scoped)["reserved"] == 0

    def test_given_back_units_are_sold_again(self, heat, scoped, now):
        heat(20)
        reserve(scoped, 20, "a", now)
        reserve(scoped, 20, "back", now, back=True)
        reserve(scoped, 20, "b", now)

        assert sum_stock(scoped)["reserved"] == 20

    def test_units_that_came_during_the_sale_are_sold(self, heat, scoped, lamp, now):
        node = heat(2)
        put_stock(lamp, 30, now=now, node=node)

        reserve(scoped, 31, "a", now)

        assert sum_stock(scoped)["available"] == 1
        assert sum(shares()) == 1

    def test_a_sale_planned_before_cooling_still_finds_the_units(
        self, heat, scoped, lamp, now, actor
    ):
        heat(20)
        hot.cool_balances(scoped, variants=[lamp], actor=actor, now=now)

        reserve(scoped, 5, "a", now, is_hot=True)

        balance = StockBalance.objects.get()
        assert (balance.available, balance.reserved) == (15, 5)

    def test_a_sale_planned_before_heating_is_told_to_look_again(self, heat, scoped, now):
        heat(20)

        with pytest.raises(OperationalError, match="1020"):
            reserve(scoped, 5, "a", now, is_hot=False)

    def test_damage_is_taken_from_the_buckets(self, heat, scoped, now):
        heat(20)
        step = inventory.Movement(StockBalance.objects.get().pk, 18, "broken")

        with transaction.atomic():
            inventory.move(
                [step],
                merchant_id=scoped.pk,
                source="available",
                target="damaged",
                reason="damage",
                now=now,
            )

        assert StockBalance.objects.get().damaged == 18
        assert sum_stock(scoped)["available"] == 2
        assert find_wrong_balances(scoped) == []


@pytest.mark.django_db
class TestCounting:
    @pytest.mark.parametrize("counted", [0, 7, 20, 100])
    def test_a_count_during_the_sale_sets_what_all_rows_hold(
        self, heat, scoped, lamp, now, actor, counted
    ):
        node = heat(20)

        balance = inventory.set_available(
            scoped, node=node, variant=lamp, quantity=counted, reason="count", actor=actor, now=now
        )

        assert balance.available == counted
        assert sum(shares()) == counted
        assert find_wrong_balances(scoped) == []

    def test_a_sheet_sets_it_too(self, heat, scoped, lamp, now, actor):
        node = heat(20)
        counts = [inventory.Count(lamp.pk, "LAMP", node, 4)]

        with transaction.atomic():
            done = inventory.set_many(
                counts, merchant=scoped, reason="import", reference="i", actor=actor, now=now
            )

        assert [(item.before, item.after) for item in done] == [(20, 4)]
        assert sum_stock(scoped)["available"] == 4

    def test_a_planted_unit_in_a_bucket_is_found(self, heat, scoped, lamp):
        heat(20)
        StockBucket.objects.filter(number=3).update(reserved=1)

        assert [item.variant_id for item in find_wrong_balances(scoped)] == [lamp.pk]


@pytest.mark.django_db
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(st.sampled_from("bcrlhs"), st.integers(1, 25)), max_size=12))
def test_any_mix_of_steps_keeps_every_unit(scoped_factory, steps):
    world = scoped_factory()
    for number, (kind, units) in enumerate(steps):
        world.act(kind, units, f"{number}")

    assert world.figures() == (world.available, world.reserved)
    assert find_wrong_balances(world.merchant) == []


@pytest.fixture
def scoped_factory(scoped, now, actor):
    """Return worlds of one lamp each, which know what they should hold."""
    return lambda: _World(scoped, now, actor)


class _World:
    def __init__(self, merchant, now, actor):
        self.merchant, self.now, self.actor = merchant, now, actor
        self.lamp = VariantFactory(product=ProductFactory(merchant=merchant))
        self.node = put_stock(self.lamp, 30, now=now, node=NodeFactory(merchant=merchant))
        self.balance = StockBalance.objects.get(variant=self.lamp)
        self.available, self.reserved = 30, 0
        hot.heat_balances(merchant, variants=[self.lamp], actor=actor, now=now)

    def act(self, kind, units, name):
        options = {"variants": [self.lamp], "actor": self.actor, "now": self.now}
        if kind == "h":
            hot.heat_balances(self.merchant, **options)
        elif kind == "c":
            hot.cool_balances(self.merchant, **options)
        elif kind == "l":
            buckets.level(self.balance.pk)
        elif kind == "r":
            inventory.receive_stock(
                self.merchant,
                node=self.node,
                quantities={self.lamp: units},
                reference=f"{self.balance.pk}:{name}",
                actor=self.actor,
                now=self.now,
            )
            self.available += units
        else:
            self._trade(-units if kind == "s" else units, name)

    def _trade(self, units, name):
        """Reserve units, or give them back when below zero."""
        source, target = ("available", "reserved") if units > 0 else ("reserved", "available")
        enough = (self.available if units > 0 else self.reserved) >= abs(units)
        step = inventory.Movement(self.balance.pk, abs(units), f"{self.balance.pk}:{name}")
        try:
            with transaction.atomic():
                inventory.move(
                    [step],
                    merchant_id=self.merchant.pk,
                    source=source,
                    target=target,
                    reason="order" if units > 0 else "cancelled",
                    now=self.now,
                )
        except inventory.StockShortError:
            assert not enough
            return
        assert enough
        self.available -= units
        self.reserved += units

    def figures(self):
        balance = StockBalance.objects.get(pk=self.balance.pk)
        buckets.fold([balance])
        return balance.available, balance.reserved
