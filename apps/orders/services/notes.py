"""Notes that members leave on an order for each other."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.models import Order, OrderNote

MAX_LENGTH = 2000


def add_note(order: Order, *, text: str, actor: Actor, now: datetime) -> OrderNote:
    """Leave a note on an order; an empty or overlong one is refused (422).

    The journal records that a note was written, never what it says.
    """
    wanted = text.strip()
    if not wanted:
        raise _refused(_("Write the note first."))
    if len(wanted) > MAX_LENGTH:
        raise _refused(_("A note has at most %(limit)s characters.") % {"limit": MAX_LENGTH})
    with transaction.atomic():
        note: OrderNote = OrderNote.objects.create(
            merchant_id=order.merchant_id,
            order=order,
            text=wanted,
            written_by=str(actor),
            written_by_name=actor.label[:120],
            written_at=now,
        )
        journal.record(
            events.NOTE_ADDED,
            merchant=order.merchant,
            subject=order,
            actor=actor,
            now=now,
            payload={"number": order.number},
        )
    return note


def _refused(sentence: str) -> DomainError:
    return DomainError("orders.note", sentence, status=422, fields={"text": sentence})
