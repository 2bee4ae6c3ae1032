"""Labels bought with a carrier of the merchant's own: from the wish to the scan, and back."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp
from django_scopes import scope

from apps.carriers import services as carriers
from apps.carriers.models import Booking, BookingLabel
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.finance.models import PostageCharge
from apps.fulfillment import services
from apps.fulfillment.labels import render_labels
from apps.fulfillment.models import Parcel, Shipment
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.states import ShipmentStatus
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.services.buyers import erase_buyer
from apps.orders.states import CancelCode
from apps.sandbox.pump import pump
from tests.carriers.carrier import connect, drive, running_carrier
from tests.factories.fulfillment import make_shipment

pytestmark = pytest.mark.django_db
S = ShipmentStatus


@pytest.fixture
def carrier(settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with running_carrier() as running:
        yield running


@pytest.fixture
def shipment(merchant, scoped) -> Shipment:
    return make_shipment(merchant, now=utc_now())


@pytest.fixture
def account(merchant, scoped, carrier, actor):
    return connect(merchant, carrier[1], actor)


def buy(shipment, account, actor) -> Shipment:
    return services.buy_label(shipment, account, "standard", actor=actor, now=utc_now())


def settle(merchant) -> None:
    """Let the carrier answer, and what hangs on it happen."""
    drive(merchant)
    pump()


def fresh(shipment: Shipment) -> Shipment:
    return Shipment.objects.get(pk=shipment.pk)


def codes_of(content: bytes) -> list[str]:
    found = []
    for page in pypdfium2.PdfDocument(content):
        [code] = [
            item
            for item in zxingcpp.read_barcodes(page.render(scale=4).to_pil())
            if item.format == zxingcpp.BarcodeFormat.Code128
        ]
        found.append(code.text)
    return found


def test_a_label_is_bought_and_its_own_numbers_are_scanned(
    shipment, account, carrier, merchant, actor
):
    made = buy(shipment, account, actor)
    assert (fresh(shipment).status, made.status) == (S.VOIDED, S.QUOTED)
    assert carrier[0].book.entries == {}

    settle(merchant)

    made, parcel = fresh(made), Parcel.objects.get(shipment=made)
    [entry] = carrier[0].book.entries.values()
    assert (made.status, made.quote_minor, made.quote_currency) == (
        S.BOOKED,
        entry.amount_minor,
        "CNY",
    )
    assert [parcel.tracking_number] == entry.tracking_numbers
    assert parcel.own_number
    assert codes_of(render_labels([parcel])) == entry.tracking_numbers

    services.hand_over(made, actor=actor, now=utc_now())
    event = TrackingInput(parcel.tracking_number, "delivered", utc_now(), source="api")
    [outcome] = services.record_tracking(merchant, [event], actor=actor, now=utc_now())
    assert outcome.is_new
    assert fresh(made).status == S.DELIVERED


def test_the_portal_gives_its_postage_back_and_charges_none(shipment, account, merchant, actor):
    pump()
    made = buy(shipment, account, actor)
    settle(merchant)

    charges = dict(PostageCharge.objects.values_list("shipment_id", "voided_at"))
    assert charges[shipment.public_id] is not None
    assert made.public_id not in charges


def test_both_kinds_of_labels_print_in_one_file(shipment, account, merchant, actor):
    bought = buy(shipment, account, actor)
    settle(merchant)
    own = make_shipment(merchant, now=utc_now())
    parcels = [
        Parcel.objects.get(shipment=own),
        Parcel.objects.get(shipment=bought),
        Parcel.objects.get(shipment=make_shipment(merchant, now=utc_now())),
    ]
    assert codes_of(render_labels(parcels)) == [parcel.tracking_number for parcel in parcels]


def test_before_the_carrier_answered_nothing_leaves_and_nothing_prints(
    shipment, account, merchant, actor
):
    made = buy(shipment, account, actor)
    for attempt in (
        lambda: render_labels(Parcel.objects.filter(shipment=made)),
        lambda: services.hand_over(made, actor=actor, now=utc_now()),
    ):
        with pytest.raises(DomainError) as caught:
            attempt()
        assert (caught.value.code, caught.value.status) == ("fulfillment.label_pending", 409)
    [outcome] = services.hand_over_orders(
        merchant, [made.order.public_id], actor=actor, now=utc_now()
    )
    assert outcome.error.code == "fulfillment.label_pending"
    assert fresh(made).status == S.QUOTED


def test_a_bought_label_whose_paper_is_not_here_yet_is_said(shipment, account, carrier, actor):
    carrier[0].faults.plan("label", "error", 1)
    made = buy(shipment, account, actor)
    booking = Booking.objects.get()
    carriers.work(booking.pk)
    carriers.work(booking.pk)
    pump()
    with pytest.raises(DomainError) as caught:
        render_labels(Parcel.objects.filter(shipment=made))
    assert caught.value.code == "fulfillment.label_pending"


def test_a_refusal_leaves_the_choice_to_a_person(shipment, account, carrier, merchant, actor):
    made = buy(shipment, account, actor)
    Booking.objects.update(service="gone")
    settle(merchant)
    booking = services.booking_of(fresh(made))
    assert (fresh(made).status, booking.status) == (S.QUOTED, "refused")

    own = services.use_own_line(made, actor=actor, now=utc_now())
    settle(merchant)

    assert (fresh(made).status, own.status, own.booking) == (S.VOIDED, S.BOOKED, "")
    assert services.booking_of(fresh(made)).status == "voided"
    assert own.postage_minor == shipment.postage_minor
    assert set(own.lines.values_list("order_line", "quantity")) == set(
        shipment.lines.values_list("order_line", "quantity")
    )


def test_going_back_after_it_was_bought_voids_it_at_the_carrier(
    shipment, account, carrier, merchant, actor
):
    made = buy(shipment, account, actor)
    settle(merchant)
    own = services.use_own_line(made, actor=actor, now=utc_now())
    settle(merchant)

    assert [entry.status for entry in carrier[0].book.entries.values()] == ["void"]
    assert (fresh(made).status, fresh(own).status) == (S.VOIDED, S.BOOKED)
    with pytest.raises(DomainError) as caught:
        services.use_own_line(own, actor=actor, now=utc_now())
    assert caught.value.status == 409


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_cancelled_order_ends_void_at_the_carrier(
    shipment, account, carrier, merchant, actor, is_answered
):
    carrier[0].faults.plan("book", "lost", 1)
    made = buy(shipment, account, actor)
    carriers.work(Booking.objects.get().pk)
    if is_answered:
        settle(merchant)
    order = Order.objects.get(pk=made.order_id)
    orders.cancel_order(order, code=CancelCode.OTHER, reason="Changed", actor=actor, now=utc_now())
    pump()
    settle(merchant)

    assert fresh(made).status == S.VOIDED
    assert [entry.status for entry in carrier[0].book.entries.values()] == ["void"]


def test_only_an_unused_label_of_the_portal_is_replaced(shipment, account, merchant, actor):
    made = buy(shipment, account, actor)
    for used in (shipment, made):
        with pytest.raises(DomainError) as caught:
            buy(used, account, actor)
        assert (caught.value.code, caught.value.status) == ("fulfillment.has_left", 409)
    assert Booking.objects.count() == 1
    assert Shipment.objects.count() == 2


def test_a_service_nobody_offers_changes_nothing(shipment, account, actor):
    with pytest.raises(DomainError) as caught:
        services.buy_label(shipment, account, "teleport", actor=actor, now=utc_now())
    assert caught.value.code == "carriers.unknown_service"
    assert fresh(shipment).status == S.BOOKED
    assert Shipment.objects.count() == 1


def test_a_number_that_another_parcel_has_is_not_taken(
    shipment, account, carrier, merchant, actor, stranger
):
    with scope(merchant=stranger):
        other = make_shipment(stranger, now=utc_now())
        Parcel.objects.filter(shipment=other).update(tracking_number="SM100000017CN")
    made = buy(shipment, account, actor)
    settle(merchant)
    settle(merchant)  # what was released is voided next

    [entry] = carrier[0].book.entries.values()
    assert (entry.tracking_numbers, entry.status) == (["SM100000017CN"], "void")
    assert (fresh(made).status, services.booking_of(fresh(made)).status) == (S.QUOTED, "voided")
    assert services.use_own_line(made, actor=actor, now=utc_now()).status == S.BOOKED


def test_erasing_the_buyer_erases_the_carriers_label(shipment, account, merchant, actor):
    made = buy(shipment, account, actor)
    settle(merchant)
    assert BookingLabel.objects.count() == 1
    order = Order.objects.get(pk=made.order_id)
    erase_buyer(merchant, order.buyer_index, actor=actor, now=utc_now())
    pump()
    assert BookingLabel.objects.count() == 0


def test_statements_of_buying(shipment, account, actor, django_assert_num_queries):
    with django_assert_num_queries(31):
        buy(shipment, account, actor)
