"""Why shipments travel as they do: the decision kept with each, replayed, refused, and tried again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope

from apps.catalog.models import Product, ProductFacts
from apps.common.errors import DomainError
from apps.fulfillment import receivers
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import RouteDecision, Shipment
from apps.fulfillment.routing import read_options, replay
from apps.journal.actors import Actor
from apps.journal.models import JournalEntry
from apps.logistics import services as logistics
from apps.logistics.models import CapacityUse, NetworkEdition, NetworkRow
from apps.markets.models import FxRate
from apps.markets.selectors import find_rate
from apps.orders import services as orders
from apps.orders.models import OrderHold
from tests.factories.logistics import put_network, row
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
SECOND = Actor("user", "usr_SECOND")
FULL = row("capacity.line", "capacity", service="line", origin="CN", parcels_per_day=1)


@pytest.fixture
def confirmed(scoped, actor, now):
    order = make_order(scoped, now=now)
    return orders.confirm_order(order, actor=actor, now=now)


@pytest.fixture
def _with_battery(confirmed):
    ProductFacts.objects.create(
        product=Product.objects.get(),
        merchant=confirmed.merchant,
        battery="ion_alone",
        battery_wh=20,
        battery_count=1,
    )


def made(order, actor, now) -> RouteDecision:
    [shipment] = fulfillment.create_shipments(order, actor=actor, now=now)
    return RouteDecision.objects.get(shipment=shipment)


def entry_of(order, event: str) -> JournalEntry:
    return JournalEntry.objects.filter(event=event, subject_id=order.public_id).latest("id")


def test_a_shipment_keeps_why_it_travels_so(confirmed, actor, now):
    decision = made(confirmed, actor, now)

    assert (decision.service, decision.service_name) == ("line", "Tracked line")
    assert (decision.departs_on, decision.keeps_promise) == (date(2026, 11, 25), True)
    assert decision.edition == NetworkEdition.objects.latest("id").version
    chosen, *others = read_options(decision.result)
    assert chosen.is_open
    assert [(part.code, part.minor, part.row) for part in chosen.parts] == [
        ("handling", 1750, "card.line.europe@1"),
        ("freight", 16_240, "card.line.europe@1"),
    ]
    assert chosen.parcels_g == (2900,)
    assert chosen.billed_g == ("2900",)
    assert [(one.service, [r.code for r in one.refusals]) for one in others] == [
        ("local", ["no_lane"]),
        ("pallet", ["too_light"]),
    ]
    assert [leg.leg for leg in chosen.legs][-1] == "last_mile"
    assert decision.arrives_p50 == chosen.legs[-1].by50


def test_replay_gives_the_same_bytes_after_newer_rows(confirmed, actor, now):
    FxRate.objects.create(
        base="EUR", quote="CNY", rate=Decimal("8.2"), valid_on=now.date(), source="test"
    )
    find_rate.cache_clear()
    decision = made(confirmed, actor, now)
    old = NetworkRow.objects.get(rule_id="card.line.europe")
    body = {**old.body, "handling_minor": 9999}
    dearer = logistics.propose_row(body, actor=actor, now=now, replaces=old)
    logistics.approve_row(dearer, actor=SECOND, now=now)
    FxRate.objects.all().delete()
    find_rate.cache_clear()

    assert replay(decision) == decision.result
    assert '"cost_minor":2194' in decision.result


def test_a_decision_is_never_changed(confirmed, actor, now):
    decision = made(confirmed, actor, now)

    with pytest.raises(TypeError):
        decision.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        RouteDecision.objects.filter(pk=decision.pk).update(arrives_p50=date(2020, 1, 1))


def test_a_cheaper_service_of_another_carrier_is_taken(confirmed, actor, now):
    put_network(
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
        row("card.swift", "card", currency="CNY", freight={"type": "per_kg", "per_kg_minor": 1000}),
        row(
            "lane.swift",
            "lane",
            service="swift",
            origins=["CN"],
            countries=["DE"],
            card="card.swift",
            legs=[{"leg": "linehaul", "p50": 3, "p90": 5}],
        ),
    )

    decision = made(confirmed, actor, now)

    shipment = decision.shipment
    assert (shipment.service, shipment.carrier, shipment.tariff) == (
        "line",
        "swift",
        "card.swift@1",
    )
    assert shipment.quote_minor == 2900
    assert [option.service for option in read_options(decision.result)][:2] == ["swift", "line"]


def test_capacity_is_taken_moved_to_the_next_day_and_given_back(scoped, actor, now):
    put_network(FULL)
    decisions = []
    for _ in range(2):
        order = orders.confirm_order(make_order(scoped, now=now), actor=actor, now=now)
        decisions.append(made(order, actor, now))

    assert [d.departs_on for d in decisions] == [date(2026, 11, 25), date(2026, 11, 26)]
    assert [r.code for r in read_options(decisions[1].result)[0].skipped] == ["capacity"]
    assert replay(decisions[1]) == decisions[1].result

    shipment = decisions[0].shipment
    fulfillment.void_shipment(shipment, reason="Wrong box", actor=actor, now=now)
    assert CapacityUse.objects.get(day=date(2026, 11, 25)).taken == 0


@pytest.mark.usefixtures("_with_battery")
def test_without_a_way_nothing_is_made_and_every_reason_is_told(confirmed, actor, now):
    with pytest.raises(DomainError) as caught:
        fulfillment.create_shipments(confirmed, actor=actor, now=now)

    confirmed.refresh_from_db()
    assert (caught.value.code, caught.value.status) == ("fulfillment.no_route", 409)
    for words in ("Tracked line: It does not take", "Local tracked: ", "Pallet freight: 2.9\xa0kg"):
        assert words in caught.value.message
    assert (confirmed.status, Shipment.objects.count()) == ("confirmed", 0)
    assert RouteDecision.objects.count() == 0


def test_an_empty_network_says_what_to_do(confirmed, actor, now):
    NetworkEdition.objects.all().delete()

    with pytest.raises(DomainError, match="Ask the operator to load the network"):
        fulfillment.create_shipments(confirmed, actor=actor, now=now)


@pytest.mark.usefixtures("_with_battery")
def test_the_worker_holds_an_order_without_a_way_and_tries_again(confirmed, actor, now):
    receivers.route(entry_of(confirmed, "order.confirmed"))
    receivers.route(entry_of(confirmed, "order.confirmed"))

    hold = OrderHold.objects.get(order=confirmed, open_kind="no_route")
    confirmed.refresh_from_db()
    assert (confirmed.status, confirmed.open_hold_count) == ("confirmed", 1)
    assert "Tracked line" in hold.reason

    ProductFacts.objects.update(battery="none", battery_wh=None, battery_count=0)
    orders.release_hold(hold, actor=actor, now=now)
    receivers.route_again(entry_of(confirmed, "order.hold_released"))

    confirmed.refresh_from_db()
    assert (confirmed.status, Shipment.objects.count()) == ("allocated", 1)


@pytest.mark.usefixtures("_with_battery")
def test_a_changed_network_tries_waiting_orders_again(confirmed, merchant, actor, now):
    receivers.route(entry_of(confirmed, "order.confirmed"))
    old = NetworkRow.objects.get(rule_id="restriction.batteries-alone")
    body = {**old.body, "bars": {"battery": ["metal_alone"]}}
    proposal = logistics.propose_row(body, actor=actor, now=now, replaces=old)
    logistics.approve_row(proposal, actor=SECOND, now=now)

    with scope(merchant=None):
        receivers.network_changed(JournalEntry.objects.get(event="logistics.row_approved"))
    receivers.route_again(entry_of(confirmed, "order.hold_released"))

    confirmed.refresh_from_db()
    assert confirmed.status == "allocated"


def test_other_holds_do_not_route(confirmed, actor, now):
    hold = orders.place_hold(confirmed, kind="manual", reason="Wait", actor=actor, now=now)
    orders.release_hold(hold, actor=actor, now=now)

    receivers.route_again(entry_of(confirmed, "order.hold_released"))

    assert Shipment.objects.count() == 0
