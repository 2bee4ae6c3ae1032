"""The pages of deliveries: pasted, announced, counted on the phone, put away, settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.inbound.models import InboundDiscrepancy, InboundLine, InboundShipment
from apps.inventory.models import StockBalance
from apps.merchants.models import Role
from tests.dashboard.conftest import World, sign_in_as
from tests.dashboard.route_facts import _delivery
from tests.factories.catalog import VariantFactory
from tests.factories.inbound import WarehouseFactory, make_inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant(world):
    return VariantFactory(product=world.product, sku="DOCK-1", gtin="4006381333931")


@pytest.fixture
def ship(world, variant):
    node = WarehouseFactory(merchant=world.merchant)

    def ship(status: str = "arrived", units: int = 20) -> InboundShipment:
        return make_inbound(variant, units, status=status, now=utc_now(), node=node)

    return ship


def address(name: str, shipment: InboundShipment) -> str:
    return reverse(f"dashboard:{name}", args=[shipment.public_id])


def read(world: World, shipment: InboundShipment) -> InboundLine:
    with scope(merchant=world.merchant):
        return InboundLine.objects.select_related("shipment").get(shipment=shipment)


class TestAnnouncing:
    def test_what_was_pasted_is_shown_before_it_is_saved(self, client, world):
        body = {**_delivery(world), "do": "check"}

        response = client.post(reverse("dashboard:inbound_new"), body)

        assert response.status_code == 200
        assert "This is what the warehouse will read" in response.content.decode()
        with scope(merchant=world.merchant):
            assert not InboundShipment.objects.exists()

    @pytest.mark.parametrize(("do", "status"), [("draft", "draft"), ("submit", "submitted")])
    def test_then_it_is_kept_or_announced(self, client, world, do, status):
        response = client.post(
            reverse("dashboard:inbound_new"), {**_delivery(world), "do": do, "reference": "PO-1"}
        )

        with scope(merchant=world.merchant):
            made = InboundShipment.objects.get(reference="PO-1")
        assert response.url == address("inbound", made)
        assert made.status == status

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("NOWHERE\t4", "Row 1: there is no SKU “NOWHERE”."),
            ("{sku}\tmany", "Paste at least one row."),
            ("\n{sku};0", "Row 2: the number of units is missing or wrong."),
            ("{sku},4,x", "Row 1: the number of cartons is wrong."),
            ("{sku},4,,A,June", "Row 1: write the day as 2027-06-01."),
            ("{sku},4,,A", "Row 1: a lot needs a code and the day it ends."),
            ("{sku},4,1,A,2030-01-01,more", "Row 1: there are more than five columns."),
        ],
    )
    def test_a_row_that_is_not_understood_is_named(self, client, world, text, says):
        body = _delivery(world)
        sku = str(body["lines"]).partition("\t")[0]

        response = client.post(
            reverse("dashboard:inbound_new"), {**body, "lines": text.format(sku=sku)}
        )

        assert response.status_code == 422
        assert says in response.content.decode()

    def test_a_draft_is_edited_with_what_it_holds(self, client, world, ship):
        shipment = ship("draft")
        page = client.get(address("inbound_edit", shipment)).content.decode()
        assert "DOCK-1\t20" in page

        client.post(address("inbound_edit", shipment), {**_delivery(world), "lines": "DOCK-1 ; 7"})

        assert read(world, shipment).expected == 7
        assert client.get(address("inbound_edit", ship("submitted"))).status_code == 404

    def test_a_taken_reference_is_said_at_its_field(self, client, world):
        body = {**_delivery(world), "reference": "PO-1"}
        client.post(reverse("dashboard:inbound_new"), body)
        response = client.post(reverse("dashboard:inbound_new"), body)
        assert response.status_code == 409
        assert "Another shipment has this reference" in response.content.decode()


class TestList:
    def test_views_search_and_place_narrow_it(self, client, ship):
        coming, done = ship("submitted"), ship("closed")
        base = reverse("dashboard:inbound_list")

        def found(query: str) -> tuple[bool, bool]:
            page = client.get(f"{base}{query}").content.decode()
            return coming.reference in page, done.reference in page

        assert found("") == found("?view=coming") == (True, False)
        assert found("?view=all") == (True, True)
        assert found("?view=settle") == (False, False)
        assert found(f"?view=all&q={done.reference}") == (False, True)
        assert found("?view=all&node=nod_x") == (False, False)

    def test_a_damaged_cursor_is_no_error_of_ours(self, client, ship):
        ship("submitted")
        base = reverse("dashboard:inbound_list")
        for cursor in ("broken", "WyJhYmMiLDEsZmFsc2Vd", "WzUsMSxmYWxzZV0"):
            assert client.get(f"{base}?cursor={cursor}").status_code == 400

    def test_it_costs_the_same_for_many(self, client, ship, django_assert_max_num_queries):
        for _turn in range(4):
            ship("submitted")
        client.get(reverse("dashboard:inbound_list"))
        with django_assert_max_num_queries(12):
            client.get(reverse("dashboard:inbound_list"))

    def test_a_page_of_one_costs_the_same_for_many_scans(
        self, client, ship, django_assert_max_num_queries
    ):
        shipment = ship("putaway")
        client.get(address("inbound", shipment))
        with django_assert_max_num_queries(22):
            client.get(address("inbound", shipment))


class TestDock:
    @pytest.fixture
    def gun(self, world) -> Client:
        return sign_in_as(world, Role.WAREHOUSE)

    def scan(self, gun, shipment, **body):
        facts = {"code": "DOCK-1", "quantity": "1", "condition": "good", "reference": "g1"}
        return gun.post(address("inbound_receive", shipment), {**facts, **body})

    def test_a_scan_is_counted_and_said_loudly(self, gun, world, ship):
        shipment = ship()

        response = self.scan(gun, shipment, code="4006381333931", quantity="5")

        assert response.status_code == 302
        page = gun.get(response.url).content.decode()
        assert "dock-say" in page
        assert "5 × <bdi>DOCK-1</bdi>" in page
        assert read(world, shipment).received == 5

    def test_sent_twice_it_counts_once(self, gun, world, ship):
        shipment = ship()
        for _turn in range(2):
            assert self.scan(gun, shipment, quantity="5").status_code == 302
        assert read(world, shipment).received == 5

    def test_too_many_can_be_quarantined_with_one_press(self, gun, world, ship):
        shipment = ship()
        response = self.scan(gun, shipment, quantity="30")
        assert response.status_code == 409
        assert "Quarantine these units" in response.content.decode()

        self.scan(gun, shipment, quantity="30", condition="rejected", reference="g2")

        assert read(world, shipment).rejected == 30

    @pytest.mark.parametrize("body", [{"code": " "}, {"quantity": "x"}, {"quantity": "0"}])
    def test_what_cannot_be_counted_keeps_what_was_typed(self, gun, world, ship, body):
        response = self.scan(gun, ship(), note="Wet", **body)
        assert response.status_code == 422
        assert 'value="Wet"' in response.content.decode()

    def test_a_pause_and_the_end_of_counting(self, gun, world, ship):
        shipment = ship("receiving")
        for step in ("pause", "resume", "finish"):
            response = gun.post(address("inbound_gate", shipment), {"step": step})
            assert response.status_code == 302
        assert read(world, shipment).shipment.status == "inspecting"

    def test_units_go_to_the_shelf(self, gun, world, ship):
        shipment = ship("inspecting")
        body = {"shelved-1": "18", "damaged-1": "2", "rejected-1": "0", "reference": "s1"}

        for _turn in range(2):
            response = gun.post(address("inbound_putaway", shipment), body)
            assert response.url == address("inbound", shipment)

        with scope(merchant=world.merchant):
            balance = StockBalance.objects.get(variant__sku="DOCK-1")
        assert (balance.available, balance.damaged, balance.qc_hold) == (18, 2, 0)
        assert read(world, shipment).shipment.status == "closed"

    @pytest.mark.parametrize("body", [{}, {"shelved-1": "21"}, {"shelved-1": "-1"}])
    def test_what_is_not_there_stays(self, gun, world, ship, body):
        shipment = ship("inspecting")
        response = gun.post(address("inbound_putaway", shipment), {**body, "reference": "s1"})
        assert response.status_code in {409, 422}
        assert read(world, shipment).accepted == 0

    def test_a_step_of_the_other_side_is_not_there(self, gun, client, ship):
        shipment = ship("submitted")
        assert gun.post(address("inbound_gate", shipment), {"step": "cancel"}).status_code == 404
        assert client.post(address("inbound_step", shipment), {"step": "accept"}).status_code == 404

    def test_a_refused_step_says_why(self, gun, ship):
        response = gun.post(address("inbound_gate", ship("draft")), {"step": "accept"})
        assert response.status_code == 409
        assert "This is not possible now" in response.content.decode()


class TestSettling:
    def test_home_asks_and_the_answer_closes(self, client, world, ship):
        shipment = ship("receiving")
        with scope(merchant=world.merchant):
            line = InboundLine.objects.get(shipment=shipment)
            line.expected = 40
            line.save()
            StockBalance.objects.filter(variant=line.variant_id).update(inbound=20)
        client.post(address("inbound_gate", shipment), {"step": "finish", "note": "Pallet missing"})
        assert "1 difference in a delivery needs your answer" in client.get("/").content.decode()
        with scope(merchant=world.merchant):
            difference = InboundDiscrepancy.objects.get()
        page = client.get(address("inbound", shipment)).content.decode()
        assert "Pallet missing" in page

        url = reverse("dashboard:inbound_answer", args=[shipment.public_id, difference.public_id])
        assert client.post(url, {"answer": "disputed"}).status_code == 422
        client.post(url, {"answer": "disputed", "note": "We sent 40"})

        assert "We sent 40" in client.get(address("inbound", shipment)).content.decode()

    @pytest.mark.parametrize("at", ["", "tomorrow", "2026-13-01T10:00", "2001-01-01T10:00"])
    def test_an_appointment_needs_a_time_ahead(self, client, ship, at):
        response = client.post(address("inbound_appoint", ship("accepted")), {"at": at})
        assert response.status_code == 422

    def test_it_is_booked_in_the_time_of_the_warehouse(self, client, world, ship, germany):
        shipment = ship("accepted")
        day = (utc_now() + timedelta(days=5)).strftime("%Y-%m-%d")
        client.post(address("inbound_appoint", shipment), {"at": f"{day}T10:00", "dock": "D7"})
        moment = read(world, shipment).shipment.appointment_at
        assert moment.strftime("%H:%M") in {"08:00", "09:00"}

    @pytest.mark.parametrize("quantity", ["", "x", "99", "20"])
    def test_an_amendment_out_of_reach_is_refused(self, client, world, ship, quantity):
        shipment = ship("submitted")
        body = {"position": "1", "quantity": quantity, "reason": "Recount"}
        assert client.post(address("inbound_amend", shipment), body).status_code in {409, 422}
        assert read(world, shipment).expected == 20
