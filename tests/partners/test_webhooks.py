"""From the journal to deliveries: who gets what, once, and what is sent again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction
from django_scopes import scope, scopes_disabled
from standardwebhooks import Webhook

from apps.common.clock import utc_now
from apps.journal import delivery as journal_delivery
from apps.journal.models import JournalEntry
from apps.journal.registry import get_receiver
from apps.journal.services import Fact, record_many
from apps.merchants.models import Merchant, Role
from apps.partners import rules, services
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from apps.partners.services.endpoints import stop_endpoint
from tests.factories.merchants import MemberFactory
from tests.factories.partners import ACTOR, make_endpoint

PAYLOAD = {"number": "261125-X", "total_minor": 9800, "currency": "EUR", "market": "DE"}


def record(merchant: Merchant, event: str = "order.placed") -> JournalEntry:
    """Write a fact and return its entry."""
    with transaction.atomic():
        fact = Fact(event, "order", "ord_1", PAYLOAD)
        record_many([fact], tenant_id=merchant.pk, actor=ACTOR, now=utc_now())
    JournalEntry.objects.filter(state=JournalEntry.State.NEW).update(state=JournalEntry.State.SENT)
    return JournalEntry.objects.latest("id")


def receive(entry: JournalEntry, name: str = "partners.webhooks") -> None:
    """Hand an entry to the receiver as a worker does."""
    receiver = get_receiver(name)
    assert receiver is not None
    [loaded] = journal_delivery.load_entries([entry.pk])
    assert journal_delivery.deliver(receiver, loaded, now=utc_now())


def deliveries() -> list[WebhookDelivery]:
    """Return all deliveries in order."""
    with scopes_disabled():
        return list(WebhookDelivery.objects.select_related("endpoint").order_by("id"))


def test_an_event_goes_to_the_endpoints_that_want_it(
    merchant: Merchant, stranger: Merchant
) -> None:
    wants, _secret = make_endpoint(merchant, events=["order.placed"])
    every, _secret = make_endpoint(merchant, events=["*"])
    make_endpoint(merchant, events=["order.shipped"])
    make_endpoint(stranger, events=["*"])
    entry = record(merchant)
    receive(entry)
    made = deliveries()
    assert [item.endpoint for item in made] == [wants, every]
    assert {item.entry_id for item in made} == {entry.public_id}


def test_the_message_says_what_happened_with_exact_money(merchant: Merchant) -> None:
    make_endpoint(merchant)
    entry = record(merchant)
    JournalEntry.objects.filter(pk=entry.pk).update(
        chain_number=7, occurred_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    )
    receive(entry)
    assert json.loads(deliveries()[0].body) == {
        "type": "order.placed",
        "timestamp": "2026-11-25T09:00:00Z",
        "sequence": 7,
        "data": {
            "subject": {"type": "order", "id": "ord_1"},
            "number": "261125-X",
            "market": "DE",
            "total": {"amount": "98.00", "currency": "EUR"},
        },
    }


@pytest.mark.parametrize(
    "event", ["member.invited", "api_key.created", "order.buyer_revealed", "webhook.paused"]
)
def test_what_is_internal_never_leaves(
    merchant: Merchant, event: str, django_assert_num_queries
) -> None:
    make_endpoint(merchant)
    entry = record(merchant, event)
    with django_assert_num_queries(0):
        services.enqueue_entry(entry, now=utc_now())
    assert deliveries() == []


def test_nobody_subscribed_costs_one_statement(
    merchant: Merchant, django_assert_num_queries
) -> None:
    entry = record(merchant)
    with scope(merchant=merchant), django_assert_num_queries(1):
        services.enqueue_entry(entry, now=utc_now())


def test_a_repeat_makes_no_second_delivery(merchant: Merchant) -> None:
    make_endpoint(merchant)
    entry = record(merchant)
    with scope(merchant=merchant):
        services.enqueue_entry(entry, now=utc_now())
        services.enqueue_entry(entry, now=utc_now())
    assert len(deliveries()) == 1


def test_a_paused_endpoint_gets_nothing_until_it_is_replayed(merchant: Merchant) -> None:
    endpoint, _secret = make_endpoint(merchant)
    with scope(merchant=merchant):
        services.pause_endpoint(endpoint, actor=ACTOR, now=utc_now())
    since = utc_now() - timedelta(minutes=1)
    for _ in range(3):
        receive(record(merchant))
    receive(record(merchant, "member.invited"))
    assert deliveries() == []
    with scope(merchant=merchant):
        endpoint = services.resume_endpoint(endpoint, actor=ACTOR, now=utc_now())
        count = services.replay_since(endpoint, since, actor=ACTOR, now=utc_now())
    assert count == 3
    assert [item.event for item in deliveries()] == ["order.placed"] * 3


def test_a_replay_since_takes_the_failed_and_leaves_the_delivered(merchant: Merchant) -> None:
    endpoint, _secret = make_endpoint(merchant)
    for _ in range(3):
        receive(record(merchant))
    failed, delivered, _waiting = deliveries()
    with scopes_disabled():
        WebhookDelivery.objects.filter(pk=failed.pk).update(state="failed", attempts=12)
        WebhookDelivery.objects.filter(pk=delivered.pk).update(state="delivered")
    with scope(merchant=merchant):
        since = utc_now() - timedelta(hours=1)
        count = services.replay_since(endpoint, since, actor=ACTOR, now=utc_now())
    assert count == 1
    assert [(item.state, item.attempts) for item in deliveries()] == [
        ("pending", 0),
        ("delivered", 0),
        ("pending", 0),
    ]


def test_one_delivery_is_replayed_with_the_same_id(merchant: Merchant) -> None:
    make_endpoint(merchant)
    entry = record(merchant)
    receive(entry)
    with scopes_disabled():
        WebhookDelivery.objects.update(state="delivered", next_attempt_at=None)
    with scope(merchant=merchant):
        again = services.replay_delivery(deliveries()[0], actor=ACTOR, now=utc_now())
    assert (again.state, again.entry_id) == ("pending", entry.public_id)
    assert JournalEntry.objects.filter(event="webhook.replayed").count() == 1


def test_the_signing_secret_is_sealed(merchant: Merchant) -> None:
    endpoint, secret = make_endpoint(merchant)
    with scopes_disabled():
        stored = str(WebhookEndpoint.objects.values().get())
    assert secret not in stored
    assert services.signing_secrets(endpoint, now=utc_now()) == [secret]


def test_after_24_hours_only_the_new_secret_signs(merchant: Merchant) -> None:
    endpoint, old = make_endpoint(merchant)
    now = utc_now()
    with scope(merchant=merchant):
        endpoint, new = services.rotate_signing_secret(endpoint, actor=ACTOR, now=now)
    assert services.signing_secrets(endpoint, now=now) == [new, old]
    assert services.signing_secrets(endpoint, now=now + timedelta(hours=24)) == [new]


def test_people_who_can_repair_it_get_a_notice(merchant: Merchant) -> None:
    owner = MemberFactory(merchant=merchant, role=Role.OWNER)
    MemberFactory(merchant=merchant, role=Role.WAREHOUSE)
    endpoint, _secret = make_endpoint(merchant)
    with scope(merchant=merchant):
        stop_endpoint(endpoint, WebhookEndpoint.Reason.FAILING, actor=ACTOR, now=utc_now())
    JournalEntry.objects.update(state=JournalEntry.State.SENT)
    receive(JournalEntry.objects.get(event="webhook.paused"), "partners.webhook_notice")
    assert [message.to for message in mail.outbox] == [[owner.user.email]]
    assert f"/settings/api/webhooks/{endpoint.public_id}/" in mail.outbox[0].body


def test_the_signature_is_the_one_of_the_library() -> None:
    secret, body = rules.new_signing_secret(), '{"type":"order.placed","x":"ü"}'
    moment = utc_now()
    own = rules.sign(
        secret, message_id="jrn_1", timestamp=int(moment.timestamp()), body=body.encode()
    )
    assert own == Webhook(secret).sign("jrn_1", moment, body)


def test_the_pauses_grow_from_seconds_to_a_day_and_end_after_twelve() -> None:
    pauses = [rules.pause_after(attempt, jitter=0.5) for attempt in range(1, 13)]
    assert pauses[0] == timedelta(seconds=5)
    assert pauses[10] == timedelta(hours=24)
    assert pauses[11] is None
    known = [pause for pause in pauses if pause]
    assert known == sorted(known)


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 4), (0.5, 5), (1.0, 6)])
def test_jitter_spreads_a_pause_by_a_fifth(jitter: float, seconds: int) -> None:
    assert rules.pause_after(1, jitter=jitter) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", timedelta(seconds=120)),
        ("999999999999", timedelta(hours=24)),
        ("Wed, 25 Nov 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Wed, 25 Nov 2026 08:00:00 GMT", timedelta()),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("１２", None),
    ],
)
def test_retry_after(text: str, expected: timedelta | None) -> None:
    now = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert rules.parse_retry_after(text, now=now) == expected
