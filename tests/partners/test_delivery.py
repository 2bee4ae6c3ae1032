"""Webhooks on the wire: signed, retried, isolated from each other, never into our own network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.test import override_settings
from django_scopes import scope, scopes_disabled
from standardwebhooks import Webhook

from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.partners import dispatch, services
from apps.partners.adapters.webhooks.client import WebhookClient
from apps.partners.dispatcher import Dispatcher
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from tests.factories.partners import ACTOR, make_endpoint
from tests.partners.receiver import Receiver, drop, reply, running_receiver, slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on the loopback, which is allowed in this test."""
    with override_settings(ALLOW_PRIVATE_WEBHOOKS=True), running_receiver() as running:
        yield running


def queue(endpoint: WebhookEndpoint, *, count: int = 1) -> list[WebhookDelivery]:
    """Queue test messages to an endpoint, due a second ago."""
    due = utc_now() - timedelta(seconds=1)
    with scope(merchant=endpoint.merchant):
        return [services.send_test(endpoint, now=due) for _ in range(count)]


def work(*, allow_private: bool = True, total_s: float = 0.5) -> Dispatcher:
    """Run the dispatcher until nothing is due."""

    async def run() -> Dispatcher:
        async with WebhookClient(allow_private=allow_private, total_s=total_s) as client:
            dispatcher = Dispatcher(client)
            await dispatcher.run(until_idle=True)
            return dispatcher

    return async_to_sync(run)()


def fresh(delivery: WebhookDelivery) -> WebhookDelivery:
    """Read a delivery again."""
    with scopes_disabled():
        return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery.pk)


def test_a_message_is_delivered_signed(merchant: Merchant, receiver: Receiver) -> None:
    endpoint, secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    got = receiver.of("/hook")
    assert len(got) == 1
    told = Webhook(secret).verify(got[0].body, got[0].headers)
    assert told["type"] == "webhook.test"
    assert got[0].headers["webhook-id"] == delivery.entry_id
    after = fresh(delivery)
    assert (after.state, after.attempts, after.last_status) == ("delivered", 1, 200)
    assert after.response_body == "thanks"
    assert after.delivered_at is not None
    assert after.lease is None


def test_after_a_rotation_both_secrets_verify(merchant: Merchant, receiver: Receiver) -> None:
    endpoint, old = make_endpoint(merchant, url=f"{receiver.url}/hook")
    with scope(merchant=merchant):
        endpoint, new = services.rotate_signing_secret(endpoint, actor=ACTOR, now=utc_now())
    queue(endpoint)
    work()
    got = receiver.of("/hook")[0]
    for secret in (old, new):
        assert Webhook(secret).verify(got.body, got.headers)["type"] == "webhook.test"


