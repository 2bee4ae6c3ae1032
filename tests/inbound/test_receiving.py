"""Counting in, inspecting, putting away and settling, with what it does to stock."""

from __future__ import annotations

from datetime import date

import pytest

from apps.common.errors import DomainError
from apps.inbound import services
from apps.inbound.models import InboundCarton, InboundDiscrepancy, InboundReceipt
from apps.inbound.requests import CartonDraft, LineDraft, Scan, Shelving
from apps.inbound.selectors import find_wrong_shipments, get_discrepancy, list_discrepancies
from apps.inventory import services as inventory
from apps.inventory.models import StockLot, StockPosting
from apps.inventory.selectors import find_wrong_balances, find_wrong_lots
from apps.inventory.selectors.changes import list_stock_changes
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inbound import SSCCS, inbound_draft

pytestmark = pytest.mark.django_db
END = date(2027, 6, 1)


@pytest.fixture
def who(dock):
    return {"actor": dock.actor, "now": dock.now}


@pytest.fixture(autouse=True)
def _books_are_right(dock):
    yield
    assert find_wrong_balances(dock.merchant) == []
    assert find_wrong_shipments(dock.merchant) == []
    assert find_wrong_lots(dock.merchant) == []


def code_of(function, *args, **kwargs) -> str:
    with pytest.raises(DomainError) as caught:
        function(*args, **kwargs)
    return caught.value.code


class TestCounting:
    def test_good_units_wait_and_others_are_set_apart(self, dock):
        shipment = dock.ship()

        dock.scan(shipment, 50, reference="a")
        dock.scan(shipment, 5, "damaged", reference="b", note="Wet carton")
        dock.scan(shipment, 2, "rejected", reference="c")

        assert dock.stock == {"inbound": 43, "qc_hold": 50, "damaged": 5, "quarantined": 2}
        line = dock.line(shipment)
        assert (line.received, line.damaged, line.rejected, line.accepted) == (57, 5, 2, 0)
        assert dock.fresh(shipment).status == "receiving"

    def test_a_repeated_scan_counts_once(self, dock):
        shipment = dock.ship()

        first = dock.scan(shipment, 50)
        again = dock.scan(shipment, 50)

        assert first == again
        assert (dock.line(shipment).received, InboundReceipt.objects.count()) == (50, 1)
        assert JournalEntry.objects.filter(event="inbound.counted").count() == 1

    def test_a_reference_with_other_content_is_refused(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 50)
        assert code_of(dock.scan, shipment, 51) == "inbound.reference_reused"
        assert dock.line(shipment).received == 50

    @pytest.mark.parametrize("code", ["4006381333931", "04006381333931", " LAMP\r"])
    def test_a_gtin_of_any_length_is_its_sku(self, dock, code):
        shipment = dock.ship()
        dock.scan(shipment, 1, code=code)
        assert dock.line(shipment).received == 1

    def test_within_the_tolerance_more_is_taken(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 106)
        line = dock.line(shipment)
        assert (line.received, line.over, dock.stock) == (106, 6, {"qc_hold": 106})

    def test_beyond_it_the_scan_is_refused_and_may_be_quarantined(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 104, reference="a")

        with pytest.raises(DomainError) as caught:
            dock.scan(shipment, 5, reference="b")
        assert caught.value.code == "inbound.over_tolerance"
        assert caught.value.message.startswith("Only 2 more of LAMP")
        dock.scan(shipment, 5, "rejected", reference="b")

        assert dock.stock == {"qc_hold": 104, "quarantined": 5}

    def test_what_was_not_announced_can_only_be_quarantined(self, dock):
        VariantFactory(product=dock.variant.product, sku="OTHER", gtin="9780201379624")
        shipment = dock.ship()
        assert code_of(dock.scan, shipment, 1, code="OTHER") == "inbound.unexpected"

        dock.scan(shipment, 3, "rejected", code="9780201379624")

        line = dock.line(shipment, 2)
        assert (line.variant.sku, line.expected, line.received, line.rejected) == ("OTHER", 0, 3, 3)

    @pytest.mark.parametrize(
        ("scan", "code"),
        [
            (Scan("NOWHERE"), "inbound.unknown_code"),
            (Scan("LAMP", 0), "inbound.invalid"),
            (Scan("LAMP", 1, "sold"), "inbound.invalid"),
            (Scan("LAMP", 1, lot_code="Z"), "inbound.unknown_lot"),
        ],
    )
    def test_what_nobody_can_count_is_refused(self, dock, who, scan, code):
        shipment = dock.ship()
        assert code_of(services.receive, shipment, [scan], reference="a", **who) == code
        assert dock.fresh(shipment).status == "arrived"

    def test_a_strangers_sku_is_unknown(self, dock, stranger):
        VariantFactory(product=ProductFactory(merchant=stranger), sku="THEIRS")
        shipment = dock.ship()
        assert code_of(dock.scan, shipment, 1, "rejected", code="THEIRS") == "inbound.unknown_code"

    def test_all_or_nothing(self, dock, who):
        shipment = dock.ship()
        scans = [Scan("LAMP", 10), Scan("NOWHERE")]
        assert code_of(services.receive, shipment, scans, reference="a", **who)
        assert (dock.line(shipment).received, dock.stock) == (0, {"inbound": 100})

    @pytest.mark.parametrize("status", ["draft", "accepted", "in_transit", "inspecting"])
    def test_only_at_the_gate(self, dock, status):
        shipment = dock.ship(status)
        assert code_of(dock.scan, shipment, 1, reference="late") == "inbound.wrong_state"

    def test_a_pause_holds_the_counting(self, dock, who):
        shipment = dock.ship()
        dock.scan(shipment, 10)
        services.pause_receiving(shipment, **who)
        assert code_of(dock.scan, shipment, 1, reference="b") == "inbound.wrong_state"
        assert code_of(dock.finish, shipment) == "inbound.wrong_state"

        services.resume_receiving(shipment, **who)
        dock.scan(shipment, 1, reference="b")

        assert dock.line(shipment).received == 11

    def test_units_moved_by_hand_are_said_so(self, dock, who):
        shipment = dock.ship()
        inventory.adjust_stock(
            dock.merchant,
            changes=[inventory.Change(dock.variant, dock.node, 60)],
            reason="received",
            source="inbound",
            target="available",
            reference="by-hand",
            **who,
        )
        assert code_of(dock.scan, shipment, 50) == "inbound.units_moved"
        assert dock.line(shipment).received == 0


