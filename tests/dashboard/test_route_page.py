"""Why a shipment goes its way: the page, who sees amounts, and orders without a way."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_scopes import scope

from apps.catalog.models import ProductFacts
from apps.common.clock import utc_now
from apps.dashboard.selectors.holds import tell_hold
from apps.fulfillment.models import RouteDecision
from apps.merchants.models import Role
from apps.orders import services as orders
from apps.orders.models import OrderHold
from tests.dashboard.conftest import ACTOR, make_ready, route, sign_in_as
from tests.factories.logistics import put_network, row
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
SWIFT = (
    row(
        "service.swift",
        "service",
        code="swift",
        name="Swift parcel",
        mode="line",
        carrier="swift",
        parcel_max_g=5000,
        parcels_max=5,
    ),
    row(
        "card.swift",
        "card",
        currency="CNY",
        freight={"type": "per_kg", "per_kg_minor": 9000},
        weight={"unit": "kg", "step": "1"},
        surcharges=[{"code": "fuel", "percent_bp": 1000}],
    ),
    row(
        "lane.swift",
        "lane",
        service="swift",
        origins=["*"],
        countries=["DE"],
        card="card.swift",
        legs=[{"leg": "linehaul", "p50": 3, "p90": 5}],
    ),
)


def text_of(client, ident: str) -> str:
    return client.get(f"/shipping/routes/{ident}/").content.decode()


def test_the_page_names_parts_legs_and_what_closed_the_others(client, world):
    text = text_of(client, world.shipment.public_id)

    for words in ("CN¥17.50", "CN¥162.40", "Line-haul", "No other way was open", "Local tracked"):
        assert words in text
    assert "It does not go from China to Germany." in text
    assert "card.line.europe@1" in text


def test_the_decisions_own_id_opens_it_too_and_the_shipment_leads_there(client, world):
    with scope(merchant=world.merchant):
        decision = RouteDecision.objects.get(shipment=world.shipment)

    shipment = client.get(f"/shipping/{world.shipment.public_id}/").content.decode()

    assert f"/shipping/routes/{decision.public_id}/" in shipment
    assert "Why this way" in text_of(client, decision.public_id)


def test_the_next_best_stands_beside_the_chosen_way(client, world):
    put_network(*SWIFT)
    order = make_ready(world.merchant, now=utc_now())
    with scope(merchant=world.merchant):
        shipment = order.shipments.get()

    text = text_of(client, shipment.public_id)

    for words in ("Chosen and next best", "Swift parcel", "Fuel", "CN¥297.00"):
        assert words in text
    assert "No other way was open" not in text


def test_amounts_are_for_those_who_may_see_money(world):
    reader = sign_in_as(world, Role.WAREHOUSE)

    text = text_of(reader, world.shipment.public_id)

    assert "Line-haul" in text
    assert "CN¥" not in text


def test_the_page_costs_one_statement_more_than_the_frame(client, world):
    def count(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(address)
        return len(found)

    text_of(client, world.shipment.public_id)
    frame = count("/search/")

    assert count(f"/shipping/routes/{world.shipment.public_id}/") <= frame + 1


def test_an_order_without_a_way_says_why_in_the_readers_language(client, world):
    order = make_order(world.merchant, now=utc_now())
    with scope(merchant=world.merchant):
        product = order.lines.get().variant.product
        ProductFacts.objects.create(
            product=product,
            merchant=world.merchant,
            battery="ion_alone",
            battery_wh=20,
            battery_count=1,
        )
        orders.confirm_order(order, actor=ACTOR, now=utc_now())
        route(order, now=utc_now())
        hold = OrderHold.objects.get(order=order, open_kind="no_route")
        order.refresh_from_db()
        with translation.override("en"):
            told = tell_hold(hold, order)

    assert order.status == "confirmed"
    assert told.title == "This order waits: no way is open"
    assert "Lithium batteries alone may not fly" in told.reason
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert "Lithium batteries alone may not fly" in page
