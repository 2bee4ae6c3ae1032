"""Any history of scans, repeats, pauses and put-aways: the ledger is the sum of the lines."""

from __future__ import annotations

import pytest
from django.db import transaction
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.inbound import services
from apps.inbound.models import InboundDiscrepancy, InboundLine, InboundReceipt, InboundShipment
from apps.inbound.requests import LineDraft, Scan, Shelving
from apps.inbound.selectors import find_wrong_shipments
from apps.inbound.states import TRANSITIONS
from apps.inventory.models import StockBalance, StockPosting
from apps.inventory.selectors import find_wrong_balances
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inbound import WarehouseFactory, inbound_draft

units = st.integers(1, 30)
conditions = st.sampled_from(["good", "damaged", "rejected"])
scans = st.tuples(
    st.just("scan"), st.sampled_from(["A", "B", "C"]), units, conditions, st.integers(1, 4)
)
shelvings = st.tuples(
    st.just("shelve"), st.integers(1, 3), st.integers(0, 30), st.integers(0, 5), st.integers(1, 4)
)
others = st.tuples(
    st.sampled_from(["amend", "arrive", "finish", "pause", "resume", "agree", "force", "submit"]),
    st.integers(1, 30),
)
histories = st.lists(st.one_of(scans, shelvings, others), min_size=4, max_size=24)


class World:
    """One shipment of two SKUs, and a third that nobody announced."""

    def __init__(self, merchant, actor, now) -> None:
        """Announce 20 of A and 10 of B, on their way."""
        self.who = {"actor": actor, "now": now}
        product = ProductFactory(merchant=merchant)
        variants = [VariantFactory(product=product, sku=sku) for sku in "ABC"]
        node = WarehouseFactory(merchant=merchant)
        lines = [LineDraft(variants[0], 20), LineDraft(variants[1], 10)]
        self.merchant = merchant
        self.shipment = services.create_inbound(merchant, inbound_draft(node, *lines), **self.who)
        services.submit_inbound(self.shipment, **self.who)
        services.accept_inbound(self.shipment, **self.who)
        services.book_appointment(self.shipment, at=now.replace(year=now.year + 1), **self.who)

    def act(self, step: tuple) -> None:
        """Do one step; what the rules refuse changes nothing."""
        before = self.picture()
        try:
            with transaction.atomic():
                self._do(step)
        except DomainError:
            assert self.picture() == before
            return
        after = self.picture()
        # The same step with the same reference, once more.
        if step[0] in {"scan", "shelve"}:
            with transaction.atomic():
                self._do(step)
            assert self.picture() == after

    def _do(self, step: tuple) -> None:
        kind, *rest = step
        shipment, who = self.shipment, self.who
        if kind == "scan":
            code, count, condition, reference = rest
            scan = Scan(code, count, condition)
            services.receive(shipment, [scan], reference=f"r{reference}", **who)
        elif kind == "shelve":
            position, count, damaged, reference = rest
            shelving = Shelving(position, count, damaged)
            services.put_away(shipment, [shelving], reference=f"s{reference}", **who)
        elif kind == "amend":
            services.amend_line(shipment, position=1, quantity=rest[0], reason="Recount", **who)
        elif kind == "force":
            services.force_close(shipment, reason="Given up", **who)
        elif kind == "agree":
            for row in InboundDiscrepancy.objects.filter(shipment=shipment, status="open"):
                services.answer_discrepancy(row, answer="accepted", **who)
        else:
            plain = {
                "arrive": services.arrive,
                "finish": services.finish_receiving,
                "pause": services.pause_receiving,
                "resume": services.resume_receiving,
                "submit": services.submit_inbound,
            }
            plain[kind](shipment, **who)

    def picture(self) -> tuple:
        """Everything that a refused or repeated step must leave alone."""
        shipment = InboundShipment.objects.get(pk=self.shipment.pk)
        lines = InboundLine.objects.filter(shipment=shipment).order_by("position").values_list()
        counts = (StockPosting, InboundReceipt, JournalEntry)
        return shipment.status, list(lines), [model.objects.count() for model in counts]

    def check(self) -> None:
        """The balances are the postings, the postings are the lines, and all add up."""
        assert find_wrong_balances(self.merchant) == find_wrong_shipments(self.merchant) == []
        shipment = InboundShipment.objects.get(pk=self.shipment.pk)
        is_counted = bool(shipment.received_at or shipment.ended_at)
        for line in InboundLine.objects.filter(shipment=shipment):
            balance = StockBalance.objects.get(variant=line.variant_id)
            coming = 0 if is_counted else line.counts.missing
            figures = {
                "inbound": coming,
                "qc_hold": line.counts.waiting,
                "available": line.accepted,
                "damaged": line.damaged,
                "quarantined": line.rejected,
            }
            assert {name: getattr(balance, name) for name in figures} == figures
            counted = sum(row.quantity for row in line.counted.all())
            assert line.received == counted
            assert line.over == line.counts.over
            assert line.short == (line.counts.missing if is_counted else 0)


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories, begins_at_the_gate=st.booleans())
def test_every_history_adds_up(merchant, actor, now, history, begins_at_the_gate):
    savepoint = transaction.savepoint()
    try:
        with scope(merchant=merchant):
            world = World(merchant, actor, now)
            steps = [("arrive", 1), *history] if begins_at_the_gate else history
            for step in steps:
                before = InboundShipment.objects.get(pk=world.shipment.pk).status
                world.act(step)
                after = InboundShipment.objects.get(pk=world.shipment.pk).status
                assert before == after or _leads(before, after) or step[0] == "force"
                world.check()
    finally:
        transaction.savepoint_rollback(savepoint)


def _leads(before: str, after: str) -> bool:
    """Say whether a chain of drawn transitions leads from one state to the other."""
    found, ahead = set(), [before]
    while ahead:
        following = TRANSITIONS[ahead.pop()] - found
        found |= following
        ahead += following
    return after in found
