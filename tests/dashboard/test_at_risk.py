"""The queue of orders at risk: what, why, the fix, both clocks, statements."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.fulfillment.models import Parcel
from apps.jobs.models import Deadline
from apps.orders.models import Order
from apps.orders.selectors import duplicate_minutes
from apps.orders.services.writing import AUTO_CANCEL
from tests.dashboard.conftest import make_ready, sign_in_as
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
URL = "/orders/at-risk/"


def due_at(order: Order, moment: datetime) -> None:
    """Set by when an order must leave: working days would make it depend on the day of the week."""
    with scopes_disabled():
        Order.objects.filter(pk=order.pk).update(ship_by_at=moment)


def test_what_is_due_first_comes_first_with_its_cause_and_fix(client, world):
    now = utc_now()
    late = make_ready(world.merchant, now=now - timedelta(days=4))
    soon = make_order(world.merchant, now=now - timedelta(days=1))
    due_at(late, now - timedelta(hours=2))
    due_at(soon, now + timedelta(hours=2))

    context = client.get(URL).context

    rows = context["page"].rows
    assert [row.row.order.number for row in rows][:2] == [late.number, soon.number]
    assert [row.is_late for row in rows][:2] == [True, False]
    assert [(row.fix.button, row.fix.cause) for row in rows][:2] == [
        ("Ship", "It is ready but not handed over."),
        ("Look", "Its checks have not run yet."),
    ]
    cancelled_by_itself = Deadline.objects.get(kind=AUTO_CANCEL, subject_id=late.public_id)
    assert rows[0].cancel_at == cancelled_by_itself.due_at
    assert rows[0].row.local_due.startswith("Berlin")
    assert context["risk"].late == 1


def test_a_hold_is_the_cause_when_there_is_one(client, world):
    old = utc_now() - timedelta(days=3)
    with scope(merchant=world.merchant):
        type(world.order).objects.filter(pk=world.order.pk).update(ship_by_at=old)

    [row, *_more] = client.get(URL).context["page"].rows

    assert (row.row.order.pk, row.fix.cause) == (world.order.pk, "Buyer asked to wait.")
    assert row.fix.url == f"/orders/{world.order.number}/"


def test_a_silent_carrier_is_named(client, world):
    with scope(merchant=world.merchant):
        parcel = world.shipment.parcels.get()
        Parcel.objects.filter(pk=parcel.pk).update(
            status="tendered", last_event_at=utc_now() - timedelta(days=6)
        )

    [silent] = client.get(URL).context["silent"]

    assert (silent.tracking_number, silent.number) == (parcel.tracking_number, world.ready.number)


def test_a_page_needs_at_most_six_statements_beside_the_frame(
    client, world, django_assert_max_num_queries
):
    for _ in range(12):
        make_ready(world.merchant, now=utc_now() - timedelta(days=10))
    client.get(URL)

    # session, person, company; orders, lines, times of cancelling, minutes of duplicates
    with django_assert_max_num_queries(8):
        assert len(client.get(URL).context["page"].rows) >= 12


def test_nothing_of_a_rival_is_at_risk_here(client, world, rival):
    late = make_ready(rival.merchant, now=utc_now() - timedelta(days=10))

    assert late.number not in client.get(URL).content.decode()


def test_minutes_of_duplicates_are_kept(client, world):
    assert client.post("/orders/duplicates/", {"minutes": "90"}).status_code == 302
    with scope(merchant=world.merchant):
        assert duplicate_minutes(world.merchant.pk) == 90


@pytest.mark.parametrize("minutes", ["", "-1", "1.5", "10081", "９"])
def test_minutes_that_are_none_are_refused(client, world, minutes):
    assert client.post("/orders/duplicates/", {"minutes": minutes}).status_code == 422
    with scope(merchant=world.merchant):
        assert duplicate_minutes(world.merchant.pk) == 30


def test_a_reader_sees_no_buttons(world):
    make_ready(world.merchant, now=utc_now() - timedelta(days=10))
    page = sign_in_as(world, "read_only").get(URL).content.decode()

    assert "/ship/" not in page
    assert "dup-minutes" not in page
