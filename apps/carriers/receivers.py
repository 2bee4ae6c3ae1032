"""What follows from a wish to book."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from apps.carriers import events, tasks
from apps.carriers.models import Booking
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver


@receiver(events.BOOKING_WANTED, name="carriers.ask", queue="labels")
def ask(entry: JournalEntry) -> None:
    """Send the booking to the workers at once; the sweep would find it too, a little later.

    The carrier is not asked here: receivers run in a transaction, and a carrier takes its time.
    """
    booking = Booking.objects.only("pk").get(public_id=entry.subject_id)
    transaction.on_commit(partial(tasks.send, booking.pk), robust=True)
