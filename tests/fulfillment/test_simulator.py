"""The simulated carrier: plausible and the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.fulfillment.simulator import plan_journey

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
NUMBER = "HA000000014CN"


def test_same_arguments_give_the_same_journey():
    assert plan_journey(NUMBER, "DE", START, 7) == plan_journey(NUMBER, "DE", START, 7)
    assert plan_journey(NUMBER, "DE", START, 7) != plan_journey(NUMBER, "DE", START, 8)


def test_journey_abroad_passes_both_customs():
    journey = plan_journey(NUMBER, "DE", START, 7)

    places = {event.code: event.location for event in journey}
    assert places["export_cleared"] == "Guangzhou, CN"
    assert places["import_cleared"] == "Leipzig, DE"
    assert places["delivered"] == "Germany"
    assert len({event.event_id for event in journey}) == len(journey)


def test_journey_at_home_is_short():
    codes = [event.code for event in plan_journey(NUMBER, "CN", START, 7)]

    assert codes == ["picked_up", "in_transit", "out_for_delivery", "delivered"]


@given(st.integers(0, 10**6), st.sampled_from(["DE", "US", "CN", "JE", "ZA"]))
def test_times_go_forward_from_pick_up_to_delivery(seed, country):
    journey = plan_journey(NUMBER, country, START, seed)

    times = [event.occurred_at for event in journey]
    assert times == sorted(times)
    assert times[0] == START
    assert timedelta(hours=12) < times[-1] - START < timedelta(days=12)
    assert (journey[0].code, journey[-1].code) == ("picked_up", "delivered")
