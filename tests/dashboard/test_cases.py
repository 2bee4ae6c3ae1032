"""Pages of exception cases: queue, one case, dossier, and their place on Home."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.selectors.todo_words import describe
from apps.dashboard.selectors.todos import collect_facts
from apps.fulfillment import services as fulfillment
from apps.fulfillment.case_selectors import measure_promises
from apps.fulfillment.models import ExceptionCase, Parcel
from apps.fulfillment.requests import TrackingInput
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from tests.dashboard.case_facts import make_case
from tests.dashboard.conftest import ACTOR, sign_in_as
from tests.factories.catalog import draw_picture

pytestmark = pytest.mark.django_db
LIST = reverse("dashboard:exceptions")


def page(case, name="exception"):
    return reverse(f"dashboard:{name}", args=[case.public_id])


def test_the_queue_shows_what_to_do_by_when(client, world):
    make_case(world)
    make_case(world, "lost")

    text = client.get(LIST).content.decode()

    for words in ("Damaged", "Collect pictures", "Ask the carrier to search", "At risk"):
        assert words in text
    assert world.ready.number in text


@pytest.mark.parametrize(
    ("query", "damaged", "lost"),
    [
        ("?view=mine", True, False),
        ("?view=waiting", False, True),
        ("?view=ended", False, False),
        ("?kind=lost", False, True),
        ("?sort=money", True, True),
        ("?view=x&kind=x&sort=x", True, True),
    ],
)
def test_views_and_filters_choose(client, world, query, damaged, lost):
    steps = {make_case(world): damaged, make_case(world, "lost"): lost}

    text = client.get(LIST + query).content.decode()

    for case, is_shown in steps.items():
        assert (page(case) in text) is is_shown


def test_the_queue_costs_the_same_for_many(client, world, django_assert_max_num_queries):
    make_case(world)
    client.get(LIST)
    for kind in ("lost", "address", "refused", "tax", "documents"):
        make_case(world, kind)

    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200


def test_pages_follow_each_other_in_both_orders(client, world, monkeypatch):
    monkeypatch.setattr("apps.dashboard.web.cases.PAGE_SIZE", 1)
    for kind in ("damaged", "lost"):
        make_case(world, kind)

    for order in ("", "?sort=money"):
        first = client.get(LIST + order).context["page"]
        joint = "&" if order else "?"
        second = client.get(f"{LIST}{order}{joint}cursor={first.next_cursor}").context["page"]
        assert {first.rows[0].kind, second.rows[0].kind} == {"damaged", "lost"}
    assert client.get(f"{LIST}?cursor=x").status_code == 400


def test_amounts_are_for_those_who_may_see_money(world):
    case = make_case(world)
    other = sign_in_as(world, Role.WAREHOUSE)

    assert "At risk" not in other.get(LIST).content.decode()
    assert "At risk" not in other.get(page(case)).content.decode()


def test_a_case_is_worked_to_its_end(client, world):
    case = make_case(world)
    picture = ContentFile(draw_picture(), "box.png")
    client.post(page(case, "exception_note"), {"text": "Called", "waits_for": "carrier"})
    client.post(page(case, "exception_weight"), {"kind": "scale", "grams": "950"})
    client.post(page(case, "exception_paper"), {"file": picture, "text": "The box"})
    client.post(page(case, "exception_claim"), {"reference": "CL-1", "amount": "47.00"})

    text = client.get(page(case)).content.decode()
    for words in ("Called", "Weight on our scale", "The box", "CL-1", "Wait for the carrier"):
        assert words in text

    client.post(page(case, "exception_resolve"), {"resolution": "compensated", "note": "Paid"})
    case = ExceptionCase._base_manager.get()
    assert (case.status, case.claim_minor) == ("resolved", 4700)
    assert "The carrier paid" in client.get(page(case)).content.decode()


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("note", {"text": ""}, "This field is required."),
        ("weight", {"kind": "scale", "grams": "0"}, "greater than or equal to 1"),
        ("claim", {"reference": "C", "amount": "4.705"}, "no such fraction"),
        ("claim", {"reference": "C", "amount": "-1"}, "greater than or equal"),
        ("resolve", {"resolution": "moved_on"}, "Select a valid choice"),
        ("paper", {"file": ContentFile(b"MZ", "a.exe")}, "Only PDF, JPEG and PNG"),
    ],
)
def test_a_wrong_form_says_so_beside_its_field(client, world, name, body, words):
    case = make_case(world)
    before = JournalEntry.objects.count()

    answer = client.post(page(case, f"exception_{name}"), body)

    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert JournalEntry.objects.count() == before


def test_a_case_that_ended_takes_nothing_more(client, world):
    case = make_case(world)
    client.post(page(case, "exception_resolve"), {"resolution": "written_off"})

    answer = client.post(page(case, "exception_note"), {"text": "More"})

    assert (answer.status_code, "This case has ended" in answer.content.decode()) == (409, True)


def test_trouble_is_reported_on_the_shipment(client, world):
    make_case(world, "lost")
    url = reverse("dashboard:shipment", args=[world.shipment.public_id])
    text = client.get(url).content.decode()
    assert "Report trouble" in text
    assert "/t/" in text

    form = reverse("dashboard:exception_open", args=[world.shipment.public_id])
    assert client.post(form, {"parcel": "pcl_x", "kind": "lost", "note": "x"}).status_code == 404
    with scope(merchant=world.merchant):
        parcel = Parcel.objects.get(shipment=world.shipment).public_id
    assert client.post(form, {"parcel": parcel, "kind": "x"}).status_code == 422


def test_the_dossier_has_what_a_carrier_asks_for(client, world):
    case = make_case(world)
    client.post(page(case, "exception_weight"), {"kind": "bill", "grams": "1450"})
    client.post(page(case, "exception_paper"), {"file": ContentFile(draw_picture(), "b.png")})
    with scope(merchant=world.merchant):
        number = case.parcel.tracking_number
        event = TrackingInput(number, "damaged", utc_now(), description="=cmd|x")
        fulfillment.record_tracking(world.merchant, [event], actor=ACTOR, now=utc_now())

    answer = client.get(page(case, "exception_dossier"))

    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="claim-{number}.zip"'
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert archive.read("label.pdf").startswith(b"%PDF")
        weights = archive.read("weights.csv").decode("utf-8-sig")
        events = list(csv.DictReader(io.StringIO(archive.read("events.csv").decode("utf-8-sig"))))
        facts = json.loads(archive.read("case.json"))
        contents = archive.read("contents.csv").decode("utf-8-sig")
        notes = archive.read("notes.csv").decode("utf-8-sig")
    assert sum(name.startswith("papers/evd_") for name in names) == 1
    assert "declared," in weights
    assert "carrier bill,1450" in weights
    assert [row["status"] for row in events] == ["damaged"]
    assert facts["invoice"]["order"] == world.ready.number
    assert facts["claim_by"] is not None
    assert world.ready.currency in contents
    assert "Wet box" in notes
    did = JournalEntry.objects.filter(event="exception.changed").order_by("-id")[0]
    assert did.payload["did"] == "dossier"


def test_the_same_facts_give_the_same_dossier(client, world):
    case = make_case(world)
    first, second = (
        b"".join(client.get(page(case, "exception_dossier")).streaming_content) for _ in range(2)
    )
    assert first == second


def test_asking_about_the_dossier_writes_nothing(client, world):
    case = make_case(world)
    before = JournalEntry.objects.count()

    assert client.head(page(case, "exception_dossier")).status_code == 200
    assert JournalEntry.objects.count() == before


def test_home_tells_what_the_company_must_do(world):
    make_case(world)
    make_case(world, "lost")  # the carrier's, until its answer is late

    with scope(merchant=world.merchant):
        facts = [
            fact
            for fact in collect_facts(world.merchant, now=utc_now())
            if fact.kind == "exception"
        ]
        [todo] = [describe(fact, now=utc_now(), can_see_money=True) for fact in facts]
    assert todo.title == "1 parcel in trouble: Damaged"
    assert todo.url == f"{LIST}?kind=damaged"


def test_promises_are_held_against_what_happened(world):
    make_case(world)
    now = utc_now()
    with scope(merchant=world.merchant):
        parcels = Parcel.objects.filter(shipment=world.shipment)
        parcels.update(delivered_at=now, promised_p90_at=now)
        kept = measure_promises(world.merchant, since=now)
        assert (kept.delivered, kept.in_time, kept.percent) == (1, 1, 100)
        assert measure_promises(world.merchant, since=utc_now()).percent is None
