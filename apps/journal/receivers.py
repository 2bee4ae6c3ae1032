"""The journal's own receiver: the Kafka topic, when one is configured."""

from __future__ import annotations

from datetime import UTC

from django.conf import settings

from apps.common.http import OutboundError
from apps.journal.models import JournalEntry
from apps.journal.registry import RetryLaterError, receiver


def stream(entry: JournalEntry) -> None:
    """Publish an entry to the topic, keyed by its subject so that a subject stays in order.

    While the broker is away the entry waits and is tried again; it never becomes a dead letter.
    """
    from apps.journal.adapters.kafka import client

    message = {
        "id": entry.public_id,
        "event": entry.event,
        "tenant": entry.tenant_id,
        "number": entry.chain_number,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "actor": entry.actor,
        "occurred_at": entry.occurred_at.astimezone(UTC).isoformat(),
        "payload": entry.payload,
    }
    try:
        client.publish(
            settings.KAFKA_BOOTSTRAP, settings.KAFKA_TOPIC, key=entry.subject_id, message=message
        )
    except OutboundError as error:
        raise RetryLaterError(str(error)) from error


if settings.KAFKA_BOOTSTRAP:
    receiver("*", name="journal.kafka", queue="insights")(stream)
