"""Who can write the request of a booking again, by kind.

The address of a recipient is not kept with the booking: whoever wanted it builds the request from
its own rows each time it is sent. Those apps lie above this one; both know this registry.
"""

from __future__ import annotations

from collections.abc import Callable

from apps.carriers.contract import BookingRequest
from apps.carriers.models import Booking

Builder = Callable[[Booking], BookingRequest]
_BUILDERS: dict[str, Builder] = {}


def register(kind: str, build: Builder) -> None:
    """Name who builds the requests of a kind; call it once, from the app's ``ready``.

    The builder raises ``DomainError`` when the request cannot be made any more (the buyer was
    erased); the booking then counts as refused, with its sentence.
    """
    _BUILDERS[kind] = build


def build(booking: Booking) -> BookingRequest:
    """Return the request of a booking; raises ``LookupError`` for a kind nobody registered."""
    if booking.kind not in _BUILDERS:
        raise LookupError(f"Nobody builds bookings of kind {booking.kind!r}")
    return _BUILDERS[booking.kind](booking)