class TestCartons:
    @pytest.fixture
    def boxed(self, dock):
        cartons = tuple(CartonDraft(sscc, (("LAMP", "", 50),)) for sscc in SSCCS)
        return dock.ship(cartons=cartons)

    @pytest.mark.parametrize("frame", ["{}", "(00){}", "00{}"])
    def test_a_scanned_carton_brings_what_is_in_it(self, dock, boxed, frame):
        dock.scan(boxed, 1, code=frame.format(SSCCS[0]))
        assert dock.line(boxed).received == 50
        assert InboundCarton.objects.filter(receipt__isnull=False).count() == 1

    def test_a_carton_is_counted_once(self, dock, boxed):
        dock.scan(boxed, 1, code=SSCCS[0])
        error = code_of(dock.scan, boxed, 1, code=SSCCS[0], reference="another")
        assert (error, dock.line(boxed).received) == ("inbound.carton_taken", 50)

    def test_nor_twice_in_one_receipt(self, dock, boxed, who):
        scans = [Scan(SSCCS[0]), Scan(SSCCS[0])]
        assert (
            code_of(services.receive, boxed, scans, reference="a", **who) == "inbound.carton_taken"
        )
        assert dock.line(boxed).received == 0

    def test_a_crushed_carton_is_damaged_as_a_whole(self, dock, boxed):
        dock.scan(boxed, 1, "damaged", code=SSCCS[0])
        assert dock.stock == {"inbound": 50, "damaged": 50}


