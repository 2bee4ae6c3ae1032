"""Any order of steps on any orders: stock is its postings, totals add up, no unit is lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django_scopes import scope
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from apps.common.errors import DomainError
from apps.finance.models import LedgerEntry
from apps.finance.services import post_order
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Shipment
from apps.inventory.models import StockBalance
from apps.inventory.selectors import find_wrong_balances
from apps.journal.actors import system_actor
from apps.orders import services as orders
from apps.orders.models import LineDiscount, Order, OrderChange, OrderLine
from apps.orders.requests import LineRequest
from apps.orders.states import OrderStatus
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.merchants import MerchantFactory, StoreFactory
from tests.factories.orders import order_request

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ACTOR = system_actor("tests")
STOCK = 60
OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED)
pick = st.integers(0, 50)
some = st.integers(1, 4)


class Trade(RuleBasedStateMachine):
    """One company with two SKUs; every step may be refused, none may break anything."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        merchant = MerchantFactory()
        self.scope = scope(merchant=merchant)
        self.scope.__enter__()
        self.merchant, self.store = merchant, StoreFactory(merchant=merchant)
        product = ProductFactory(merchant=merchant)
        for sku in ("A", "B"):
            variant = VariantFactory(product=product, sku=sku)
            ListingFactory(variant=variant)
            put_stock(variant, STOCK, now=NOW)
        self.ended: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)
        self.atomic.__exit__(None, None, None)

    def order(self, number: int) -> Order:
        found = list(Order.objects.order_by("pk"))
        return found[number % len(found)]

    def attempt(self, step) -> None:
        try:
            with transaction.atomic():
                step()
        except DomainError:
            return

    @rule(a=some, b=st.integers(0, 3), fee=st.sampled_from([0, 599]), off=st.integers(0, 700))
    def place(self, a: int, b: int, fee: int, off: int) -> None:
        lines = [LineRequest("A", a), *([LineRequest("B", b)] if b else [])]
        request = order_request(*lines, now=NOW, shipping_minor=fee)

        def step() -> None:
            receipt = orders.place_order(
                request, merchant=self.merchant, store=self.store, actor=ACTOR, now=NOW
            )
            if off:
                discount(Order.objects.get(pk=receipt.order_id), off)

        self.attempt(step)

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick)
    def hold_and_release(self, number: int) -> None:
        def step() -> None:
            hold = orders.place_hold(
                self.order(number), kind="address", reason="x", actor=ACTOR, now=NOW
            )
            orders.release_hold(hold, actor=ACTOR, now=NOW)

        self.attempt(step)

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick)
    def confirm(self, number: int) -> None:
        self.attempt(lambda: orders.confirm_order(self.order(number), actor=ACTOR, now=NOW))

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick)
    def label(self, number: int) -> None:
        self.attempt(lambda: fulfillment.create_shipments(self.order(number), actor=ACTOR, now=NOW))

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick, position=st.integers(1, 3), units=some)
    def cancel_units(self, number: int, position: int, units: int) -> None:
        wanted = {position: units}
        self.attempt(
            lambda: orders.cancel_units(
                self.order(number), wanted, code="damaged", actor=ACTOR, now=NOW
            )
        )

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick, position=st.integers(1, 3), units=some)
    def split(self, number: int, position: int, units: int) -> None:
        wanted = {position: units}
        self.attempt(lambda: orders.split_order(self.order(number), wanted, actor=ACTOR, now=NOW))

    @precondition(lambda self: Order.objects.exists())
    @rule(one=pick, other=pick)
    def merge(self, one: int, other: int) -> None:
        self.attempt(
            lambda: orders.merge_orders(self.order(one), self.order(other), actor=ACTOR, now=NOW)
        )

    @precondition(lambda self: OrderChange.objects.filter(kind="joined").exists())
    @rule()
    def undo_merge(self) -> None:
        change = OrderChange.objects.filter(kind="joined").latest("pk")
        self.attempt(lambda: orders.undo_merge(change, actor=ACTOR, now=NOW))

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick)
    def cancel(self, number: int) -> None:
        self.attempt(
            lambda: orders.cancel_order(self.order(number), reason="x", actor=ACTOR, now=NOW)
        )

    @precondition(lambda self: Shipment.objects.filter(status="booked").exists())
    @rule(number=pick, position=st.integers(1, 3), units=some)
    def divide(self, number: int, position: int, units: int) -> None:
        booked = list(Shipment.objects.filter(status="booked").order_by("pk"))
        shipment = booked[number % len(booked)]
        self.attempt(
            lambda: fulfillment.divide_shipment(shipment, {position: units}, actor=ACTOR, now=NOW)
        )

    @precondition(lambda self: Shipment.objects.filter(status="booked").exists())
    @rule(number=pick)
    def hand_over(self, number: int) -> None:
        booked = list(Shipment.objects.filter(status="booked").order_by("pk"))
        shipment = booked[number % len(booked)]
        self.attempt(lambda: fulfillment.hand_over(shipment, actor=ACTOR, now=NOW))

    @precondition(lambda self: Order.objects.exists())
    @rule(number=pick)
    def deliver(self, number: int) -> None:
        self.attempt(
            lambda: orders.deliver_order(self.order(number), delivered_at=NOW, actor=ACTOR, now=NOW)
        )

    @invariant()
    def stock_is_its_postings_and_no_unit_is_lost(self) -> None:
        assert find_wrong_balances(self.merchant) == []
        for sku in ("A", "B"):
            lines = OrderLine.objects.filter(sku=sku)
            kept = lines.filter(order__status__in=OPEN, shipped_at=None)
            gone = lines.exclude(order__status__in=[*OPEN, OrderStatus.CANCELLED]) | lines.filter(
                shipped_at__isnull=False
            )
            reserved = sum(kept.values_list("quantity", flat=True))
            left = sum(gone.values_list("quantity", flat=True))
            balance = StockBalance.objects.get(variant__sku=sku)
            assert balance.reserved == reserved
            assert balance.available == STOCK - reserved - left

    @invariant()
    def totals_are_those_of_the_lines(self) -> None:
        for order in Order.objects.prefetch_related("lines", "discounts"):
            lines, discounts = list(order.lines.all()), list(order.discounts.all())
            assert order.items_minor == sum(one.unit_price_minor * one.quantity for one in lines)
            assert order.discount_minor == sum(one.amount_minor for one in discounts)
            assert order.line_count == len(lines)
            assert order.unit_count == sum(one.quantity for one in lines)

    @invariant()
    def the_end_is_one_end(self) -> None:
        for pk, status in Order.objects.values_list("pk", "status"):
            assert self.ended.get(pk, status) == status
            if status == OrderStatus.CANCELLED:
                self.ended[pk] = status

    @invariant()
    def the_ledger_holds_what_buyers_paid(self) -> None:
        for order in Order.objects.exclude(confirmed_at=None):
            post_order(order.public_id, now=NOW) if order.delivered_at is None else None
        entries = LedgerEntry.objects.filter(account__code="clearing")
        held = sum(entries.values_list("amount_minor", flat=True))
        paid = Order.objects.exclude(confirmed_at=None).exclude(status="cancelled")
        assert held == sum(paid.values_list("total_minor", flat=True))


def discount(order: Order, amount: int) -> None:
    """Take an amount off the first line, as promotions do."""
    line = order.lines.get(position=1)
    line.discount_minor, line.total_minor = amount, line.total_minor - amount
    line.save()
    order.discount_minor, order.total_minor = amount, order.total_minor - amount
    order.save()
    LineDiscount.objects.create(
        merchant_id=order.merchant_id,
        order=order,
        position=1,
        unit_count=line.quantity,
        promotion_ref="prm_1",
        promotion_name="Off",
        amount_minor=amount,
        platform_minor=amount // 3,
    )


@pytest.mark.django_db
def test_trade() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=3,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