def test_a_500_is_tried_again_later(merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers["/hook"] = 500
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    after = fresh(delivery)
    assert (after.state, after.attempts, after.last_status) == ("pending", 1, 500)
    assert after.last_error == "HTTP 500"
    wait = after.next_attempt_at - utc_now()
    assert timedelta(seconds=2) < wait < timedelta(seconds=7)
    assert after.endpoint.failing_since is not None


def test_retry_after_is_obeyed(merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers["/hook"] = lambda handler: reply(handler, 503, Retry_After="600")
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    wait = fresh(delivery).next_attempt_at - utc_now()
    assert timedelta(seconds=590) < wait <= timedelta(seconds=600)


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [(slow(1.5), "No answer in time"), (drop, "The connection was dropped")],
)
def test_no_answer_is_a_failure(
    merchant: Merchant, receiver: Receiver, behaviour: object, error: str
) -> None:
    receiver.answers["/hook"] = behaviour
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work(total_s=0.3)
    after = fresh(delivery)
    assert (after.state, after.last_status, after.last_error) == ("pending", None, error)


def test_a_redirect_is_a_failure_and_is_not_followed(
    merchant: Merchant, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = lambda handler: reply(
        handler, 302, Location=f"{receiver.url}/elsewhere"
    )
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    assert fresh(delivery).last_status == 302
    assert receiver.of("/elsewhere") == []


def test_410_stops_the_endpoint_with_a_notice(merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers["/hook"] = 410
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    after = fresh(delivery)
    assert after.state == "failed"
    assert after.endpoint.pause_reason == "gone"
    assert JournalEntry.objects.filter(event="webhook.paused").count() == 1


def test_after_five_days_of_failures_the_endpoint_is_paused(
    merchant: Merchant, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = 500
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    with scopes_disabled():
        WebhookEndpoint.objects.update(failing_since=utc_now() - timedelta(days=5, minutes=1))
    delivery = queue(endpoint)[0]
    work()
    after = fresh(delivery)
    assert after.endpoint.pause_reason == "failing"
    assert after.state == "pending"


def test_a_success_ends_the_failing(merchant: Merchant, receiver: Receiver) -> None:
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    with scopes_disabled():
        WebhookEndpoint.objects.update(failing_since=utc_now() - timedelta(days=4))
    delivery = queue(endpoint)[0]
    work()
    assert fresh(delivery).endpoint.failing_since is None


def test_the_twelfth_failure_is_final(merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers["/hook"] = 500
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    with scopes_disabled():
        WebhookDelivery.objects.update(attempts=11)
    work()
    after = fresh(delivery)
    assert (after.state, after.attempts, after.next_attempt_at) == ("failed", 12, None)


def test_a_dead_receiver_does_not_hold_up_the_others(
    merchant: Merchant, stranger: Merchant, receiver: Receiver
) -> None:
    receiver.answers["/dead"] = slow(2)
    dead, _secret = make_endpoint(merchant, url=f"{receiver.url}/dead")
    alive, _other = make_endpoint(stranger, url=f"{receiver.url}/alive")
    waiting, taken = queue(dead, count=60), queue(alive, count=60)
    work(total_s=0.3)
    assert {(fresh(item).state, fresh(item).last_error) for item in taken} == {("delivered", "")}
    tried = [fresh(item).attempts for item in waiting]
    assert sum(tried) < 40, "the circuit must hand the rest back untried"
    assert {fresh(item).state for item in waiting} == {"pending"}


def test_private_addresses_are_never_reached(merchant: Merchant, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    urls = [
        f"http://127.0.0.1:{port}/a",
        f"http://localhost:{port}/b",
        f"http://[::1]:{port}/c",
        f"http://[::ffff:127.0.0.1]:{port}/d",
        f"http://0.0.0.0:{port}/g",
        "http://169.254.169.254/latest/meta-data/",
    ]
    deliveries = [queue(make_endpoint(merchant, url=url)[0])[0] for url in urls]
    work(allow_private=False)
    assert receiver.requests == []
    for delivery in deliveries:
        after = fresh(delivery)
        assert (after.state, after.last_status) == ("pending", None)
        assert after.last_error == "The address leads into a private network", after.endpoint.url


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_odd_spellings_of_addresses_are_never_reached(
    merchant: Merchant, receiver: Receiver, host: str
) -> None:
    port = receiver.url.rpartition(":")[2]
    delivery = queue(make_endpoint(merchant, url=f"http://{host}:{port}/a")[0])[0]
    work(allow_private=False)
    assert receiver.requests == []
    assert fresh(delivery).last_status is None
    assert fresh(delivery).attempts == 1


def test_the_response_is_kept_to_500_characters(merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers["/hook"] = lambda handler: reply(handler, 400, b"x" * 100_000)
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    work()
    assert fresh(delivery).response_body == "x" * 500


def test_a_paused_endpoint_keeps_its_messages(merchant: Merchant, receiver: Receiver) -> None:
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    with scope(merchant=merchant):
        services.pause_endpoint(endpoint, actor=ACTOR, now=utc_now())
    work()
    assert receiver.requests == []
    with scope(merchant=merchant):
        services.resume_endpoint(endpoint, actor=ACTOR, now=utc_now())
    work()
    assert fresh(delivery).state == "delivered"


def test_two_dispatchers_never_claim_the_same_row(merchant: Merchant) -> None:
    queue(make_endpoint(merchant)[0], count=5)
    now = dispatch.database_now()
    first = dispatch.claim(now=now, limit=3)
    second = dispatch.claim(now=now, limit=10)
    assert len(first) == 3
    assert len(second) == 2
    assert not {item.pk for item in first} & {item.pk for item in second}


def test_the_row_of_a_killed_dispatcher_comes_back(merchant: Merchant) -> None:
    queue(make_endpoint(merchant)[0])
    now = dispatch.database_now()
    assert len(dispatch.claim(now=now, limit=10)) == 1
    assert dispatch.claim(now=now + dispatch.LEASE / 2, limit=10) == []
    assert len(dispatch.claim(now=now + dispatch.LEASE, limit=10)) == 1


def test_a_late_result_of_a_lost_lease_changes_nothing(
    merchant: Merchant, receiver: Receiver
) -> None:
    endpoint, _secret = make_endpoint(merchant, url=f"{receiver.url}/hook")
    delivery = queue(endpoint)[0]
    lost = dispatch.claim(now=dispatch.database_now(), limit=1)[0]
    with scopes_disabled():
        WebhookDelivery.objects.update(next_attempt_at=utc_now() - timedelta(seconds=1))
    work()
    assert fresh(delivery).state == "delivered"
    outcome = dispatch.Outcome(500, "HTTP 500", "", 1)
    dispatch.settle([dispatch.Result(lost, outcome)], now=utc_now())
    assert fresh(delivery).state == "delivered"


def test_claiming_and_settling_200_takes_few_statements(
    merchant: Merchant, django_assert_max_num_queries
) -> None:
    queue(make_endpoint(merchant)[0], count=200)
    with django_assert_max_num_queries(7):
        claimed = dispatch.claim(now=dispatch.database_now(), limit=200)
    assert len(claimed) == 200
    taken = dispatch.Outcome(200, "", "", 3)
    with django_assert_max_num_queries(5):
        dispatch.settle([dispatch.Result(item, taken) for item in claimed], now=utc_now())
    with scopes_disabled():
        assert WebhookDelivery.objects.filter(state="delivered").count() == 200


def test_the_body_is_json_with_type_and_timestamp(merchant: Merchant) -> None:
    delivery = queue(make_endpoint(merchant)[0])[0]
    told = json.loads(delivery.body)
    assert set(told) == {"type", "timestamp", "data"}
    assert told["timestamp"].endswith("Z")
