"""The producer: idempotent, acknowledged by all in-sync replicas, bounded in time."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from confluent_kafka import KafkaException, Producer

from apps.common.http import OutboundError

TIMEOUT_S = 10.0


@lru_cache(maxsize=2)
def _producer(bootstrap: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 2,
            "message.timeout.ms": int(TIMEOUT_S * 1000),
            "socket.timeout.ms": 5000,
            "log_level": 2,
        }
    )


def publish(bootstrap: str, topic: str, *, key: str, message: dict[str, Any]) -> None:
    """Send one message and wait until the broker has it.

    Raises ``OutboundError`` when it does not confirm in time; the message may still arrive, so
    readers recognise repeats by the entry's id.
    """
    problems: list[str] = []
    producer = _producer(bootstrap)

    def note(error: object, _message: object) -> None:
        if error is not None:
            problems.append(str(error))

    try:
        body = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
        producer.produce(topic, key=key.encode(), value=body, on_delivery=note)
        left = producer.flush(TIMEOUT_S)
    except (KafkaException, BufferError) as error:
        raise OutboundError(f"Kafka refused the message: {error}") from error
    if left or problems:
        raise OutboundError(f"Kafka did not confirm: {problems[:1] or 'time-out'}")
