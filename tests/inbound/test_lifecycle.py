"""Announcing, accepting, amending and ending a shipment, with what stands as coming."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.inbound import services
from apps.inbound.models import InboundAmendment, InboundShipment
from apps.inbound.requests import CartonDraft, LineDraft, Shelving
from apps.inbound.selectors import find_wrong_shipments
from apps.inventory import services as inventory
from apps.inventory.selectors import find_wrong_balances
from apps.jobs import deadlines
from apps.journal.models import JournalEntry
from tests.factories.catalog import VariantFactory
from tests.factories.inbound import SSCCS, inbound_draft
from tests.factories.inventory import NodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(dock):
    return {"actor": dock.actor, "now": dock.now}


def refused(function, *args, **kwargs) -> DomainError:
    with pytest.raises(DomainError) as caught:
        function(*args, **kwargs)
    return caught.value


class TestDrafts:
    def test_a_draft_expects_nothing_yet_and_gets_a_reference(self, dock):
        shipment = dock.ship("draft")

        assert dock.stock == {}
        assert shipment.reference == f"ASN-{shipment.public_id[-8:]}"
        assert JournalEntry.objects.get(event="inbound.created").subject_id == shipment.public_id

    def test_its_content_is_replaced_as_a_whole(self, dock, who):
        shipment = dock.ship("draft", cartons=(CartonDraft(SSCCS[0], (("LAMP", "", 100),)),))
        draft = inbound_draft(dock.node, LineDraft(dock.variant, 40), reference="PO-7")

        services.replace_draft(shipment, draft, **who)

        assert dock.fresh(shipment).reference == "PO-7"
        assert (dock.line(shipment).expected, shipment.boxes.count()) == (40, 0)

    def test_a_reference_is_one_shipment(self, dock, who):
        draft = inbound_draft(dock.node, LineDraft(dock.variant, 40), reference="PO-7")
        services.create_inbound(dock.merchant, draft, **who)
        other = dock.ship("draft")

        for error in (
            refused(services.create_inbound, dock.merchant, draft, **who),
            refused(services.replace_draft, other, draft, **who),
        ):
            assert error.code == "inbound.reference_reused"
        assert InboundShipment.objects.count() == 2

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"lines": ()}, "lines"),
            ({"units": 0}, "lines.0.quantity"),
            ({"line": {"lot_code": "A"}}, "lines.0.lot"),
            ({"line": {"cartons": 99}}, "lines.0.cartons"),
            ({"twice": True}, "lines.1.sku"),
            ({"note": "x" * 301}, "note"),
            ({"hub": True}, "node"),
            ({"days": 400}, "expected_on"),
            ({"cartons": (CartonDraft("106141411234567890", ()),)}, "cartons.0.sscc"),
            ({"cartons": (CartonDraft("", ()),)}, "cartons.0.items"),
            ({"cartons": (CartonDraft("", (("X", "", 1),)),)}, "cartons.0.items.0.sku"),
            ({"cartons": (CartonDraft("", (("LAMP", "", 11),)),)}, "cartons.0.items.0.quantity"),
            (
                {"cartons": (CartonDraft(SSCCS[0], (("LAMP", "", 1),)),) * 2},
                "cartons.1.sscc",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, dock, who, changes, path):
        line = LineDraft(dock.variant, changes.pop("units", 10), **changes.pop("line", {}))
        lines = (line,) * (2 if changes.pop("twice", False) else 1)
        node = NodeFactory(merchant=dock.merchant) if changes.pop("hub", False) else dock.node
        if days := changes.pop("days", 0):
            changes["expected_on"] = (dock.now + timedelta(days=days)).date()
        draft = (
            inbound_draft(node, **{"lines": lines, **changes})
            if "lines" in changes
            else (inbound_draft(node, *lines, **changes))
        )

        error = refused(services.create_inbound, dock.merchant, draft, **who)

        assert (error.status, list(error.fields)) == (422, [path])
        assert not InboundShipment.objects.exists()


class TestAnnouncing:
    def test_announced_units_stand_as_coming(self, dock):
        shipment = dock.ship("submitted")

        assert dock.stock == {"inbound": 100}
        assert dock.line(shipment).announced == 100
        assert find_wrong_balances(dock.merchant) == []

    def test_it_is_announced_once(self, dock, who):
        shipment = dock.ship("submitted")

        assert refused(services.submit_inbound, shipment, **who).code == "inbound.wrong_state"
        assert dock.stock == {"inbound": 100}

    @pytest.mark.parametrize("status", ["submitted", "accepted"])
    def test_a_cancelled_one_is_not_expected_any_more(self, dock, who, status):
        shipment = dock.ship(status)

        services.cancel_inbound(shipment, reason="Supplier is late", **who)

        found = dock.fresh(shipment)
        assert (found.status, found.reason, dock.stock) == ("cancelled", "Supplier is late", {})
        assert deadlines.find_deadline("inbound.expire", shipment.public_id) is None

    def test_a_draft_can_be_cancelled_and_moves_nothing(self, dock, who):
        shipment = dock.ship("draft")
        services.cancel_inbound(shipment, reason="Twice", **who)
        assert (dock.fresh(shipment).status, dock.stock) == ("cancelled", {})

    def test_it_cannot_be_cancelled_once_a_slot_is_booked(self, dock, who):
        shipment = dock.ship("appointed")
        error = refused(services.cancel_inbound, shipment, reason="x", **who)
        assert (error.code, error.status) == ("inbound.wrong_state", 409)

    def test_a_rejection_needs_words_and_takes_the_units_back(self, dock, who):
        shipment = dock.ship("submitted")
        error = refused(services.reject_inbound, shipment, reason=" ", **who)
        assert (error.status, list(error.fields)) == (422, ["reason"])

        services.reject_inbound(shipment, reason="No room", **who)

        assert (dock.fresh(shipment).status, dock.stock) == ("rejected", {})

    def test_units_taken_by_hand_meanwhile_are_not_taken_twice(self, dock, who):
        shipment = dock.ship("submitted")
        inventory.adjust_stock(
            dock.merchant,
            changes=[inventory.Change(dock.variant, dock.node, 30)],
            reason="not_coming",
            source="inbound",
            target="",
            reference="by-hand",
            **who,
        )

        services.cancel_inbound(shipment, reason="Late", **who)

        assert dock.stock == {}
        assert JournalEntry.objects.get(event="inbound.cancelled").payload["units"] == 70
        assert find_wrong_balances(dock.merchant) == []


class TestAppointments:
    def test_it_is_booked_and_booked_again(self, dock, who):
        shipment = dock.ship("accepted")
        first, second = dock.now + timedelta(days=3), dock.now + timedelta(days=4)

        services.book_appointment(shipment, at=first, dock="D7", **who)
        services.book_appointment(shipment, at=second, **who)

        found = dock.fresh(shipment)
        assert (found.status, found.appointment_at) == ("appointed", second)
        assert found.expires_at == second + timedelta(days=30)
        assert JournalEntry.objects.filter(event="inbound.appointed").count() == 2

    def test_a_late_one_on_the_way_gets_another_time(self, dock, who):
        shipment = dock.ship("in_transit")
        services.book_appointment(shipment, at=dock.now + timedelta(days=20), **who)
        found = dock.fresh(shipment)
        assert (found.status, found.expires_at) == ("in_transit", None)

    @pytest.mark.parametrize("hours", [-1, 0, 24 * 400])
    def test_a_moment_out_of_reach_is_refused(self, dock, who, hours):
        shipment = dock.ship("accepted")
        at = dock.now + timedelta(hours=hours)
        error = refused(services.book_appointment, shipment, at=at, **who)
        assert (error.status, list(error.fields)) == (422, ["at"])

    def test_one_that_nobody_saw_leaving_left_before_it_arrived(self, dock, who):
        shipment = dock.ship("appointed")
        services.arrive(shipment, **who)
        steps = JournalEntry.objects.filter(subject_id=shipment.public_id).order_by("-id")
        assert [row.event for row in steps[:2]] == ["inbound.arrived", "inbound.departed"]

    @pytest.mark.parametrize("status", ["accepted", "appointed"])
    def test_one_that_never_comes_expires(self, dock, status):
        shipment = dock.ship(status)

        deadlines.sweep(now=shipment.expires_at + timedelta(seconds=1))

        found = dock.fresh(shipment)
        assert (found.status, bool(found.reason), dock.stock) == ("expired", True, {})

    def test_one_that_left_does_not_expire(self, dock):
        shipment = dock.ship("in_transit")
        deadlines.sweep(now=dock.now + timedelta(days=300))
        assert dock.fresh(shipment).status == "in_transit"


class TestAmending:
    def amend(self, dock, shipment, quantity, **changes):
        facts = {"position": 1, "reason": "Recount", "actor": dock.actor, "now": dock.now}
        return services.amend_line(shipment, quantity=quantity, **{**facts, **changes})

    @pytest.mark.parametrize("status", ["submitted", "accepted", "appointed", "in_transit"])
    def test_until_arrival_within_the_tolerance(self, dock, status):
        shipment = dock.ship(status)

        self.amend(dock, shipment, 106)
        self.amend(dock, shipment, 94)

        assert dock.stock == {"inbound": 94}
        changes = InboundAmendment.objects.order_by("id").values_list("before", "after")
        assert list(changes) == [(100, 106), (106, 94)]

    def test_small_steps_are_no_way_around_the_tolerance(self, dock):
        shipment = dock.ship("submitted")
        self.amend(dock, shipment, 106)

        with pytest.raises(DomainError) as caught:
            self.amend(dock, shipment, 107)

        assert caught.value.code == "inbound.beyond_tolerance"
        assert "94" in caught.value.message
        assert dock.stock == {"inbound": 106}

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"quantity": 100}, "inbound.unchanged"),
            ({"quantity": -1}, "inbound.beyond_tolerance"),
            ({"quantity": 101, "position": 2}, "inbound.no_line"),
            ({"quantity": 101, "reason": ""}, "inbound.reason_missing"),
        ],
    )
    def test_what_is_no_amendment_is_refused(self, dock, changes, code):
        shipment = dock.ship("submitted")
        with pytest.raises(DomainError) as caught:
            self.amend(dock, shipment, **changes)
        assert (caught.value.code, dock.stock) == (code, {"inbound": 100})

    @pytest.mark.parametrize("status", ["draft", "arrived", "inspecting"])
    def test_not_before_it_is_announced_nor_after_it_came(self, dock, status):
        shipment = dock.ship(status)
        with pytest.raises(DomainError) as caught:
            self.amend(dock, shipment, 101)
        assert caught.value.code == "inbound.wrong_state"


class TestForceClose:
    def test_what_has_not_come_is_given_up_and_what_waits_is_quarantined(self, dock, who):
        shipment = dock.ship("arrived")
        dock.scan(shipment, 60)

        services.force_close(shipment, reason="Truck burnt", **who)

        found, line = dock.fresh(shipment), dock.line(shipment)
        assert (found.status, found.reason) == ("closed", "Truck burnt")
        assert dock.stock == {"quarantined": 60}
        assert (line.short, line.rejected) == (40, 60)
        assert find_wrong_balances(dock.merchant) == find_wrong_shipments(dock.merchant) == []

    @pytest.mark.parametrize(
        "status", ["in_transit", "arrived", "receiving", "inspecting", "putaway"]
    )
    def test_it_ends_everything_that_is_on_the_way_or_in_the_house(self, dock, who, status):
        shipment = dock.ship(status)
        services.force_close(shipment, reason="Given up", **who)
        assert dock.fresh(shipment).status == "closed"
        assert not {"inbound", "qc_hold"} & set(dock.stock)
        assert find_wrong_balances(dock.merchant) == find_wrong_shipments(dock.merchant) == []

    @pytest.mark.parametrize("status", ["draft", "submitted", "accepted", "appointed", "closed"])
    def test_what_has_its_own_end_is_left_alone(self, dock, who, status):
        shipment = dock.ship(status)
        error = refused(services.force_close, shipment, reason="x", **who)
        assert error.code == "inbound.wrong_state"

    def test_it_counts_what_one_line_still_waits_for_beside_the_other(self, dock, who):
        VariantFactory(product=dock.variant.product)
        shipment = dock.ship("putaway")
        dock.shelve(shipment, Shelving(1, damaged=10))
        services.force_close(shipment, reason="x", **who)
        assert dock.stock == {"available": 50, "damaged": 10, "quarantined": 40}


def test_a_step_costs_a_fixed_number_of_statements(dock, who, django_assert_num_queries):
    shipment = dock.ship("draft")
    # Begin, lock of shipment, lines and variants, announced, coming (balance found, made and found,
    # locked, moved, posted), state, journal, end.
    with django_assert_num_queries(14):
        services.submit_inbound(shipment, **who)
