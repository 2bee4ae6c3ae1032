"""Every print of a label is a fact: who, when, how many."""

from __future__ import annotations

import pytest
from django_scopes import scope

from apps.common.errors import DomainError
from apps.dashboard.web import labels as doors
from apps.fulfillment.labels import MAX_LABELS
from apps.fulfillment.models import Shipment
from apps.fulfillment.services import print_labels
from apps.journal.models import JournalEntry
from tests.dashboard.conftest import make_ready, make_world, sign_in
from tests.factories.fulfillment import make_parcel
from tests.factories.partners import api_client

pytestmark = pytest.mark.django_db
EVENT = "shipment.label_printed"


def facts():
    return JournalEntry.objects.filter(event=EVENT).order_by("subject_id")


def test_a_print_of_two_shipments_is_two_facts(merchant, actor, now):
    parcels = sorted(
        (make_parcel(merchant, now=now) for _number in range(2)),
        key=lambda parcel: parcel.shipment.public_id,
    )
    with scope(merchant=merchant):
        print_labels(parcels, merchant=merchant, actor=actor, now=now)

    assert list(facts().values_list("subject_id", "actor", "payload", "occurred_at")) == [
        (parcel.shipment.public_id, str(actor), {"labels": 1, "printed_together": 2}, now)
        for parcel in parcels
    ]


def test_a_print_that_fails_is_no_fact(merchant, actor, now):
    with scope(merchant=merchant), pytest.raises(DomainError):
        print_labels([], merchant=merchant, actor=actor, now=now)

    assert not facts().exists()


def test_the_orders_story_names_who_printed(db, now):
    world = make_world("Lanling Home")
    client = sign_in(world.member)
    client.get(f"/orders/{world.ready.number}/label/")
    second = make_ready(world.merchant, now=now)
    ids = [world.ready.public_id, second.public_id]
    client.post("/orders/bulk/", {"action": "labels", "ids": ids})

    page = client.get(f"/orders/{world.ready.number}/")

    told = [
        (item.title, item.detail, item.who)
        for item in page.context["story"]
        if item.title == "Label printed"
    ]
    assert told == [
        ("Label printed", "1 label, in a print of 2", "Lin Yuan"),
        ("Label printed", "1 label", "Lin Yuan"),
    ]


def test_a_partners_key_is_named(merchant, now):
    parcel = make_parcel(merchant, now=now)
    api = api_client(merchant, scopes=["shipments:read"])

    assert api.call("GET", f"/shipments/{parcel.shipment.public_id}/label").status_code == 200

    assert facts().get().actor == f"key:{api.key.public_id}"


def test_asking_about_a_file_prints_nothing(db):
    world = make_world("Lanling Home")
    client = sign_in(world.member)
    api = api_client(world.merchant, scopes=["shipments:read"])
    with scope(merchant=world.merchant):
        shipment = Shipment.objects.get(order=world.ready).public_id
    paths = (
        f"/orders/{world.ready.number}/label/",
        f"/shipping/{shipment}/label/",
    )
    answers = [client.head(path) for path in paths]
    answers.append(api.call("HEAD", f"/shipments/{shipment}/label"))

    assert [(one.status_code, one["Content-Type"]) for one in answers] == [
        (200, "application/pdf")
    ] * 3
    assert not facts().exists()


def test_every_door_has_the_same_limit(merchant, actor, now):
    assert (MAX_LABELS, doors.MAX_LABELS) == (600, 600)
    parcel = make_parcel(merchant, now=now)
    with scope(merchant=merchant), pytest.raises(DomainError) as refusal:
        print_labels([parcel] * 601, merchant=merchant, actor=actor, now=now)
    assert refusal.value.message == "Choose between 1 and 600 labels."
