"""What people do with exception cases."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CaseEvidence, ExceptionCase
from apps.fulfillment.requests import TrackingInput
from apps.journal.models import JournalEntry
from tests.factories.fulfillment import make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)
    fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
    return parcel


@pytest.fixture
def case(sent, actor, now):
    return fulfillment.open_case(sent, kind="damaged", note="Wet box", actor=actor, now=now)


def picture():
    target = BytesIO()
    Image.new("RGB", (8, 8), "red").save(target, "PNG")
    return BytesIO(target.getvalue()), len(target.getvalue())


def test_a_person_opens_a_case_once(sent, case, actor, now):
    again = fulfillment.open_case(sent, kind="damaged", note="Again", actor=actor, now=now)

    assert again == case
    assert (case.origin, case.reasons["by"]) == ("person", str(actor))
    assert [row.text for row in case.evidence.all()] == ["Wet box"]


@pytest.mark.parametrize(
    ("kind", "note", "field"),
    [("silence", "x", "kind"), ("x", "x", "kind"), ("lost", " ", "note")],
)
def test_a_case_without_sense_is_refused(sent, actor, now, kind, note, field):
    with pytest.raises(DomainError) as caught:
        fulfillment.open_case(sent, kind=kind, note=note, actor=actor, now=now)

    assert (caught.value.status, list(caught.value.fields)) == (422, [field])
    assert not ExceptionCase.objects.exists()


def test_a_parcel_that_never_left_gets_no_case(scoped, actor, now):
    parcel = make_parcel(scoped, now=now)

    with pytest.raises(DomainError) as caught:
        fulfillment.open_case(parcel, kind="lost", note="Gone", actor=actor, now=now)

    assert caught.value.code == "fulfillment.not_sent"


def test_a_note_passes_the_case_on_and_starts_its_clock(case, actor, now):
    later = now + timedelta(hours=5)
    fulfillment.add_note(case, text="Called", waits_for="carrier", actor=actor, now=later)

    case.refresh_from_db()
    assert (case.status, case.owner) == ("waiting", "carrier")
    assert case.due_at == later + timedelta(hours=48)

    fulfillment.add_note(
        case, text="They want photos", waits_for="merchant", actor=actor, now=later
    )
    case.refresh_from_db()
    assert (case.status, case.owner) == ("open", "merchant")
    assert JournalEntry.objects.filter(event="exception.changed").count() == 2


def test_weights_and_papers_are_kept_as_evidence(case, actor, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    fulfillment.add_weight(case, kind="scale", grams=950, actor=actor, now=now)
    fulfillment.add_weight(case, kind="bill", grams=1450, text="Inv 7", actor=actor, now=now)
    for _time in range(2):
        fulfillment.add_paper(case, *picture(), text="The box", actor=actor, now=now)

    rows = list(CaseEvidence.objects.order_by("id").values_list("kind", "grams"))
    assert rows == [("note", None), ("scale", 950), ("bill", 1450), ("paper", None)]
    paper = CaseEvidence.objects.get(kind="paper")
    assert (paper.content_type, paper.file.name.startswith("evidence/")) == ("image/png", True)


@pytest.mark.parametrize(("kind", "grams"), [("note", 5), ("scale", 0), ("bill", 2_000_001)])
def test_a_weight_without_sense_is_refused(case, actor, now, kind, grams):
    with pytest.raises(DomainError, match="weight"):
        fulfillment.add_weight(case, kind=kind, grams=grams, actor=actor, now=now)


def test_another_kind_of_file_is_refused(case, actor, now):
    with pytest.raises(DomainError) as caught:
        fulfillment.add_paper(case, BytesIO(b"MZ"), 2, actor=actor, now=now)

    assert caught.value.status == 422
    assert not CaseEvidence.objects.filter(kind="paper").exists()


def test_a_claim_is_filed_once_and_in_time(case, actor, now):
    claim = fulfillment.Claim("CL-1", 4_700)
    fulfillment.file_claim(case, claim, actor=actor, now=now + timedelta(days=14))

    case.refresh_from_db()
    assert (case.status, case.owner, case.claim_reference) == ("waiting", "carrier", "CL-1")
    with pytest.raises(DomainError) as caught:
        fulfillment.file_claim(case, claim, actor=actor, now=now)
    assert caught.value.code == "fulfillment.claim_filed"


def test_a_claim_too_late_or_for_nothing_is_refused(sent, case, actor, now):
    claim = fulfillment.Claim("CL-1", 4_700)
    with pytest.raises(DomainError) as caught:
        fulfillment.file_claim(case, claim, actor=actor, now=now + timedelta(days=15))
    assert caught.value.code == "fulfillment.claim_barred"

    other = fulfillment.open_case(sent, kind="address", note="No house", actor=actor, now=now)
    with pytest.raises(DomainError) as caught:
        fulfillment.file_claim(other, claim, actor=actor, now=now)
    assert caught.value.code == "fulfillment.no_claim"


@pytest.mark.parametrize(
    ("resolution", "status"), [("compensated", "resolved"), ("written_off", "closed")]
)
def test_a_person_ends_a_case(case, actor, now, resolution, status):
    for _time in range(2):
        fulfillment.resolve_case(case, resolution=resolution, note="Done", actor=actor, now=now)

    case.refresh_from_db()
    assert (case.status, case.resolution, case.end_note) == (status, resolution, "Done")
    assert (case.ended_by, case.open_key) == (str(actor), None)
    assert JournalEntry.objects.filter(event="exception.resolved").count() == 1
    with pytest.raises(DomainError) as caught:
        fulfillment.add_note(case, text="More", actor=actor, now=now)
    assert caught.value.code == "fulfillment.case_ended"
    with pytest.raises(DomainError):
        fulfillment.resolve_case(case, resolution="agreed", actor=actor, now=now)


@pytest.mark.parametrize("resolution", ["moved_on", "misread", "x", ""])
def test_the_carriers_ends_are_not_chosen_by_people(case, actor, now, resolution):
    with pytest.raises(DomainError) as caught:
        fulfillment.resolve_case(case, resolution=resolution, actor=actor, now=now)

    assert caught.value.status == 422


def test_only_news_after_a_persons_end_opens_it_again(sent, case, actor, now):
    fulfillment.resolve_case(case, resolution="agreed", actor=actor, now=now)

    def told(hours):
        moment = now + timedelta(hours=hours)
        event = TrackingInput(sent.tracking_number, "damaged", moment)
        fulfillment.record_tracking(sent.merchant, [event], actor=actor, now=now)

    told(-3)
    assert ExceptionCase.objects.count() == 1
    told(3)
    assert ExceptionCase.objects.filter(status="open").count() == 1


def test_news_ends_what_a_person_opened(sent, actor, now):
    fulfillment.open_case(sent, kind="lost", note="Nobody finds it", actor=actor, now=now)
    moment = now + timedelta(hours=3)
    event = TrackingInput(sent.tracking_number, "out_for_delivery", moment)
    fulfillment.record_tracking(sent.merchant, [event], actor=actor, now=moment)

    case = ExceptionCase.objects.get()
    assert (case.resolution, case.end_reasons["status"]) == ("moved_on", "out_for_delivery")
