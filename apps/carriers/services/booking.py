"""Wanting a booking, and wanting it no more: nothing here waits for a carrier."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.carriers import events
from apps.carriers.contract import BookingRequest
from apps.carriers.models import Booking, CarrierAccount
from apps.carriers.rules import LOOK_LATE
from apps.carriers.services.recording import record
from apps.carriers.states import BookingStatus
from apps.common.errors import DomainError
from apps.journal.actors import Actor


def want(
    account: CarrierAccount,
    request: BookingRequest,
    *,
    kind: str,
    subject: str,
    actor: Actor,
    now: datetime,
) -> Booking:
    """Write down that a booking is wanted; workers ask the carrier as soon as that is committed.

    Runs in the caller's transaction, so that the wish commits with its cause. A reference that is
    known already returns its booking. Raises ``carriers.paused`` (409) and
    ``carriers.unknown_service`` (422).
    """
    known = Booking.objects.filter(merchant=account.merchant_id, reference=request.reference)
    found: Booking | None = known.first()
    if found is not None:
        return found
    if account.paused_at is not None:
        message = _("The account %(name)s is paused. Resume it first.") % {"name": account.name}
        raise DomainError("carriers.paused", message)
    if request.service not in {item["code"] for item in account.services}:
        message = _("%(carrier)s offers no service %(code)s. Choose one it offers.")
        shown = {"carrier": account.name, "code": request.service[:40]}
        raise DomainError("carriers.unknown_service", message % shown, status=422)
    with transaction.atomic():
        made, is_new = known.get_or_create(
            defaults={
                "merchant_id": account.merchant_id,
                "account": account,
                "reference": request.reference,
                "kind": kind,
                "subject": subject,
                "service": request.service,
                "boxes": len(request.boxes),
                "next_at": now,
                "created_at": now,
            }
        )
        if is_new:
            record(events.BOOKING_WANTED, made, actor=actor, now=now)
    booking: Booking = made
    return booking


def release(booking: Booking, *, actor: Actor, now: datetime) -> Booking:
    """Want a booking no more: what the carrier has or turns out to have of it is voided.

    One that the carrier never saw ends at once, one whose answer was lost after a late look. Repeating
    it changes nothing.
    """
    with transaction.atomic():
        locked: Booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if locked.released_at is not None:
            return locked
        locked.released_at = now
        if locked.status in {BookingStatus.WANTED, BookingStatus.REFUSED}:
            if end_unwanted(locked, now=now):
                record(events.BOOKING_VOIDED, locked, actor=actor, now=now)
        elif locked.status == BookingStatus.BOOKED:
            locked.status, locked.next_at = BookingStatus.VOIDING, now
        locked.save(update_fields=["released_at", "status", "ended_at", "next_at"])
    return locked


def end_unwanted(booking: Booking, *, now: datetime) -> bool:
    """End a booking that nobody wants and the carrier does not have (in memory); say if it ended.

    One whose answer was lost is looked for once more: the carrier may show it late, and then it is
    voided.
    """
    late = booking.unsure_since + LOOK_LATE if booking.unsure_since is not None else now
    if late > now:
        booking.status, booking.next_at = BookingStatus.UNSURE, late
        return False
    booking.status, booking.next_at, booking.ended_at = BookingStatus.VOIDED, None, now
    return True


def reopen(booking: Booking, *, actor: Actor, now: datetime) -> Booking:
    """Ask the carrier again for a refused booking, or to void what it did not void, now.

    Raises ``carriers.not_refused`` (409) for any other.
    """
    with transaction.atomic():
        locked: Booking = Booking.objects.select_for_update().get(pk=booking.pk)
        if locked.status == BookingStatus.REFUSED:
            locked.status = BookingStatus.WANTED
            record(events.BOOKING_WANTED, locked, actor=actor, now=now)
        elif locked.status == BookingStatus.BOOKED and locked.released_at is not None:
            locked.status = BookingStatus.VOIDING
        else:
            raise DomainError(
                "carriers.not_refused", _("The carrier did not refuse this. Nothing is to repeat.")
            )
        locked.next_at, locked.detail = now, ""
        locked.save(update_fields=["status", "next_at", "detail"])
    return locked
