"""Legs, quantiles of parcels that are still under way, and estimates of arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.fulfillment import eta
from apps.fulfillment.case_rules import Signal
from apps.fulfillment.legs import (
    ABROAD,
    AT_HOME,
    LEG_OF,
    Span,
    Stretch,
    find_quantiles,
    measure_gaps,
    measure_legs,
    route_legs,
    split_legs,
)
from apps.fulfillment.states import TrackingStatus

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = 3600


def hour(number):
    return START + timedelta(hours=number)


def at(status, hours):
    return Signal(status, hour(hours))


def test_a_journey_is_split_into_its_legs():
    signals = [
        *(at("picked_up", 1), at("export_customs", 20), at("handed_to_linehaul", 30)),
        *(at("linehaul_arrived", 70), at("in_transit", 90), at("delivered", 130)),
    ]

    assert split_legs(signals[::-1], ABROAD, START) == [
        Stretch("first_mile", hour(0), hour(20)),
        Stretch("export", hour(20), hour(30)),
        Stretch("linehaul", hour(30), hour(70)),
        Stretch("import", hour(70), hour(90)),
        Stretch("last_mile", hour(90), hour(130)),
    ]


@pytest.mark.parametrize("status", ["returning", "lost"])
def test_what_leaves_the_way_has_no_end(status):
    found = split_legs([at("in_transit", 5), at(status, 9), at("delivered", 20)], AT_HOME, START)

    assert found == [Stretch("first_mile", hour(0), hour(5)), Stretch("last_mile", hour(5))]


SIGNALS = st.lists(
    st.builds(at, st.sampled_from(TrackingStatus.values), st.integers(-5, 60)), max_size=12
)


@given(SIGNALS, st.sampled_from([ABROAD, AT_HOME]))
def test_legs_follow_each_other_without_a_hole(signals, route):
    found = split_legs(signals, route, START)

    assert found[0].began == START
    for first, second in zip(found, found[1:], strict=False):
        assert first.ended == second.began
        assert route.index(first.leg) < route.index(second.leg)
    assert all(item.ended is None or item.ended >= item.began for item in found)


def test_times_between_reports_belong_to_the_leg_where_they_began():
    signals = [at("picked_up", 2), at("export_customs", 20), at("export_cleared", 23)]
    stretches = split_legs(signals, ABROAD, START)

    found = measure_gaps(signals, stretches, hour(50), is_over=False)

    assert found == [
        ("first_mile", Span(2 * HOUR, is_whole=True)),
        ("first_mile", Span(18 * HOUR, is_whole=True)),
        ("export", Span(3 * HOUR, is_whole=True)),
        ("export", Span(27 * HOUR, is_whole=False)),
    ]
    assert measure_legs(stretches, hour(50))[-1] == ("export", Span(30 * HOUR, is_whole=False))


def test_quantiles_of_whole_spans_are_the_plain_ones():
    spans = [Span(seconds, is_whole=True) for seconds in range(1, 101)]

    assert find_quantiles(spans, [0.5, 0.9, 0.95]) == [50, 90, 95]


def test_parcels_under_way_make_delays_visible():
    # Textbook data (Gehan 1965, the 6-MP group): S falls below one half at 23 weeks.
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    cut = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    spans = [Span(week, is_whole=True) for week in weeks]
    spans += [Span(week, is_whole=False) for week in cut]

    assert find_quantiles(spans, [0.5, 0.9]) == [23, None]


@given(
    st.lists(st.builds(Span, st.integers(0, 99), st.booleans()), max_size=40),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=4),
)
def test_quantiles_rise_and_are_real_lengths(spans, shares):
    found = [item for item in find_quantiles(spans, sorted(shares)) if item is not None]

    assert found == sorted(found)
    assert set(found) <= {span.seconds for span in spans if span.is_whole}


def test_every_leg_has_a_default_and_every_status_of_a_leg_exists():
    assert set(eta.DEFAULTS) == set(ABROAD) == set(LEG_OF.values())
    assert set(LEG_OF) <= set(TrackingStatus.values)
    assert route_legs("CN", "DE") == ABROAD
    assert route_legs("DE", "DE") == AT_HOME


def test_defaults_have_the_quantiles_they_state():
    lengths = eta.spread(48, 120)

    assert abs((lengths[9] + lengths[10]) / 2 - 48 * HOUR) < HOUR
    assert lengths[17] < 120 * HOUR < lengths[18]


def test_the_narrowest_group_with_enough_parcels_answers():
    lane, zone = eta.LegTimes((1,) * 20, 1, "lane"), eta.LegTimes((2,) * 20, 2, "zone")

    assert eta.choose_times("export", {"export": lane}, {"export": zone}) is lane
    assert eta.choose_times("export", {}, {"export": zone}) is zone
    assert eta.choose_times("export", {}, {}) is eta.DEFAULTS["export"]


LENGTHS = st.lists(st.integers(1, 500_000), min_size=20, max_size=20).map(
    lambda values: tuple(sorted(values))
)


@settings(max_examples=40)
@given(LENGTHS, st.lists(LENGTHS, max_size=4), st.integers(0, 600_000))
def test_estimates_lie_ahead_and_in_order(current, rest, waited):
    following = [eta.LegTimes(item, 1) for item in rest]

    found = eta.estimate(eta.LegTimes(current, 1), waited, following)

    assert 0 < found.p50_s <= found.p90_s


def test_a_wait_moves_the_arrival_back():
    leg, rest = eta.DEFAULTS["import"], [eta.DEFAULTS["last_mile"]]
    arrivals = [
        hours * HOUR + eta.estimate(leg, hours * HOUR, rest).p50_s for hours in (0, 24, 72, 200)
    ]

    assert arrivals == sorted(arrivals)
    assert arrivals[0] < arrivals[-1]


def test_two_equal_legs_take_twice_as_long():
    leg = (10 * HOUR,) * 20

    assert eta.join_lengths((leg, leg)) == (20 * HOUR,) * 20
