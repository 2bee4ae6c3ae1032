"""The life of a shipment: exactly the drawn transitions, and an exit from every state."""

from __future__ import annotations

import pytest

from apps.common import badges
from apps.inbound import rules
from apps.inbound.states import (
    AMENDABLE,
    COUNTABLE,
    FINAL,
    FORCEABLE,
    SHELVABLE,
    TRANSITIONS,
    InboundStatus,
    may_follow,
)

DRAWN = {
    "draft": "submitted cancelled",
    "submitted": "accepted rejected cancelled",
    "accepted": "appointed cancelled expired",
    "appointed": "in_transit expired",
    "in_transit": "arrived",
    "arrived": "receiving",
    "receiving": "paused received",
    "paused": "receiving",
    "received": "inspecting reconciling",
    "inspecting": "putaway",
    "putaway": "closed",
    "reconciling": "closed",
}


def test_the_transitions_are_those_of_the_drawing():
    assert set(TRANSITIONS) == set(InboundStatus.values)
    for state in InboundStatus.values:
        assert TRANSITIONS[state] == set(DRAWN.get(state, "").split())


def reachable(start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        following = TRANSITIONS[ahead.pop()] - found
        found |= following
        ahead += following
    return found


def test_every_state_is_reached_and_leads_to_an_end():
    assert reachable("draft") == set(InboundStatus.values)
    for state in InboundStatus.values:
        assert reachable(state) & FINAL
        assert bool(TRANSITIONS[state]) == (state not in FINAL)


def test_what_may_be_done_in_a_state_never_overlaps_with_its_end():
    for group in (AMENDABLE, COUNTABLE, SHELVABLE, FORCEABLE):
        assert not group & FINAL
    assert may_follow("paused", "receiving")
    assert not may_follow("paused", "received")


def test_every_state_has_its_words():
    assert set(badges.registered()["inbound"]) == set(InboundStatus.values)


class TestTolerance:
    @pytest.mark.parametrize(
        ("expected", "allowed"), [(0, 0), (10, 6), (120, 6), (140, 7), (1000, 50)]
    )
    def test_it_is_the_greater_of_share_and_units(self, expected, allowed):
        assert rules.Tolerance(5, 6).allowance(expected) == allowed

    def test_quarantined_units_take_no_room_and_are_not_over_as_well(self):
        counts = rules.Counts(10, received=19, rejected=4)
        tolerance = rules.Tolerance(5, 6)

        assert rules.room_left(counts, tolerance) == 1
        found = {(item.kind, item.units) for item in rules.find_differences(counts, tolerance)}
        assert found == {("over", 5), ("rejected", 4)}

    def test_amendments_count_from_what_was_announced(self):
        tolerance = rules.Tolerance(5, 6)
        assert rules.may_amend(10, 16, tolerance)
        assert rules.may_amend(10, 4, tolerance)
        assert not rules.may_amend(10, 17, tolerance)
        assert not rules.may_amend(3, -1, tolerance)


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("LAMP-1", "LAMP-1"),
        (" LAMP-1\r\n", "LAMP-1"),
        ("(00)106141411234567897", "106141411234567897"),
        ("00106141411234567897", "106141411234567897"),
    ],
)
def test_a_scanned_code_loses_its_frame(scanned, code):
    assert rules.clean_code(scanned) == code


def test_gtins_of_different_lengths_are_one():
    assert rules.same_gtin("04006381333931", "4006381333931")
    assert not rules.same_gtin("4006381333931", "")
    assert not rules.same_gtin("LAMP", "LAMP")
