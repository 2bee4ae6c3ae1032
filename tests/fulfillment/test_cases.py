"""Exception cases: opened and ended by events, once, with reasons and money at risk."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction

from apps.fulfillment import services as fulfillment
from apps.fulfillment.case_rules import VERSION
from apps.fulfillment.models import CarrierCode, ExceptionCase, Parcel, Shipment
from apps.fulfillment.requests import TrackingInput
from apps.jobs.execution import run_job
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.markets.models import FxRate
from tests.factories.fulfillment import make_parcel, make_shipment

pytestmark = pytest.mark.django_db
QUERIES = 13


@pytest.fixture
def sent(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)
    fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    return parcel


def track(parcel, steps, actor, now, **changes):
    given = [
        TrackingInput(parcel.tracking_number, code, now + timedelta(hours=hours), **changes)
        for code, hours in steps
    ]
    last = now + timedelta(hours=max(hours for _code, hours in steps))
    return fulfillment.record_tracking(parcel.merchant, given, actor=actor, now=last)


def test_an_event_opens_a_case_with_everything_it_needs(sent, actor, now):
    track(sent, [("customs_info_required", 30)], actor, now)

    case = ExceptionCase.objects.get()
    at = now + timedelta(hours=30)
    order = sent.shipment.order
    assert (case.kind, case.origin, case.owner, case.status) == (
        *("documents", "event", "merchant", "open"),
    )
    assert (case.since_at, case.opened_at, case.due_at) == (at, at, at + timedelta(hours=48))
    assert case.currency == order.currency
    assert case.risk_minor == order.items_minor
    assert case.reasons == {
        "rules": VERSION,
        "status": "customs_info_required",
        "reason": "",
        "at": at.isoformat(),
        "postage_counted": False,  # no rate is known from the tariff's currency
    }
    entry = JournalEntry.objects.get(event="exception.opened")
    assert (entry.subject_type, entry.subject_id) == ("exception", case.public_id)
    assert entry.payload["tracking_number"] == sent.tracking_number
    assert entry.payload["number"] == order.number


def test_a_repeat_or_a_second_cause_opens_nothing_more(sent, actor, now):
    for _time in range(2):
        track(sent, [("customs_tax_due", 30), ("customs_tax_due", 31)], actor, now)
    track(sent, [("customs_tax_due", 50)], actor, now)

    assert ExceptionCase.objects.count() == 1
    assert JournalEntry.objects.filter(event="exception.opened").count() == 1


def test_a_later_event_ends_it_and_says_why(sent, actor, now):
    track(sent, [("customs_tax_due", 30)], actor, now)
    track(sent, [("import_cleared", 60)], actor, now)

    case, at = ExceptionCase.objects.get(), now + timedelta(hours=60)
    assert (case.status, case.resolution, case.open_key, case.ended_at) == (
        *("resolved", "moved_on", None, at),
    )
    assert case.end_reasons == {
        "rules": VERSION,
        "status": "import_cleared",
        "at": at.isoformat(),
    }
    entry = JournalEntry.objects.get(event="exception.resolved")
    assert entry.payload["resolution"] == "moved_on"


def test_the_same_again_after_its_end_is_a_new_case(sent, actor, now):
    for step in (("lost", 30), ("in_transit", 60), ("lost", 90)):
        track(sent, [step], actor, now)

    statuses = ExceptionCase.objects.order_by("id").values_list("status", flat=True)
    assert list(statuses) == ["resolved", "open"]


def test_any_order_of_events_leaves_the_same_cases_open(scoped, actor, now):
    steps = [("picked_up", 1), ("customs_info_required", 30), ("import_cleared", 50)]
    ends = set()
    for order in permutations([*steps, ("delivery_attempt_failed", 70), ("damaged", 72)]):
        parcel = make_parcel(scoped, now=now)
        for step in order:
            track(parcel, [step], actor, now)
        cases = ExceptionCase.objects.filter(parcel=parcel, open_key__isnull=False)
        ends.add(tuple(sorted(cases.values_list("kind", "since_at"))))

    assert ends == {(("damaged", now + timedelta(hours=72)),)}


def test_a_code_that_meant_something_else_ends_its_case(sent, actor, now):
    track(sent, [("X1", 30)], actor, now, source="easypost")
    code = CarrierCode.objects.get()
    fulfillment.map_unknown_code(code, status="lost", note="Guess", actor=actor, now=now)
    run_job(Job.objects.latest("pk").pk, now=now)
    assert ExceptionCase.objects.get().kind == "lost"

    fulfillment.map_unknown_code(code, status="in_transit", note="Told", actor=actor, now=now)
    run_job(Job.objects.latest("pk").pk, now=now)

    case = ExceptionCase.objects.get()
    assert (case.status, case.resolution) == ("resolved", "misread")


def test_a_parcel_risks_its_share_by_weight(scoped, actor, now):
    shipment = make_shipment(scoped, now=now, quantity=30)
    fulfillment.hand_over(shipment, actor=actor, now=now)
    for parcel in Parcel.objects.order_by("position"):
        track(parcel, [("lost", 30)], actor, now)

    risks = list(ExceptionCase.objects.values_list("risk_minor", flat=True))
    whole = shipment.order.items_minor
    assert len(risks) == 2
    assert whole <= sum(risks) <= whole + 1


def test_postage_counts_where_a_rate_is_known(sent, actor, now):
    shipment = Shipment.objects.select_related("order").get()
    row = {"base": "EUR", "quote": "CNY", "valid_on": now.date(), "source": "t"}
    FxRate.objects.create(**row, rate=Decimal(8))
    assert (shipment.currency, shipment.order.currency) == ("CNY", "EUR")

    track(sent, [("lost", 3)], actor, now)

    case = ExceptionCase.objects.get()
    expected = round(shipment.postage_minor / 8)
    assert abs(case.risk_minor - shipment.order.items_minor - expected) <= 1
    assert case.reasons["postage_counted"] is True
    assert case.risk_base_minor == case.risk_minor * 8


def test_the_database_keeps_a_second_open_case_out(sent, actor, now):
    track(sent, [("lost", 30)], actor, now)
    case = ExceptionCase.objects.get()
    case.pk, case.public_id = None, "exc_SECOND"

    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)


def test_a_parcel_that_never_left_has_no_case(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)
    track(parcel, [("delayed", 3)], actor, now)

    assert not ExceptionCase.objects.exists()


def test_a_batch_without_exceptions_costs_one_statement_more(
    scoped, actor, now, django_assert_num_queries
):
    parcels = [make_parcel(scoped, now=now) for _ in range(10)]
    for parcel in parcels:
        fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    given = [
        TrackingInput(parcel.tracking_number, "in_transit", now + timedelta(minutes=minute))
        for parcel in parcels
        for minute in range(5)
    ]

    with django_assert_num_queries(QUERIES):
        fulfillment.record_tracking(scoped, given, actor=actor, now=now)
