"""Customs borders, the carriers' codes, and the fold of tracking events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.fulfillment.reference import list_sources, map_code
from apps.fulfillment.rules import (
    ParcelState,
    Scan,
    fold,
    needs_customs,
    parcel_status,
    shipment_status,
)
from apps.fulfillment.states import ShipmentStatus, TrackingStatus

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def scans(*steps: tuple[str, float]) -> list[Scan]:
    return [Scan(status, at(hours)) for status, hours in steps]


# --- Customs


def test_customs_at_borders_but_not_inside_the_union():
    assert needs_customs("CN", "DE") is True
    assert needs_customs("DE", "GB") is True
    assert needs_customs("DE", "FR") is False
    assert needs_customs("US", "US") is False


# --- The carriers' codes


@pytest.mark.parametrize(
    ("source", "code", "status"),
    [
        ("cainiao_action_code", "GTMS_SIGNED", "delivered"),
        ("cainiao_action_code", "GTMS_STA_SIGNED", "ready_for_pickup"),
        ("17track_v2", "InTransit_CustomsProcessing", "import_customs"),
        ("aftership", "Exception_013", "lost"),
        ("easypost", "return_to_sender", "returning"),
        ("simulator", "delivered", "delivered"),
        ("simulator", "GTMS_SIGNED", "unknown"),
        ("easypost", "teleported", "unknown"),
    ],
)
def test_codes_map_by_the_table_of_their_source(source, code, status):
    assert map_code(source, code) == status


def test_every_mapped_status_is_in_our_vocabulary():
    assert list_sources() == [
        "17track_v2",
        "aftership",
        "cainiao_action_code",
        "easypost",
        "karrio",
        "shippo",
    ]
    assert {map_code("", status) for status in TrackingStatus.values} == set(TrackingStatus.values)


# --- The fold


def test_no_events_are_an_empty_state():
    assert fold([]) == ParcelState("", None, None, None)


def test_latest_event_counts():
    state = fold(scans(("label_created", 0), ("picked_up", 2), ("linehaul_departed", 30)))

    assert state == ParcelState("linehaul_departed", None, at(2), at(30))


def test_delivery_stays_when_late_scans_follow():
    state = fold(scans(("picked_up", 0), ("delivered", 90), ("in_transit", 95), ("delivered", 99)))

    assert state == ParcelState("delivered", at(90), at(0), at(99))


def test_label_event_with_a_late_clock_hides_nothing():
    assert fold(scans(("picked_up", 1), ("label_created", 5))).status == "picked_up"
    assert fold(scans(("picked_up", 1), ("unknown", 5))).status == "picked_up"
    assert fold(scans(("unknown", 1), ("label_created", 0))).status == "label_created"


def test_lost_parcel_may_be_found():
    assert fold(scans(("picked_up", 0), ("lost", 50))).status == "lost"
    assert fold(scans(("picked_up", 0), ("lost", 50), ("in_transit", 80))).status == "in_transit"


def test_delivery_on_the_way_back_is_the_return_to_the_sender():
    state = fold(scans(("picked_up", 0), ("returning", 60), ("delivered", 200)))

    assert (state.status, state.delivered_at) == ("returned", None)


def test_refusal_after_delivery_turns_the_parcel_round():
    state = fold(scans(("delivered", 90), ("returning", 100), ("in_transit", 120)))

    assert (state.status, state.delivered_at) == ("returning", at(90))


def test_nothing_follows_a_return():
    assert fold(scans(("returned", 10), ("in_transit", 20), ("delayed", 30))).status == "returned"


def test_words_without_a_touch_are_no_first_scan():
    state = fold(scans(("label_created", 0), ("on_hold", 1), ("delayed", 2)))

    assert (state.status, state.first_scan_at) == ("delayed", None)


def test_events_of_one_second_count_in_the_order_of_a_journey():
    assert fold(scans(("delivered", 5), ("out_for_delivery", 5))).status == "delivered"


events = st.lists(
    st.builds(Scan, st.sampled_from(TrackingStatus.values), st.integers(0, 12).map(at)), max_size=12
)


@given(events, st.randoms(use_true_random=False), st.data())
def test_order_and_repetition_never_matter(found, shuffler, data):
    repeated = found + data.draw(st.lists(st.sampled_from(found), max_size=8)) if found else []
    shuffler.shuffle(repeated)

    assert fold(repeated) == fold(found)


@given(events)
def test_a_delivery_time_is_the_time_of_a_delivery_event(found):
    state = fold(found)

    assert state.delivered_at is None or Scan("delivered", state.delivered_at) in found
    assert state.status in {scan.status for scan in found} | {"", "returned"}


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        (["delivered"], "delivered"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "in_transit"], "in_transit"),
        (["label_created"], "tendered"),
        ([""], "tendered"),
        (["returning", "delivered"], "returning"),
        (["returned"], "returned"),
        (["returned", "delivered"], "returned"),
        (["destroyed"], "disposed"),
        (["lost"], "lost"),
        (["lost", "delivered"], "lost"),
        (["lost", "in_transit"], "in_transit"),
        (["damaged"], "in_transit"),
    ],
)
def test_shipment_is_what_its_parcels_add_up_to(statuses, result):
    states = [fold(scans((status, 1))) if status else fold([]) for status in statuses]

    assert shipment_status(states) == result
    assert result in ShipmentStatus.values


def test_parcel_words():
    words = [parcel_status(fold(scans((status, 1)))) for status in ("delivered", "lost", "damaged")]

    assert words == ["delivered", "lost", "tendered"]
