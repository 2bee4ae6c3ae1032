"""Accounts with carriers and what was booked there."""

from __future__ import annotations

from django_scopes import scope, scopes_disabled

from apps.carriers import services
from apps.carriers.models import Booking, CarrierAccount, CarrierCall
from apps.carriers.states import BookingStatus, CallOutcome
from apps.journal.actors import system_actor

ACTOR = system_actor("tests")


def make_account(merchant, *, now, name: str = "Sim line") -> CarrierAccount:
    """Return an account whose carrier answered once."""
    with scope(merchant=merchant):
        account = services.connect_account(
            merchant,
            name=name,
            url="https://9.9.9.9",
            secret="key",
            per_minute=120,
            actor=ACTOR,
            now=now,
        )
        account.services = [{"code": "standard", "name": "Standard tracked"}]
        account.checked_at = now
        account.save(update_fields=["services", "checked_at"])
    return account


def make_booking(merchant, *, now, **columns) -> Booking:
    """Return a booking the carrier refused, unless told otherwise, with its call."""
    account = columns.pop("account", None) or make_account(merchant, now=now)
    facts = {
        "reference": "shp_1-1",
        "kind": "test",
        "subject": "shp_1",
        "service": "standard",
        "status": BookingStatus.REFUSED,
        "detail": "The recipient has no street",
        "created_at": now,
    }
    with scopes_disabled():
        booking = Booking.objects.create(merchant=merchant, account=account, **facts | columns)
        CarrierCall.objects.create(
            merchant=merchant,
            account=account,
            booking=booking,
            operation="book",
            outcome=CallOutcome.REFUSED,
            status_code=422,
            detail="The recipient has no street",
            began_at=now,
            ended_at=now,
        )
    return booking
