"""Asking a carrier for prices: nothing is promised and nothing is kept but the call."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.carriers.contract import BookingRequest, CarrierError, Operation, Rate
from apps.carriers.models import CarrierAccount
from apps.carriers.services.calling import PATIENCE_S, NotNowError, call
from apps.common.errors import DomainError


def ask_rates(account: CarrierAccount, request: BookingRequest) -> Sequence[Rate]:
    """Return the carrier's prices for a request, the cheapest first; waits for the carrier, 6 s at
    most.

    Raises ``carriers.no_answer`` (409) with what the carrier or the network said.
    """
    try:
        rates = call(
            account,
            Operation.RATE,
            lambda carrier: carrier.rate(request),
            timeout_s=PATIENCE_S,
        )
    except NotNowError as wait:
        raise no_answer(wait.detail) from wait
    except CarrierError as error:
        raise no_answer(error.detail) from error
    return sorted(rates, key=lambda rate: (rate.currency, rate.amount_minor, rate.service))


def no_answer(detail: str) -> DomainError:
    """Return the error for a carrier that gave no good answer to a question of a person (409)."""
    message = _("The carrier gave no good answer: %(why)s") % {"why": detail}
    return DomainError("carriers.no_answer", message)
