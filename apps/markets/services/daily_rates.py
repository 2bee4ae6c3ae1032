"""The rates of the day: fetched, checked, stored once; what looks wrong is held for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.core import get_global
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.http import OutboundError
from apps.journal.actors import Actor, system_actor
from apps.journal.services import PLATFORM, Fact, Json, record, record_many
from apps.markets import events
from apps.markets.adapters.ecb.client import fetch_fixing
from apps.markets.adapters.ecb.parser import Fixing, FixingError
from apps.markets.models import FxRate, HeldRate
from apps.markets.selectors import find_rate

DAILY_SOURCE = "ecb-daily"
BASE = "EUR"
MAX_JUMP = Decimal("0.20")
IMPORTER = system_actor("rates")
_PLACES = Decimal("0.0000000001")
# Against how old a rate a new one is still compared.
_COMPARED = timedelta(days=370)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fixing; ``held`` and ``unknown`` name currencies."""

    day: date
    taken: int = 0
    known: int = 0
    held: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def import_daily_rates(*, now: datetime, actor: Actor = IMPORTER) -> Outcome:
    """Fetch the newest fixing and store it; a failure is recorded and raised.

    Raises ``markets.rates_unreachable`` (503) without an answer, and ``markets.rates_refused`` (422)
    for a file that cannot be used: nothing of it is stored.
    """
    try:
        fixing = fetch_fixing(settings.FX_RATES_URL)
        return store_fixing(fixing, now=now, actor=actor)
    except OutboundError as error:
        why, code, status = str(error), "markets.rates_unreachable", 503
    except FixingError as error:
        why, code, status = str(error), "markets.rates_refused", 422
    with transaction.atomic():
        _note(events.RATES_FAILED, {"code": code, "why": why[:300]}, actor=actor, now=now)
    message = _("No rates were imported: %(why)s") % {"why": why}
    raise DomainError(code, message, status=status)


def store_fixing(fixing: Fixing, *, now: datetime, actor: Actor = IMPORTER) -> Outcome:
    """Store the rates of one day; storing them again changes nothing.

    A currency ISO 4217 does not know is left out. A rate more than 20% from the last one, and one
    that differs from the stored rate of the same day, are held. A day to come raises ``FixingError``.
    """
    if fixing.day > now.date():
        raise FixingError(f"The day {fixing.day} is still to come.")
    with transaction.atomic():
        stored = _newest_before(fixing)
        outcome = _sort(fixing, stored)
        # Two workers may store the same day at once: one row each remains.
        FxRate.objects.bulk_create(outcome.rates, ignore_conflicts=True)
        held = _hold(outcome.held, now=now)
        told = Outcome(
            fixing.day,
            taken=len(outcome.rates),
            known=outcome.known,
            held=held,
            unknown=tuple(outcome.unknown),
        )
        _note(events.RATES_IMPORTED, _as_json(told), actor=actor, now=now)
    find_rate.cache_clear()
    return told


@dataclass(slots=True)
class _Sorted:
    rates: list[FxRate]
    held: list[HeldRate]
    unknown: list[str]
    known: int = 0


def _newest_before(fixing: Fixing) -> dict[str, FxRate]:
    """Return the newest stored rate of each currency up to the day, this source's own last."""
    rows = FxRate.objects.filter(
        base=BASE,
        quote__in=fixing.rates,
        valid_on__lte=fixing.day,
        valid_on__gte=fixing.day - _COMPARED,
    ).order_by("valid_on", "id")
    newest: dict[str, FxRate] = {}
    for row in rows.iterator():
        own = newest.get(row.quote)
        if own is None or not _is_own(own, fixing.day):
            newest[row.quote] = row
    return newest


def _is_own(row: FxRate, day: date) -> bool:
    return (row.source, row.valid_on) == (DAILY_SOURCE, day)


