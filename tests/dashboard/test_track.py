"""The buyer's public page: by a signed link, in their language, without personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.web.track import PER_MINUTE
from apps.fulfillment import services as fulfillment
from apps.fulfillment.links import find_by_token, make_token
from apps.fulfillment.models import Parcel
from apps.fulfillment.requests import TrackingInput
from apps.fulfillment.services.watching import watch_parcels
from apps.orders.services.buyers import read_buyer
from tests.dashboard.conftest import ACTOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(world):
    with scope(merchant=world.merchant):
        fulfillment.hand_over(world.shipment, actor=ACTOR, now=utc_now())
        world.shipment.refresh_from_db()
    return world


def url_of(shipment):
    return reverse("public:track", args=[make_token(shipment)])


def track(world, code, **changes):
    with scope(merchant=world.merchant):
        parcel = Parcel.objects.get(shipment=world.shipment)
        now = utc_now()
        given = TrackingInput(parcel.tracking_number, code, now, **changes)
        fulfillment.record_tracking(world.merchant, [given], actor=ACTOR, now=now)


def text_of(world, **headers):
    answer = Client().get(url_of(world.shipment), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_with_the_link_sees_the_journey(sent, django_assert_max_num_queries):
    watch_parcels(actor=ACTOR, now=utc_now())
    track(sent, "linehaul_arrived", location="Leipzig, DE")

    with django_assert_max_num_queries(4):
        answer = Client().get(url_of(sent.shipment))

    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Arrived in the destination country", "Leipzig, DE", "Expected between"):
        assert words in text
    assert "What customs means" in text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "'none'" in answer.headers["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex, nofollow">' in text


def test_the_link_of_a_replaced_label_leads_to_the_new_one(world):
    token = make_token(world.shipment)
    with scope(merchant=world.merchant):
        fulfillment.void_shipment(world.shipment, reason="Torn", actor=ACTOR, now=utc_now())
        assert find_by_token(token).pk == world.shipment.pk
        [made] = fulfillment.create_shipments(world.ready, actor=ACTOR, now=utc_now())

    assert find_by_token(token).pk == made.pk


def test_nothing_personal_is_shown(sent):
    with scope(merchant=sent.merchant):
        buyer = read_buyer(sent.ready)
    track(
        sent,
        "delivered",
        location=f"{buyer.street}, 12345",
        description=f"Signed by {buyer.name}",
    )

    text = text_of(sent)

    assert "Delivered" in text
    for secret in (buyer.name, buyer.street, buyer.postal_code, buyer.email, buyer.phone):
        assert not secret or secret not in text
    assert sent.ready.number not in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [("zh-CN,zh;q=0.9", 'lang="zh-hans"'), ("de,en;q=0.5", 'lang="en"'), ("", 'lang="en"')],
)
def test_it_speaks_the_language_asked_for(sent, asked, words):
    assert words in text_of(sent, accept_language=asked)


def test_a_wrong_link_is_not_there(world, rival):
    token = make_token(world.shipment)
    foreign = make_token(rival.shipment)
    mixed = f"{world.shipment.public_id}.{foreign.rpartition('.')[2]}"
    for wrong in (token[:-1], world.shipment.public_id, mixed, "x" * 400):
        assert Client().get(reverse("public:track", args=[wrong])).status_code == 404
        assert find_by_token(wrong) is None


def test_a_link_survives_a_new_key(world, settings):
    token = make_token(world.shipment)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key " * 6

    assert find_by_token(token) == world.shipment


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_ways_are_refused(world, method):
    assert getattr(Client(), method)(url_of(world.shipment)).status_code == 405


def test_too_many_calls_wait(world, monkeypatch):
    moment = 1_800_000_000
    monkeypatch.setattr("apps.common.web.limits.time.time", lambda: moment)
    client, url = Client(), url_of(world.shipment)
    for _time in range(PER_MINUTE):
        assert client.get(url).status_code == 200

    refused = client.get(url)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get(url, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ready_for_pickup", "Pick up your parcel"),
        ("customs_tax_due", "Import tax is in the price you paid"),
        ("customs_info_required", "Customs asks for information"),
    ],
)
def test_it_says_what_the_buyer_must_know(sent, code, words):
    track(sent, code)

    assert words in text_of(sent)


def test_before_the_hand_over_it_is_being_prepared(world):
    text = text_of(world)

    assert "The seller is preparing your parcel." in text
    assert "Expected between" not in text


def test_the_range_lies_ahead(sent):
    watch_parcels(actor=ACTOR, now=utc_now())
    with scope(merchant=sent.merchant):
        parcel = Parcel.objects.get(shipment=sent.shipment)
    assert utc_now() < parcel.eta_p50_at < parcel.eta_p90_at < utc_now() + timedelta(days=40)
