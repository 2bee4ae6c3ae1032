"""What jobs do when one was started: a worker is asked to run it after the commit."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from apps.jobs import events, tasks
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver


@receiver(events.JOB_STARTED, events.JOB_RUN_AGAIN, name="jobs.run", queue="imports")
def run_started(entry: JournalEntry) -> None:
    """Send the job to the workers once this receiver's own transaction is over.

    A job must not run inside the receiver: one transaction would hold it from its first row to its
    last. The message may be lost; the sweep sends it again.
    """
    job = Job.objects.get(public_id=entry.subject_id)
    transaction.on_commit(partial(tasks.send, job.pk), robust=True)
