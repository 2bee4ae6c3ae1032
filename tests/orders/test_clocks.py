"""Ship-by dates in working time, pauses that give exactly their time back, warnings before the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.fulfillment.receivers import move_clock
from apps.jobs import deadlines
from apps.jobs.models import Deadline
from apps.journal.models import JournalEntry
from apps.markets.places import is_business_day
from apps.markets.rules import add_working_time, working_time
from apps.merchants.models import Merchant
from apps.orders import services as orders
from apps.orders.clocks import later, ship_by, worked
from apps.orders.models import DeadlinePause, Order
from tests.factories.orders import make_order

SHANGHAI = ZoneInfo("Asia/Shanghai")


def seller(country: str = "CN", zone: str = "Asia/Shanghai") -> Merchant:
    return Merchant(country=country, time_zone=zone)


def at(*parts: int, zone: str = "Asia/Shanghai") -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("placed", "due"),
    [
        (at(2026, 11, 25, 15, 59), at(2026, 12, 1)),  # Wednesday: Thursday, Friday, Monday
        (at(2026, 11, 25, 16, 0), at(2026, 12, 2)),  # past the cut-off: a day later
        (at(2026, 11, 28, 20, 0), at(2026, 12, 4)),  # Saturday counts as Monday
        (at(2026, 9, 30, 10, 0), at(2026, 10, 13)),  # the national holidays do not count
    ],
)
def test_ship_by_counts_the_merchants_working_days(placed, due):
    assert ship_by(seller(), placed, 3) == due


def test_another_merchant_has_other_days():
    placed = at(2026, 10, 1, 10, zone="Europe/Berlin")

    assert ship_by(seller("DE", "Europe/Berlin"), placed, 2) == at(
        2026, 10, 6, zone="Europe/Berlin"
    )


def test_a_weekend_has_no_working_time():
    friday, monday = at(2026, 11, 27, 18), at(2026, 11, 30, 6)

    assert worked(seller(), friday, monday) == timedelta(hours=12)
    assert later(seller(), friday, timedelta(hours=12)) == monday


def test_a_day_with_a_changed_clock_counts_as_long_as_it_is():
    zone = "Europe/Berlin"
    start, end = at(2026, 3, 27, 0, zone=zone), at(2026, 3, 31, 0, zone=zone)

    assert worked(seller("DE", zone), start, end) == timedelta(days=2)


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.integers(0, 60 * 24 * 20),
    st.sampled_from([("CN", "Asia/Shanghai"), ("DE", "Europe/Berlin"), ("US", "America/New_York")]),
)
def test_adding_and_counting_working_time_are_opposites(start, minutes, place):
    country, zone = place[0], ZoneInfo(place[1])
    span = timedelta(minutes=minutes)

    def is_open(day):
        return is_business_day(country, day)

    end = add_working_time(start, span, zone=zone, is_open=is_open)

    assert working_time(start, end, zone=zone, is_open=is_open) == span


@pytest.fixture
def order(scoped, now) -> Order:
    return make_order(scoped, now=now)


def clock(order: Order) -> Deadline:
    return Deadline.objects.get(kind="orders.auto_cancel", subject_id=order.public_id)


@pytest.mark.django_db
def test_a_hold_the_merchant_did_not_cause_gives_its_working_time_back(order, actor, now):
    due, ends, warn = order.ship_by_at, clock(order).due_at, clock(order).warn_at
    hold = orders.place_hold(order, kind="address", reason="No house number", actor=actor, now=now)
    assert clock(order).paused_at == now

    orders.release_hold(hold, actor=actor, now=now + timedelta(days=5))  # a weekend between

    order.refresh_from_db()
    merchant = order.merchant
    assert worked(merchant, due, order.ship_by_at) == timedelta(days=3)
    assert worked(merchant, ends, clock(order).due_at) == timedelta(days=3)
    assert worked(merchant, warn, clock(order).warn_at) == timedelta(days=3)
    assert clock(order).paused_at is None
    assert DeadlinePause.objects.get().moved_s == 3 * 86400


@pytest.mark.django_db
def test_a_hold_of_the_merchants_own_stops_nothing(order, actor, now):
    due = order.ship_by_at
    hold = orders.place_hold(order, kind="manual", reason="Wait", actor=actor, now=now)
    orders.release_hold(hold, actor=actor, now=now + timedelta(days=1))

    order.refresh_from_db()
    assert (order.ship_by_at, clock(order).paused_at) == (due, None)
    assert not DeadlinePause.objects.exists()


@pytest.mark.django_db
def test_the_clock_goes_on_with_the_last_of_two_holds(order, actor, now):
    first = orders.place_hold(order, kind="address", reason="a", actor=actor, now=now)
    second = orders.place_hold(order, kind="risk", reason="b", actor=actor, now=now)

    orders.release_hold(first, actor=actor, now=now + timedelta(hours=1))
    assert clock(order).paused_at == now
    orders.release_hold(second, actor=actor, now=now + timedelta(hours=2))

    assert DeadlinePause.objects.get().moved_s == 7200


@pytest.mark.django_db
def test_an_order_whose_clock_stands_is_not_cancelled(order, actor, now):
    orders.place_hold(order, kind="customs", reason="Papers", actor=actor, now=now)

    assert deadlines.sweep(now=now + timedelta(days=60)) == 0

    order.refresh_from_db()
    assert order.status == "pending"


@pytest.mark.django_db
def test_the_company_is_warned_once_a_working_day_before_the_end(order, actor, now):
    warn = clock(order).warn_at
    assert worked(order.merchant, warn, clock(order).due_at) == timedelta(days=1)
    deadlines.sweep(now=warn - timedelta(seconds=1))
    assert not JournalEntry.objects.filter(event="order.cancel_warned").exists()

    for _turn in range(2):
        deadlines.sweep(now=warn)

    warned = JournalEntry.objects.get(event="order.cancel_warned")
    assert warned.payload["cancel_at"] == clock(order).due_at.isoformat()
    order.refresh_from_db()
    assert order.status == "pending"


@pytest.mark.django_db
def test_a_split_order_stands_still_like_the_one_it_came_from(order, actor, now):
    orders.place_hold(order, kind="address", reason="a", actor=actor, now=now)

    child = orders.split_order(order, {1: 1}, actor=actor, now=now + timedelta(days=1))

    assert clock(child).paused_at == now + timedelta(days=1)
    orders.release_hold(child.holds.get(), actor=actor, now=now + timedelta(days=2))
    child.refresh_from_db()
    assert worked(child.merchant, order.ship_by_at, child.ship_by_at) == timedelta(days=2)


@pytest.mark.django_db
def test_a_cancelled_order_ends_its_pause(order, actor, now):
    orders.place_hold(order, kind="address", reason="a", actor=actor, now=now)

    orders.cancel_order(order, reason="x", actor=actor, now=now)

    assert DeadlinePause.objects.get().open_order is None


@pytest.mark.django_db
def test_labels_follow_the_clock(order, actor, now):
    from apps.fulfillment import services as fulfillment

    orders.confirm_order(order, actor=actor, now=now)
    [shipment] = fulfillment.create_shipments(order, actor=actor, now=now)
    hold = orders.place_hold(order, kind="risk", reason="a", actor=actor, now=now)
    orders.release_hold(hold, actor=actor, now=now + timedelta(hours=5))

    move_clock(JournalEntry.objects.get(event="order.clock_resumed"))

    order.refresh_from_db()
    shipment.refresh_from_db()
    assert shipment.ship_by_at == order.ship_by_at > now
