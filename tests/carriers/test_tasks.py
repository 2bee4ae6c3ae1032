"""Workers: asked at once by the journal, and by the sweep if that was lost."""

from __future__ import annotations

import pytest

from apps.carriers import tasks
from apps.carriers.models import Booking, BookingLabel
from apps.sandbox.pump import pump
from tests.carriers.carrier import fresh, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The bookings sent to workers: the broker lies outside of these tests."""
    found: list[int] = []

    def keep(arguments, *, queue, expires):
        assert (queue, expires) == ("labels", 30)
        found.append(arguments[0])

    monkeypatch.setattr(tasks.work, "apply_async", keep)
    return found


def test_a_wish_is_sent_to_the_workers_as_soon_as_it_is_committed(
    account, actor, sent, django_capture_on_commit_callbacks
):
    booking = want(account, "ref-1", actor)
    with django_capture_on_commit_callbacks(execute=True):
        pump()
    assert sent == [booking.pk]


def test_the_sweep_sends_what_is_due_and_nothing_else(account, actor, sent):
    due, later = want(account, "ref-1", actor), want(account, "ref-2", actor)
    Booking.objects.filter(pk=later.pk).update(next_at=None)
    assert tasks.sweep() == 1
    assert sent == [due.pk]


def test_one_message_books_and_fetches_the_label(account, actor):
    booking = want(account, "ref-1", actor)
    assert tasks.work(booking.pk) == "booked"
    assert fresh(booking).next_at is None
    assert BookingLabel.objects.filter(booking=booking).exists()
    assert tasks.work(booking.pk) == ""