class TestFinishing:
    def test_as_announced_it_goes_on_to_inspection(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 100)

        done = dock.finish(shipment)

        assert done.status == "inspecting"
        assert list_discrepancies(shipment) == []
        entry = JournalEntry.objects.get(event="inbound.inspecting")
        assert (entry.payload["reasons"], entry.payload["rules_version"]) == ([], "2026-11")

    def test_a_small_difference_is_noted(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 97)

        done = dock.finish(shipment)

        [found] = list_discrepancies(shipment)
        assert (done.status, found.kind, found.units, found.status) == (
            *("inspecting", "short", 3),
            "noted",
        )
        assert dock.stock == {"qc_hold": 97}

    def test_a_large_one_asks_the_company_with_the_words_of_the_warehouse(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 80, reference="a")
        dock.scan(shipment, 10, "damaged", reference="b", note="Crushed by the forklift")

        done = dock.finish(shipment, note="One pallet missing")

        found = {row.kind: row for row in list_discrepancies(shipment)}
        assert done.status == "reconciling"
        assert {kind: (row.units, row.allowed, row.status) for kind, row in found.items()} == {
            "short": (10, 6, "open"),
            "damaged": (10, 6, "open"),
        }
        assert found["damaged"].said == "Crushed by the forklift"
        reasons = JournalEntry.objects.get(event="inbound.reconciling").payload["reasons"]
        assert reasons == ["LAMP: short 10 > 6", "LAMP: damaged 10 > 6"]

    def test_nothing_came(self, dock, who):
        shipment = dock.ship()
        dock.scan(shipment, 1, "rejected")
        dock.finish(shipment)

        for row in InboundDiscrepancy.objects.filter(status="open"):
            services.answer_discrepancy(row, answer="accepted", **who)

        assert (dock.fresh(shipment).status, dock.stock) == ("closed", {"quarantined": 1})


class TestSettling:
    @pytest.fixture
    def short(self, dock):
        shipment = dock.ship()
        dock.scan(shipment, 80)
        return dock.finish(shipment)

    def test_it_closes_after_the_answer_and_the_shelf(self, dock, short, who):
        [row] = list_discrepancies(short)
        services.answer_discrepancy(
            get_discrepancy(short, row.public_id), answer="disputed", note="We sent 100", **who
        )
        assert dock.fresh(short).status == "reconciling"

        done = dock.shelve(short, Shelving(1, 80))

        assert (done.status, dock.stock) == ("closed", {"available": 80})

    def test_or_in_the_other_order(self, dock, short, who):
        assert dock.shelve(short, Shelving(1, 80)).status == "reconciling"
        [row] = list_discrepancies(short)
        services.answer_discrepancy(row, answer="accepted", **who)
        assert dock.fresh(short).status == "closed"

    def test_an_answer_is_given_once_and_a_dispute_needs_words(self, dock, short, who):
        [row] = list_discrepancies(short)
        assert (
            code_of(services.answer_discrepancy, row, answer="disputed", **who) == "inbound.answer"
        )
        assert code_of(services.answer_discrepancy, row, answer="noted", **who) == "inbound.answer"
        services.answer_discrepancy(row, answer="accepted", **who)
        error = code_of(services.answer_discrepancy, row, answer="accepted", **who)
        assert error == "inbound.answered"


