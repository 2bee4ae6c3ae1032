"""What the journal says of bookings and accounts."""

from __future__ import annotations

from datetime import datetime

from apps.carriers.models import Booking
from apps.journal import services as journal
from apps.journal.actors import Actor


def record(event: str, booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Write one entry about a booking, in the caller's transaction."""
    payload: dict[str, journal.Json] = {
        "reference": booking.reference,
        "subject": booking.subject,
        "account": booking.account_id,
        "service": booking.service,
        "status": booking.status,
        "tracking_numbers": [*booking.tracking_numbers],
        "amount_minor": booking.amount_minor,
        "currency": booking.currency,
        "detail": booking.detail,
    }
    fact = journal.Fact(event, "booking", booking.public_id, payload)
    journal.record_many([fact], tenant_id=booking.merchant_id, actor=actor, now=now)
