"""Life of a booking with a carrier, and what became of a call."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BookingStatus(models.TextChoices):
    """Where a booking stands; ``TRANSITIONS`` says what may follow."""

    WANTED = "wanted", _("Waiting for the carrier")
    SENDING = "sending", _("Asking the carrier")
    UNSURE = "unsure", _("Answer lost, being checked")
    BOOKED = "booked", _("Booked")
    REFUSED = "refused", _("Refused by the carrier")
    VOIDING = "voiding", _("Being voided")
    VOIDED = "voided", _("Void")


_S = BookingStatus
TRANSITIONS: dict[str, frozenset[str]] = {
    _S.WANTED: frozenset({_S.SENDING, _S.UNSURE, _S.VOIDED}),
    _S.SENDING: frozenset({_S.BOOKED, _S.REFUSED, _S.WANTED, _S.UNSURE, _S.VOIDING, _S.VOIDED}),
    _S.UNSURE: frozenset({_S.BOOKED, _S.WANTED, _S.VOIDING, _S.VOIDED}),
    _S.BOOKED: frozenset({_S.VOIDING}),
    _S.VOIDING: frozenset({_S.VOIDED, _S.BOOKED}),
    # Somebody mended what the carrier refused.
    _S.REFUSED: frozenset({_S.WANTED, _S.UNSURE, _S.VOIDED}),
}


class CallOutcome(models.TextChoices):
    """What became of one call; empty while it runs, or for ever when the caller died."""

    OK = "ok", _("Done")
    REFUSED = "refused", _("Refused")
    UNAVAILABLE = "unavailable", _("Not available")
    LOST = "lost", _("Answer lost")