class TestPuttingAway:
    @pytest.fixture
    def counted(self, dock):
        return dock.ship("inspecting")

    def test_units_are_for_sale_and_the_last_one_closes_it(self, dock, counted):
        assert dock.shelve(counted, Shelving(1, 60)).status == "putaway"

        done = dock.shelve(counted, Shelving(1, 38, damaged=2), reference="s2")

        assert (done.status, dock.stock) == ("closed", {"available": 98, "damaged": 2})
        assert bool(done.ended_at)

    def test_a_repeat_changes_nothing(self, dock, counted):
        dock.shelve(counted, Shelving(1, 60))
        dock.shelve(counted, Shelving(1, 60))
        assert dock.stock == {"available": 60, "qc_hold": 40}
        assert code_of(dock.shelve, counted, Shelving(1, 61)) == "inbound.reference_reused"

    def test_what_inspection_finds_beyond_the_tolerance_is_answered_first(self, dock, counted, who):
        done = dock.shelve(counted, Shelving(1, 90, damaged=10, note="Glass broken"))
        [row] = list_discrepancies(counted)
        assert (done.status, row.kind, row.units, row.said) == (
            *("putaway", "damaged", 10),
            "Glass broken",
        )

        services.answer_discrepancy(row, answer="accepted", **who)

        assert dock.fresh(counted).status == "closed"

    @pytest.mark.parametrize(
        ("shelving", "code"),
        [
            (Shelving(1, 101), "inbound.waiting"),
            (Shelving(1, 0), "inbound.invalid"),
            (Shelving(1, 5, damaged=-1), "inbound.invalid"),
            (Shelving(2, 1), "inbound.no_line"),
        ],
    )
    def test_what_is_not_there_cannot_be_put_away(self, dock, counted, shelving, code):
        assert code_of(dock.shelve, counted, shelving) == code
        assert dock.stock == {"qc_hold": 100}

    def test_not_before_everything_was_counted(self, dock):
        shipment = dock.ship("receiving")
        assert code_of(dock.shelve, shipment, Shelving(1, 1)) == "inbound.wrong_state"


class TestLots:
    def test_a_lot_gives_by_its_end(self, dock):
        shipment = dock.ship("inspecting", lot_code="A", expires_on=END)

        dock.shelve(shipment, Shelving(1, 99, rejected=1))

        [lot] = StockLot.objects.all()
        assert (lot.code, lot.expires_on, lot.units) == ("A", END, 99)
        assert dock.stock == {"available": 99, "quarantined": 1}
        assert StockPosting.objects.filter(reason="put_away").count() == 1

    def test_a_lot_past_its_date_can_only_be_quarantined(self, dock):
        shipment = dock.ship("inspecting", lot_code="A", expires_on=date(2026, 11, 1))
        assert code_of(dock.shelve, shipment, Shelving(1, 100)) == "inventory.lot_over"
        dock.shelve(shipment, Shelving(1, rejected=100))
        assert dock.stock == {"quarantined": 100}

    def test_lots_of_a_sku_are_told_apart(self, dock, who):
        lines = (
            LineDraft(dock.variant, 5, lot_code="A", expires_on=END),
            LineDraft(dock.variant, 7, lot_code="B", expires_on=END),
        )
        draft = inbound_draft(dock.node, *lines)
        shipment = services.create_inbound(dock.merchant, draft, **who)
        for step in (services.submit_inbound, services.accept_inbound):
            step(shipment, **who)
        services.book_appointment(shipment, at=dock.now.replace(year=2027), **who)
        services.arrive(shipment, **who)
        assert code_of(dock.scan, shipment, 5) == "inbound.which_lot"

        dock.scan(shipment, 5, lot_code="A", reference="a")
        dock.scan(shipment, 7, lot_code="B", reference="b")
        dock.finish(shipment)
        dock.shelve(shipment, Shelving(1, 5), Shelving(2, 7))

        assert dict(StockLot.objects.values_list("code", "units")) == {"A": 5, "B": 7}
        assert dock.stock == {"available": 12}


def test_webhooks_learn_what_each_document_changed(dock):
    shipment = dock.ship("closed")
    entries = JournalEntry.objects.filter(subject_id=shipment.public_id).order_by("id")
    told = {
        entry.event: [change.deltas for change in list_stock_changes(entry)]
        for entry in entries
        if "document" in entry.payload
    }
    assert told["inbound.submitted"] == [{"inbound": 100}]
    assert told["inbound.counted"] == [{"inbound": -100, "qc_hold": 100}]
    assert told["inbound.received"] == []
    assert told["inbound.put_away"] == [{"qc_hold": -50, "available": 50}]


def test_a_scan_costs_a_fixed_number_of_statements(dock, django_assert_num_queries):
    shipment = dock.ship("receiving", units=10)
    with django_assert_num_queries(14):
        dock.scan(shipment, 1, reference="b")
