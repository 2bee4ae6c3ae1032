"""How jobs reach the workers."""

from __future__ import annotations

import pytest

from apps.jobs import tasks
from apps.jobs.models import Job
from apps.journal.delivery import deliver
from apps.journal.models import JournalEntry
from apps.journal.registry import get_receiver
from tests.jobs.conftest import EFFECTS


@pytest.fixture
def sent(monkeypatch) -> list[tuple[int, str]]:
    """What was handed to the broker: job and queue."""
    calls: list[tuple[int, str]] = []
    monkeypatch.setattr(
        tasks.run,
        "apply_async",
        lambda args, queue, expires: calls.append((args[0], queue)),
    )
    return calls


def test_a_started_job_is_sent_after_the_receivers_transaction(
    make_job, now, sent, django_capture_on_commit_callbacks
):
    job = make_job("a")
    entry = JournalEntry.objects.get(event="job.started")
    receiver = get_receiver("jobs.run")
    assert receiver is not None
    with django_capture_on_commit_callbacks() as callbacks:
        assert deliver(receiver, entry, now=now) is True
    assert sent == []
    for callback in callbacks:
        callback()
    assert sent == [(job.pk, "imports")]


def test_the_sweep_sends_what_waits(make_job, sent):
    first, second = make_job("a"), make_job("b")
    assert tasks.sweep() == 2
    assert sent == [(first.pk, "imports"), (second.pk, "imports")]


def test_the_task_runs_the_job(make_job, sent):
    job = make_job("a", "b")
    tasks.run(job.pk)
    job.refresh_from_db()
    assert (job.status, EFFECTS, sent) == (Job.Status.DONE, ["a", "b"], [])
