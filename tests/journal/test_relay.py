"""The relay: chains, publishes, publishes again, and completes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from apps.journal import delivery, registry, relay
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.journal.models import ChainHead, JournalEntry, Receipt
from apps.merchants.models import Merchant

pytestmark = pytest.mark.django_db
State = JournalEntry.State


class MemoryPublisher:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, list[int]]] = []

    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        self.messages.append((receiver, queue, entry_ids))


class BrokenPublisher:
    """A broker that is away."""

    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        raise ConnectionError("no broker")


@pytest.fixture
def seen() -> Iterator[list[int]]:
    """What the two test receivers were handed."""
    calls: list[int] = []
    registry.receiver("test.happened", name="test.first", queue="checks")(
        lambda entry: calls.append(entry.pk)
    )
    registry.receiver("test.happened", name="test.second", queue="finance")(
        lambda entry: calls.append(-entry.pk)
    )
    yield calls
    for name in ("test.first", "test.second"):
        registry._RECEIVERS.pop(name)


def write(merchant: Merchant, actor: Actor, now: datetime, count: int = 1) -> list[JournalEntry]:
    facts = [journal.Fact("test.happened", "thing", f"thg_{n}", {"n": n}) for n in range(count)]
    with transaction.atomic():
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return list(JournalEntry.objects.filter(event="test.happened").order_by("id"))


def test_record_outside_a_transaction_is_refused(transactional_db, actor, now):
    merchant = Merchant.objects.create(name="M")

    with pytest.raises(RuntimeError, match="inside the transaction"):
        journal.record("test.happened", merchant=merchant, subject=merchant, actor=actor, now=now)


def test_new_entries_are_chained_and_published_to_every_receiver(seen, merchant, actor, now):
    entries = write(merchant, actor, now, count=3)
    publisher = MemoryPublisher()

    assert relay.relay_new(publisher, now=now) == 3

    ids = [entry.pk for entry in entries]
    assert sorted(publisher.messages) == [
        ("test.first", "checks", ids),
        ("test.second", "finance", ids),
    ]
    rows = JournalEntry.objects.filter(pk__in=ids).order_by("id")
    assert [row.chain_number for row in rows] == [1, 2, 3]
    assert {row.state for row in rows} == {State.SENT}
    assert [row.previous_hash for row in rows] == ["", rows[0].hash, rows[1].hash]
    assert ChainHead.objects.get(tenant_id=merchant.pk).hash == rows[2].hash


def test_an_event_nobody_wants_is_done_at_once(merchant, actor, now):
    with transaction.atomic():
        journal.record("test.unheard", merchant=merchant, subject=merchant, actor=actor, now=now)

    relay.relay_new(MemoryPublisher(), now=now)

    assert JournalEntry.objects.get(event="test.unheard").state == State.DONE


def test_messages_hold_at_most_twenty_entries(seen, merchant, actor, now):
    write(merchant, actor, now, count=45)
    publisher = MemoryPublisher()

    relay.relay_new(publisher, now=now)

    sizes = [len(ids) for name, _queue, ids in publisher.messages if name == "test.first"]
    assert sizes == [20, 20, 5]


def test_a_broker_that_is_away_leaves_entries_waiting(seen, merchant, actor, now):
    entry = write(merchant, actor, now)[0]

    with pytest.raises(ConnectionError):
        relay.relay_new(BrokenPublisher(), now=now)

    entry.refresh_from_db()
    assert (entry.state, entry.chain_number) == (State.NEW, None)
    assert relay.relay_new(MemoryPublisher(), now=now) == 1


def test_an_entry_is_done_when_its_last_receiver_is(seen, merchant, actor, now):
    entry = write(merchant, actor, now)[0]
    relay.relay_new(MemoryPublisher(), now=now)

    first, second = (registry.get_receiver(f"test.{name}") for name in ("first", "second"))
    assert delivery.deliver(first, entry, now=now) is True
    entry.refresh_from_db()
    assert entry.state == State.SENT
    assert delivery.deliver(second, entry, now=now) is True

    entry.refresh_from_db()
    assert (entry.state, entry.pending_count) == (State.DONE, 0)
    assert seen == [entry.pk, -entry.pk]


def test_a_message_delivered_twice_has_one_effect(seen, merchant, actor, now):
    entry = write(merchant, actor, now)[0]
    relay.relay_new(MemoryPublisher(), now=now)
    first = registry.get_receiver("test.first")

    outcomes = [delivery.deliver(first, entry, now=now) for _ in range(3)]

    assert outcomes == [True, False, False]
    assert seen == [entry.pk]
    entry.refresh_from_db()
    assert entry.pending_count == 1


def test_a_lost_message_is_published_again_with_growing_pauses(seen, merchant, actor, now):
    entry = write(merchant, actor, now)[0]
    relay.relay_new(MemoryPublisher(), now=now)
    delivery.deliver(registry.get_receiver("test.first"), entry, now=now)
    publisher = MemoryPublisher()

    early = relay.republish_unfinished(publisher, now=now + timedelta(seconds=59))
    late = relay.republish_unfinished(publisher, now=now + timedelta(seconds=61))

    assert (early.republished, late.republished) == (0, 1)
    assert publisher.messages == [("test.second", "finance", [entry.pk])]
    entry.refresh_from_db()
    pause = entry.next_attempt_at - (now + timedelta(seconds=61))
    assert timedelta(seconds=60) <= pause <= timedelta(seconds=120)


def test_the_sweep_completes_what_all_receivers_did(seen, merchant, actor, now):
    entry = write(merchant, actor, now)[0]
    # The receivers ran before the relay's own transaction committed: they found the entry not
    # sent yet and could not count themselves as done.
    for name in ("test.first", "test.second"):
        delivery.deliver(registry.get_receiver(name), entry, now=now)
    relay.relay_new(MemoryPublisher(), now=now)

    report = relay.republish_unfinished(MemoryPublisher(), now=now + timedelta(minutes=2))

    entry.refresh_from_db()
    assert (report.completed, entry.state) == (1, State.DONE)


def test_a_failing_receiver_becomes_a_dead_letter_and_can_be_replayed(merchant, actor, now):
    attempts: list[int] = []

    def fail(entry: JournalEntry) -> None:
        attempts.append(entry.pk)
        if len(attempts) <= 8:
            raise ValueError("poison")

    registry.receiver("test.happened", name="test.poison", queue="checks")(fail)
    poison = registry.get_receiver("test.poison")
    entry = write(merchant, actor, now)[0]
    relay.relay_new(MemoryPublisher(), now=now)

    for _ in range(8):
        assert delivery.deliver(poison, entry, now=now) is False

    receipt = Receipt.objects.get(entry=entry)
    entry.refresh_from_db()
    assert (receipt.state, receipt.attempts) == (Receipt.State.DEAD, 8)
    assert receipt.error == "ValueError: poison"
    assert entry.state == State.DEAD

    journal.replay_dead_letter(receipt.pk, actor=actor, now=now)
    publisher = MemoryPublisher()
    relay.republish_unfinished(publisher, now=now)
    delivery.deliver(poison, entry, now=now)

    registry._RECEIVERS.pop("test.poison")
    entry.refresh_from_db()
    assert ("test.poison", "checks", [entry.pk]) in publisher.messages
    assert entry.state == State.DONE
    assert JournalEntry.objects.filter(event="journal.dead_letter_replayed").count() == 1


def test_a_failed_receiver_leaves_none_of_its_effect(merchant, actor, now):
    def rename_and_fail(entry: JournalEntry) -> None:
        Merchant.objects.filter(pk=entry.tenant_id).update(name="changed")
        raise ValueError("after the change")

    registry.receiver("test.happened", name="test.half", queue="checks")(rename_and_fail)
    entry = write(merchant, actor, now)[0]

    delivery.deliver(registry.get_receiver("test.half"), entry, now=now)

    registry._RECEIVERS.pop("test.half")
    receipt = Receipt.objects.get(entry=entry)
    assert Merchant.objects.get(pk=merchant.pk).name == merchant.name
    assert receipt.state == Receipt.State.FAILED
    assert now < receipt.next_attempt_at <= now + timedelta(seconds=5)


def test_a_burst_is_sent_no_further_than_the_window(seen, merchant, actor, now, monkeypatch):
    monkeypatch.setattr(relay, "WINDOW", 5)
    entries = write(merchant, actor, now, count=8)
    first, second = (registry.get_receiver(f"test.{name}") for name in ("first", "second"))

    assert relay.relay_new(MemoryPublisher(), now=now) == 5
    assert relay.relay_new(MemoryPublisher(), now=now) == 0
    for target in (first, second):
        delivery.deliver(target, entries[0], now=now)

    assert relay.relay_new(MemoryPublisher(), now=now) == 1


def test_a_receiver_may_decline_a_tenant_and_is_asked_once(merchant, stranger, actor, now):
    asked: list[int] = []

    def only_the_merchant(tenant_id: int) -> bool:
        asked.append(tenant_id)
        return tenant_id == merchant.pk

    registry.receiver("test.happened", name="test.some", queue="checks", when=only_the_merchant)(
        lambda entry: None
    )
    write(merchant, actor, now, count=2)
    write(stranger, actor, now, count=2)
    publisher = MemoryPublisher()

    relay.relay_new(publisher, now=now)

    registry._RECEIVERS.pop("test.some")
    own = list(JournalEntry.objects.filter(tenant_id=merchant.pk).values_list("pk", flat=True))
    assert publisher.messages == [("test.some", "checks", own)]
    assert asked == [merchant.pk, stranger.pk]
    others = JournalEntry.objects.filter(tenant_id=stranger.pk)
    assert set(others.values_list("state", flat=True)) == {State.DONE}
