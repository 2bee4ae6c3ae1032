"""Accounts with carriers, what was booked there, and every call that was made."""

from __future__ import annotations

from apps.carriers.models.accounts import CarrierAccount, CarrierHealth
from apps.carriers.models.bookings import Booking, BookingLabel, CarrierCall

__all__ = ["Booking", "BookingLabel", "CarrierAccount", "CarrierCall", "CarrierHealth"]
