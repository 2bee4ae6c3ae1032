"""How often a carrier is called, and when it is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.carriers import rules
from apps.carriers.states import TRANSITIONS, BookingStatus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FRESH = rules.Health(rules.FULL, NOW)


def test_a_burst_passes_and_then_the_pace_counts():
    health, passed = FRESH, 0
    for _call in range(50):
        health, verdict = rules.admit(health, NOW, per_minute=60)
        passed += verdict.may_call
    assert passed == rules.BURST
    assert verdict.until == NOW + timedelta(seconds=1)

    health, verdict = rules.admit(health, verdict.until, per_minute=60)
    assert verdict.may_call


@given(
    waits=st.lists(st.integers(0, 3_000_000), min_size=1, max_size=200),
    per_minute=st.integers(1, 6000),
)
def test_never_more_calls_than_the_burst_and_the_pace(waits, per_minute):
    health, moment, passed = FRESH, NOW, 0
    for wait in waits:
        moment += timedelta(microseconds=wait)
        health, verdict = rules.admit(health, moment, per_minute=per_minute)
        passed += verdict.may_call
        assert 0 <= health.tokens <= rules.FULL
        assert verdict.may_call or verdict.until > moment
    minutes = (moment - NOW) / timedelta(minutes=1)
    assert passed <= rules.BURST + per_minute * minutes + 1e-6


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=60), st.integers(1, 6000))
def test_whoever_waits_as_told_may_call(waits, per_minute):
    health, moment = rules.Health(0, NOW), NOW
    for wait in waits:
        moment += timedelta(microseconds=wait)
        health, verdict = rules.admit(health, moment, per_minute=per_minute)
        if not verdict.may_call:
            moment = verdict.until
            health, verdict = rules.admit(health, moment, per_minute=per_minute)
            assert verdict.may_call


def test_five_failures_in_a_row_open_the_circuit_and_one_probe_closes_it():
    health = FRESH
    for _failure in range(rules.FAILURES_TO_OPEN):
        health, verdict = rules.admit(health, NOW, per_minute=600)
        assert verdict.may_call
        health = rules.note(health, NOW, is_answer=False)
    health, verdict = rules.admit(health, NOW, per_minute=600)
    assert (verdict.may_call, verdict.is_open) == (False, True)
    assert verdict.until == NOW + timedelta(seconds=30)

    probe, verdict = rules.admit(health, verdict.until, per_minute=600)
    assert verdict.may_call
    _other, second = rules.admit(probe, NOW + timedelta(seconds=31), per_minute=600)
    assert not second.may_call

    failed = rules.note(probe, NOW + timedelta(seconds=40), is_answer=False)
    assert failed.open_until == NOW + timedelta(seconds=100)
    closed = rules.note(probe, NOW + timedelta(seconds=40), is_answer=True)
    assert (closed.failures, closed.opened, closed.open_until) == (0, 0, None)


def test_failures_of_calls_that_were_under_way_lengthen_nothing():
    health = FRESH
    for _failure in range(rules.FAILURES_TO_OPEN):
        health = rules.note(health, NOW, is_answer=False)
    late = rules.note(health, NOW + timedelta(seconds=5), is_answer=False)
    assert (late.open_until, late.opened) == (health.open_until, 1)


def test_pauses_and_waits_grow_to_a_limit():
    health, pauses = FRESH, []
    moment = NOW
    for _failure in range(rules.FAILURES_TO_OPEN - 1):
        health = rules.note(health, moment, is_answer=False)
    for _round in range(8):
        health = rules.note(health, moment, is_answer=False)
        pauses.append((health.open_until - moment).total_seconds())
        moment = health.open_until
        health, verdict = rules.admit(health, moment, per_minute=60)
        assert verdict.may_call
    assert pauses == [30, 60, 120, 240, 480, 600, 600, 600]
    waits = [rules.retry_wait(attempt).total_seconds() for attempt in range(9)]
    assert waits == [5, 5, 20, 60, 300, 900, 1800, 3600, 3600]
    assert rules.retry_wait(1, 90) == timedelta(seconds=90)


def test_every_state_but_the_end_has_a_way_on():
    ends = set(BookingStatus.values) - {str(status) for status in TRANSITIONS}
    assert ends == {"voided"}
    reached = {"wanted"}
    while True:
        more = {str(s) for status in reached for s in TRANSITIONS.get(status, ())} - reached
        if not more:
            break
        reached |= more
    assert reached == set(BookingStatus.values)
