"""Names of the events the carriers app emits. Payloads hold facts and ids, never personal data."""

from __future__ import annotations

ACCOUNT_CONNECTED = "carrier_account.connected"
ACCOUNT_CHANGED = "carrier_account.changed"
ACCOUNT_PAUSED = "carrier_account.paused"
ACCOUNT_RESUMED = "carrier_account.resumed"
BOOKING_WANTED = "booking.wanted"
BOOKING_BOOKED = "booking.booked"
BOOKING_REFUSED = "booking.refused"
BOOKING_VOIDED = "booking.voided"
BOOKING_VOID_REFUSED = "booking.void_refused"
