"""Labels that carriers gave, sealed at rest."""

from __future__ import annotations

import base64
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from apps.carriers.models import Booking, BookingLabel
from apps.common.crypto import Sealed, UnreadableError, seal, unseal
from apps.common.errors import DomainError
from apps.merchants.models import Merchant

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
    row = BookingLabel.objects.filter(booking=booking).first()
    try:
        if row is not None:
            fields = unseal(Sealed(bytes(row.key), bytes(row.sealed)))
            return base64.b64decode(fields[_FIELD])
    except UnreadableError as error:
        raise _no_label(booking) from error
    raise _no_label(booking)


def forget_labels(merchant: Merchant, subjects: Collection[str]) -> int:
    """Erase the labels of what bookings are for (outward ids); returns their number."""
    with transaction.atomic():
        found = BookingLabel.objects.filter(merchant=merchant, booking__subject__in=subjects)
        keys = list(found.values_list("pk", flat=True))
        BookingLabel.objects.filter(pk__in=keys).delete()
    return len(keys)


def _no_label(booking: Booking) -> DomainError:
    message = _("There is no label of %(reference)s from the carrier yet.")
    return DomainError("carriers.no_label", message % {"reference": booking.reference})
