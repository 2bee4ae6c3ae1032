"""Pure rules of calling carriers: how often, when not at all, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# A carrier that fails this often in a row is left alone for a while, longer each time.
FAILURES_TO_OPEN = 5
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=10)
# While a probe is under way nobody else calls; a probe whose caller died is given up after this.
PROBE_LEASE = timedelta(seconds=60)

# When a booking whose answer was lost is looked at once more for one that came late.
LOOK_LATE = timedelta(minutes=10)

_RETRY_AFTER_S = (5, 20, 60, 300, 900, 1800, 3600)
_TOKEN = 1000
# So many calls may be made at once after a quiet time.
BURST = 20
FULL = BURST * _TOKEN


@dataclass(frozen=True, slots=True)
class Health:
    """How an account's calls went lately, and how many it may make at once.

    ``tokens`` is in thousandths of a call, as it was at ``refilled_at``. ``opened`` counts the
    pauses since the last success; until ``open_until`` nothing is called, then one probe is.
    ``is_probing`` says that the probe is under way.
    """

    tokens: int
    refilled_at: datetime
    failures: int = 0
    opened: int = 0
    open_until: datetime | None = None
    is_probing: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may be made now; ``until`` is when to ask again, ``is_open`` why."""

    may_call: bool
    until: datetime | None = None
    is_open: bool = False


def admit(health: Health, now: datetime, *, per_minute: int) -> tuple[Health, Verdict]:
    """Return the health after asking for one call, and whether it may be made.

    A token bucket of ``BURST`` calls that refills with ``per_minute``, behind a circuit breaker:
    an open one lets nobody through, then one probe at a time.
    """
    if health.open_until is not None:
        if now < health.open_until:
            return health, Verdict(may_call=False, until=health.open_until, is_open=True)
        # The probe keeps others out; its result opens or closes the circuit.
        health = replace(health, open_until=now + PROBE_LEASE, is_probing=True)
        return health, Verdict(may_call=True)
    passed_us = max(0, (now - health.refilled_at) // timedelta(microseconds=1))
    gained = passed_us * per_minute * _TOKEN // 60_000_000
    tokens = min(FULL, health.tokens + gained)
    # The moment moves only by what was paid out: fractions of a token are never lost.
    moment = now if tokens == FULL else _paid_until(health, gained, per_minute)
    if tokens < _TOKEN:
        missing_us = -(-(_TOKEN - tokens) * 60_000_000 // (per_minute * _TOKEN))
        later = replace(health, tokens=tokens, refilled_at=moment)
        return later, Verdict(may_call=False, until=moment + timedelta(microseconds=missing_us))
    return replace(health, tokens=tokens - _TOKEN, refilled_at=moment), Verdict(may_call=True)


def _paid_until(health: Health, gained: int, per_minute: int) -> datetime:
    paid_us = gained * 60_000_000 // (per_minute * _TOKEN)
    return health.refilled_at + timedelta(microseconds=paid_us)


def note(health: Health, now: datetime, *, is_answer: bool) -> Health:
    """Return the health after a call: any answer, also a refusal, shows that the carrier is there."""
    if is_answer:
        return replace(health, failures=0, opened=0, open_until=None, is_probing=False)
    failures = health.failures + 1
    # Calls that were under way when the circuit opened say nothing new.
    is_late = health.open_until is not None and not health.is_probing
    if is_late or (health.opened == 0 and failures < FAILURES_TO_OPEN):
        return replace(health, failures=failures)
    pause = min(_FIRST_PAUSE * 2 ** min(health.opened, 10), _LONGEST_PAUSE)
    return replace(
        health,
        failures=failures,
        opened=health.opened + 1,
        open_until=now + pause,
        is_probing=False,
    )


def retry_wait(attempts: int, asked_s: int = 0) -> timedelta:
    """Return how long to wait after the given number of failed attempts, at least as asked."""
    place = min(max(attempts, 1), len(_RETRY_AFTER_S)) - 1
    return timedelta(seconds=max(_RETRY_AFTER_S[place], asked_s))
