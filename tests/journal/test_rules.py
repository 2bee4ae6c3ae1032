"""Pauses between attempts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.journal.rules import pause_before


def test_pauses_double_up_to_the_cap():
    pauses = [pause_before(n, jitter=0.999999999).total_seconds() for n in range(1, 11)]

    assert [round(pause) for pause in pauses] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


@given(st.integers(1, 60), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_never_shorter_than_half_nor_longer_than_the_cap(attempt, jitter):
    pause = pause_before(attempt, jitter=jitter)

    assert timedelta(seconds=2.5) <= pause <= timedelta(seconds=900)
