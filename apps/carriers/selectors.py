"""Reads of carrier accounts, bookings and calls."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.carriers.models import Booking, CarrierAccount, CarrierCall
from apps.merchants.models import Merchant


def list_accounts(merchant: Merchant) -> QuerySet[CarrierAccount]:
    """Return the merchant's accounts with their health, by name."""
    accounts: QuerySet[CarrierAccount] = CarrierAccount.objects.filter(merchant=merchant)
    return accounts.select_related("health").order_by("name", "id")


def get_account(merchant: Merchant, public_id: str) -> CarrierAccount:
    """Return one account of the merchant; raises ``CarrierAccount.DoesNotExist``."""
    return list_accounts(merchant).select_related("merchant").get(public_id=public_id)


def list_bookings(merchant: Merchant) -> QuerySet[Booking]:
    """Return the merchant's bookings with their accounts, in no particular order."""
    bookings: QuerySet[Booking] = Booking.objects.filter(merchant=merchant)
    return bookings.select_related("account")


def get_booking(merchant: Merchant, public_id: str) -> Booking:
    """Return one booking of the merchant; raises ``Booking.DoesNotExist``."""
    return list_bookings(merchant).get(public_id=public_id)


def list_bookings_of(merchant: Merchant, subject: str) -> QuerySet[Booking]:
    """Return the bookings of what has the outward id, the newest first."""
    return list_bookings(merchant).filter(subject=subject).order_by("-id")


def list_calls(account: CarrierAccount) -> QuerySet[CarrierCall]:
    """Return an account's calls with their bookings, in no particular order."""
    calls: QuerySet[CarrierCall] = CarrierCall.objects.filter(account=account)
    return calls.select_related("booking")
