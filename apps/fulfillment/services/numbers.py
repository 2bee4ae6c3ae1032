"""Handing out parcel numbers: each serial once, whoever asks at the same time."""

from __future__ import annotations

from string import ascii_uppercase

from django.db.models import F
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.fulfillment.models import NumberRange
from apps.fulfillment.rules import LAST_SERIAL, make_s10

# UPU S10: H names e-commerce parcels. The second letter spreads writers over 16 rows, so that
# workers that route at the same time rarely wait for one row.
_SERVICE = "H"
_LANES = 16


def allocate_numbers(country: str, count: int, *, lane: int) -> list[str]:
    """Return ``count`` new S10 numbers of a country, for the caller's transaction to use.

    One guarded update takes them all; ``lane`` is any number that spreads callers. Serials of a
    transaction that rolls back are handed out again, those of a committed one never. Raises
    ``fulfillment.numbers_exhausted`` (503) when a range has too few left.
    """
    prefix = f"{_SERVICE}{ascii_uppercase[lane % _LANES]}"
    key = {"prefix": prefix, "country": country}
    if not _take(key, count):
        NumberRange.objects.bulk_create([NumberRange(**key)], ignore_conflicts=True)
        if not _take(key, count):
            message = _("The parcel numbers %(range)s are used up. Ask the operator for more.")
            raise DomainError(
                "fulfillment.numbers_exhausted",
                message % {"range": f"{prefix}…{country}"},
                status=503,
            )
    following: int = NumberRange.objects.values_list("next_serial", flat=True).get(**key)
    return [make_s10(prefix, serial, country) for serial in range(following - count, following)]


def _take(key: dict[str, str], count: int) -> bool:
    free = NumberRange.objects.filter(**key, next_serial__lte=LAST_SERIAL + 1 - count)
    return free.update(next_serial=F("next_serial") + count) == 1
