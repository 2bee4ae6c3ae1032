"""Labels that carriers gave, sealed at rest."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.carriers.models import Booking, BookingLabel
from apps.common.crypto import Sealed, UnreadableError, seal, unseal
from apps.common.errors import DomainError

_FIELD = "pdf"


def keep_label(booking: Booking, content: bytes) -> None:
    """Seal and keep the PDF of a booking, once."""
    sealed = seal({_FIELD: base64.b64encode(content).decode("ascii")})
    BookingLabel.objects.get_or_create(
        booking=booking,
        defaults={
            "merchant_id": booking.merchant_id,
            "key": sealed.key,
            "sealed": sealed.text,
        },
    )


def read_label(booking: Booking) -> bytes:
    """Return the PDF of a booking.

    Raises ``carriers.no_label`` (409) while the carrier has not given it or after it was erased.
    """
    found = read_labels(booking.merchant_id, [booking.public_id])
    if booking.public_id not in found:
        message = _("There is no label of %(reference)s from the carrier yet.")
        raise DomainError("carriers.no_label", message % {"reference": booking.reference})
    return found[booking.public_id]


def read_labels(merchant_id: int, bookings: Sequence[str]) -> dict[str, bytes]:
    """Return the PDF of each booking (outward id) that has one; one statement."""
    found = BookingLabel.objects.filter(merchant=merchant_id, booking__public_id__in=bookings)
    labels: dict[str, bytes] = {}
    for ident, key, sealed in found.values_list("booking__public_id", "key", "sealed"):
        try:
            fields = unseal(Sealed(bytes(key), bytes(sealed)))
        except UnreadableError:
            continue
        labels[ident] = base64.b64decode(fields[_FIELD])
    return labels


def forget_labels(merchant_id: int, subjects: Collection[str]) -> int:
    """Erase the labels of what bookings are for (outward ids); returns their number."""
    with transaction.atomic():
        found = BookingLabel.objects.filter(merchant=merchant_id, booking__subject__in=subjects)
        keys = list(found.values_list("pk", flat=True))
        BookingLabel.objects.filter(pk__in=keys).delete()
    return len(keys)