def _sort(fixing: Fixing, stored: dict[str, FxRate]) -> _Sorted:
    """Say of each rate whether it is taken, there already, held, or of no known currency."""
    found, currencies = _Sorted([], [], []), get_global("all_currencies")
    for quote, given in sorted(fixing.rates.items()):
        rate, last = given.quantize(_PLACES), stored.get(quote)
        if quote not in currencies or quote == BASE or not rate:
            found.unknown.append(quote)
        elif last is not None and _is_own(last, fixing.day):
            if last.rate == rate:
                found.known += 1
            else:
                found.held.append(_held(fixing.day, rate, last, HeldRate.Reason.CHANGED))
        elif last is not None and abs(rate / last.rate - 1) > MAX_JUMP:
            found.held.append(_held(fixing.day, rate, last, HeldRate.Reason.JUMP))
        else:
            found.rates.append(_row(quote, rate, fixing.day))
    return found


def _row(quote: str, rate: Decimal, day: date) -> FxRate:
    return FxRate(base=BASE, quote=quote, rate=rate, valid_on=day, source=DAILY_SOURCE)


def _held(day: date, rate: Decimal, last: FxRate, reason: HeldRate.Reason) -> HeldRate:
    return HeldRate(
        base=BASE,
        quote=last.quote,
        rate=rate,
        valid_on=day,
        source=DAILY_SOURCE,
        reason=reason,
        last_rate=last.rate,
        last_on=last.valid_on,
    )


def _hold(rates: list[HeldRate], *, now: datetime) -> tuple[str, ...]:
    """Write down what is not held yet; returns the currencies that are new."""
    if not rates:
        return ()
    before = HeldRate.objects.filter(valid_on=rates[0].valid_on, source=DAILY_SOURCE)
    known = set(before.values_list("quote", "rate"))
    new = [one for one in rates if (one.quote, one.rate) not in known]
    for one in new:
        one.held_at = now
    HeldRate.objects.bulk_create(new, ignore_conflicts=True)
    return tuple(one.quote for one in new)


def take_rate(held: HeldRate, *, actor: Actor, now: datetime) -> HeldRate:
    """Store a held rate after all, as a row of its own: amounts keep the rows they were made by.

    It is used from now on for its day. Raises ``markets.rate_decided`` (409) when somebody has
    decided already.
    """
    with transaction.atomic():
        found = _decide(held, HeldRate.Status.TAKEN, actor=actor, now=now)
        is_correction = found.reason == HeldRate.Reason.CHANGED
        FxRate.objects.create(
            base=found.base,
            quote=found.quote,
            valid_on=found.valid_on,
            source=f"{found.source}/{found.pk}" if is_correction else found.source,
            rate=found.rate,
        )
        _record(found, events.RATE_TAKEN, actor=actor, now=now)
    find_rate.cache_clear()
    return found


def refuse_rate(held: HeldRate, *, actor: Actor, now: datetime) -> HeldRate:
    """Leave a held rate out for good; same refusal as ``take_rate``."""
    with transaction.atomic():
        found = _decide(held, HeldRate.Status.REFUSED, actor=actor, now=now)
        _record(found, events.RATE_REFUSED, actor=actor, now=now)
    return found


def _decide(held: HeldRate, status: HeldRate.Status, *, actor: Actor, now: datetime) -> HeldRate:
    found = HeldRate.objects.select_for_update().get(pk=held.pk)
    if found.status != HeldRate.Status.WAITING:
        raise DomainError("markets.rate_decided", _("This rate has been decided already."))
    found.status, found.decided_by, found.decided_at = status, str(actor), now
    found.save(update_fields=["status", "decided_by", "decided_at"])
    return found


def _record(held: HeldRate, event: str, *, actor: Actor, now: datetime) -> None:
    facts: dict[str, Json] = {
        "currency": held.quote,
        "day": held.valid_on.isoformat(),
        "rate": str(held.rate),
        "last_rate": str(held.last_rate),
        "reason": held.reason,
    }
    record(event, merchant=None, subject=held, actor=actor, now=now, payload=facts)


def _as_json(outcome: Outcome) -> dict[str, Json]:
    return {
        "day": outcome.day.isoformat(),
        "taken": outcome.taken,
        "known": outcome.known,
        "held": list(outcome.held),
        "unknown": list(outcome.unknown),
    }


def _note(event: str, facts: dict[str, Json], *, actor: Actor, now: datetime) -> None:
    fact = Fact(event, "fxrate", DAILY_SOURCE, facts)
    record_many([fact], tenant_id=PLATFORM, actor=actor, now=now)
