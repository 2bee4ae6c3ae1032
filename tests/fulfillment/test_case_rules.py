"""The pure rules of exception cases, whatever the order and repetition of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.fulfillment import case_rules as rules
from apps.fulfillment.case_rules import Signal, find_episodes
from apps.fulfillment.rules import Scan, fold
from apps.fulfillment.states import CaseKind, TrackingReason, TrackingStatus

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(status, hours, reason=""):
    return Signal(status, START + timedelta(hours=hours), reason)


SIGNALS = st.lists(
    st.builds(
        at,
        st.sampled_from(TrackingStatus.values),
        st.integers(0, 30),
        st.sampled_from(["", "", "", *TrackingReason.values]),
    ),
    max_size=14,
)


@given(SIGNALS, st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_repetition_change_nothing(signals, chance, times):
    again = signals * times
    chance.shuffle(again)

    assert find_episodes(again) == find_episodes(signals)
    assert fold(Scan(item.status, item.occurred_at) for item in again) == fold(
        Scan(item.status, item.occurred_at) for item in signals
    )


@given(SIGNALS)
def test_every_episode_rests_on_events_of_the_parcel(signals):
    for kind, episode in find_episodes(signals).items():
        assert {episode.began, episode.latest} <= set(signals)
        assert episode.began.occurred_at <= episode.latest.occurred_at
        if episode.ended is not None:
            assert episode.ended in signals
            assert episode.ended.status in rules.RULES[kind].ends


@given(SIGNALS)
def test_what_came_home_has_no_open_case_but_damage(signals):
    last = at("returned", 100)

    episodes = find_episodes([*signals, last])

    still_open = {kind for kind, episode in episodes.items() if episode.ended is None}
    assert still_open <= {CaseKind.DAMAGED}


def test_every_kind_has_a_rule():
    assert set(rules.RULES) == set(CaseKind.values)


def open_kinds(*signals):
    return {kind for kind, item in find_episodes(signals).items() if item.ended is None}


@pytest.mark.parametrize(
    ("signals", "kinds"),
    [
        ([at("lost", 5)], {"lost"}),
        ([at("lost", 5), at("in_transit", 6)], set()),
        ([at("damaged", 5), at("delivered", 6)], {"damaged"}),
        ([at("customs_info_required", 5)], {"documents"}),
        ([at("customs_info_required", 5), at("import_cleared", 6)], set()),
        ([at("import_cleared", 5), at("customs_info_required", 6)], {"documents"}),
        ([at("customs_tax_due", 5)], {"tax"}),
        ([at("customs_tax_due", 5), at("out_for_delivery", 9)], set()),
        ([at("delivery_attempt_failed", 5)], set()),
        ([at("delivery_attempt_failed", 5), at("delivery_attempt_failed", 29)], {"address"}),
        ([at("delivery_attempt_failed", 5, "address")], {"address"}),
        ([at("delivery_attempt_failed", 5, "refused")], {"refused"}),
        ([at("on_hold", 5, "refused"), at("returning", 9)], {"return"}),
        ([at("returning", 5), at("delivered", 9)], set()),
        ([at("delivered", 5), at("returning", 9)], {"return"}),
        ([at("delivered", 5), at("lost", 9)], set()),
        ([at("handed_to_linehaul", 5), at("delayed", 9)], {"offloaded"}),
        ([at("handed_to_linehaul", 5), at("delayed", 9), at("linehaul_departed", 20)], set()),
        ([at("delayed", 9)], set()),
        ([at("in_transit", 9, "offloaded")], {"offloaded"}),
    ],
)
def test_what_is_open_after_events(signals, kinds):
    assert open_kinds(*signals) == kinds


def test_an_episode_that_begins_again_is_a_new_one():
    first, end, second = at("lost", 5), at("in_transit", 9), at("lost", 20)

    assert find_episodes([first, end, second])["lost"] == rules.Episode(second, second)


def test_a_repeated_cause_keeps_its_beginning():
    first, again = at("customs_tax_due", 5), at("customs_tax_due", 30)

    assert find_episodes([again, first])["tax"] == rules.Episode(first, again)


def test_tax_is_the_buyers_unless_the_price_has_it():
    assert rules.owner_of("tax", is_tax_in_price=True) == "merchant"
    assert rules.owner_of("tax", is_tax_in_price=False) == "buyer"
    assert rules.owner_of("lost", is_tax_in_price=True) == "carrier"


@given(st.integers(0, 10**9), st.lists(st.integers(1, 30_000), min_size=1, max_size=9))
def test_shares_of_a_risk_never_understate_it(total, weights):
    shares = [rules.share_of(total, grams, weights) for grams in weights]

    assert total <= sum(shares) < total + len(weights)
