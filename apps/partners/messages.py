"""The body of a webhook: the journal's fact as the API writes facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from apps.common.money import Money
from apps.journal.models import JournalEntry

_MINOR = "_minor"


def event_body(entry: JournalEntry) -> str:
    """Return the JSON of an entry: type, timestamp, sequence, and data with its subject.

    ``sequence`` counts the entries of the company, so that a receiver can put events in order.
    Amounts become decimal text with their currency.
    """
    data = {
        "subject": {"type": entry.subject_type, "id": entry.subject_id},
        **_with_money(entry.payload),
    }
    return body(entry.event, entry.occurred_at, data, sequence=entry.chain_number)


def body(
    event: str, moment: datetime, data: Mapping[str, object], *, sequence: int | None = None
) -> str:
    """Return the JSON of a message in the shape Standard Webhooks recommends."""
    message: dict[str, object] = {"type": event, "timestamp": moment.astimezone(UTC)}
    if sequence is not None:
        message["sequence"] = sequence
    return msgspec.json.encode({**message, "data": data}).decode()


def _with_money(payload: Mapping[str, object]) -> dict[str, object]:
    currency = payload.get("currency")
    if not isinstance(currency, str):
        return dict(payload)
    plain: dict[str, object] = {}
    for name, value in payload.items():
        if name.endswith(_MINOR) and isinstance(value, int):
            amount = f"{Money.from_minor(value, currency).amount:f}"
            plain[name.removesuffix(_MINOR)] = {"amount": amount, "currency": currency}
        elif name != "currency":
            plain[name] = value
    return plain
