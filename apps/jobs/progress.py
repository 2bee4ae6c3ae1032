"""What a runner holds while it works: rows, counts, the stop signal and the result."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, TypeVar

from django.core.files.base import File
from django.db import IntegrityError, transaction

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.jobs.models import Job, JobRow
from apps.journal.actors import Actor

T = TypeVar("T")
FLUSH_EVERY_S = 0.5
# Shorter than the time limit of a task: a long job is worked in slices, each a task of its own.
SLICE_S = 200.0
_MESSAGE_LENGTH = 500
_REFERENCE_LENGTH = 120


class JobStopped(Exception):  # noqa: N818
    """The runner must end now; its caller knows what follows."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class JobPaused(JobStopped):
    """The slice of time is used up; the job goes on in another task."""


class LeaseLost(JobStopped):
    """Another worker runs the job."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row; ``code`` and ``message`` say why it failed."""

    row: int
    reference: str = ""
    is_ok: bool = True
    code: str = ""
    message: str = ""
    changed: str = ""


@dataclass(slots=True)
class RowEffect:
    """What the block of a row did: the outward id or key of what it changed, for an undo."""

    changed: str = ""


class JobProgress:
    """One run of a job by one worker.

    ``pending`` walks the rows that have no outcome yet, ``row`` makes a row's effect and outcome
    one transaction, ``record`` does the same for a batch. Counts and the heartbeat are written at
    most twice a second. One step must take less than the lease (60 s).
    """

    def __init__(self, job: Job, *, slice_s: float = SLICE_S) -> None:
        """Start from what earlier runs did."""
        self.job = job
        self._lease = job.lease
        self._total = job.total_count
        rows = JobRow.objects.filter(job=job)
        self._row_count = rows.count()
        self._done = self._row_count or job.done_count
        self._failed = rows.filter(is_ok=False).count()
        self._flushed_at = time.monotonic()
        self._ends_at = self._flushed_at + slice_s

    @property
    def parameters(self) -> dict[str, object]:
        """What the job was started with."""
        return dict(self.job.parameters)

    @property
    def actor(self) -> Actor:
        """Who started the job, as the journal names the doer of its effects."""
        kind, _sep, ident = self.job.started_by.partition(":")
        return Actor(kind, ident)

    @property
    def now(self) -> datetime:
        """The time at this step."""
        return utc_now()

    @property
    def done_count(self) -> int:
        """How many steps are done, counting earlier runs."""
        return self._done

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop (reads the database)."""
        asked = Job.objects.filter(pk=self.job.pk).values_list("is_cancel_requested", flat=True)
        return bool(asked.get())

    def set_total(self, total: int) -> None:
        """Say how many steps there are."""
        self._total = max(total, self._done)
        self.flush()

    def pending(self, items: Sequence[T]) -> Iterator[tuple[int, T]]:
        """Yield (row number from 1, item) for every item without an outcome.

        Stops the runner between two rows when the job is cancelled, paused or taken over.
        """
        self.set_total(len(items))
        done = set(JobRow.objects.filter(job=self.job).values_list("row_number", flat=True))
        for number, item in enumerate(items, start=1):
            if number not in done:
                self.beat()
                yield number, item
        self.flush()

    def undone_rows(self) -> Iterator[tuple[int, JobRow]]:
        """Yield (row number, row) for what the job that is taken back changed, without an outcome.

        That job has ended and never runs again, so its rows keep their places.
        """
        changed = JobRow.objects.filter(job=self.job.undo_of_id).exclude(changed="")
        yield from self.pending(list(changed.order_by("row_number")))

    @contextmanager
    def row(self, number: int, reference: str = "") -> Iterator[RowEffect]:
        """Make the block and the outcome of row ``number`` one transaction.

        A ``DomainError`` in the block undoes it and becomes the row's failure. A row another
        worker finished meanwhile is undone and left as it is. What the block writes into
        ``changed`` of the effect it gets is kept for the undo of the job.
        """
        effect = RowEffect()
        try:
            with transaction.atomic():
                yield effect
                self._insert([RowOutcome(number, reference, changed=effect.changed)])
        except DomainError as error:
            self.fail_row(number, error.code, error.message, reference=reference)
        except IntegrityError:
            if not self._has(number):
                raise
        else:
            self._count(1, 0)

    def fail_row(self, number: int, code: str, message: str, *, reference: str = "") -> None:
        """Write down that a row failed and why."""
        failure = RowOutcome(number, reference, is_ok=False, code=code, message=message)
        try:
            self.record([failure])
        except IntegrityError:
            if not self._has(number):
                raise

    def record(self, outcomes: Sequence[RowOutcome]) -> None:
        """Write the outcomes of a batch; call it inside the transaction of their effects.

        Raises ``IntegrityError`` when a row already has an outcome: the batch must roll back.
        """
        with transaction.atomic():
            self._insert(outcomes)
        failed = sum(not item.is_ok for item in outcomes)
        self._count(len(outcomes), failed)

    def advance(self, count: int = 1) -> None:
        """Count steps of a runner that keeps no rows; it finds its own place after a kill."""
        self._done += count
        self._total = max(self._total, self._done)
        self.beat()

    def set_result(self, **facts: str | int | bool) -> None:
        """Keep facts about the outcome, shown on the job's page."""
        self.job.result = {**self.job.result, **facts}
        self._update(result=self.job.result)

    def save_file(self, name: str, content: bytes) -> None:
        """Keep a file for download under ``name``; a later call replaces it."""
        self.save_open_file(name, BytesIO(content))

    def save_open_file(self, name: str, content: IO[bytes]) -> None:
        """Keep a file that need not fit into memory; it is read from its beginning in chunks."""
        file = File(content)
        self.job.result_file.save(f"{self.job.public_id}-{name}", file, save=False)
        self.job.result = {**self.job.result, "file_name": name, "file_bytes": file.size}
        self._update(result=self.job.result, result_file=self.job.result_file.name)

    def beat(self) -> None:
        """Show progress if it is time, and stop when the job must stop."""
        moment = time.monotonic()
        if moment - self._flushed_at >= FLUSH_EVERY_S:
            self.flush()
        if moment >= self._ends_at:
            self.flush()
            raise JobPaused

    def flush(self) -> None:
        """Write counts and heartbeat now; raises ``JobCancelled`` or ``LeaseLost``."""
        self._flushed_at = time.monotonic()
        total = max(self._total, self._done)
        self._update(total_count=total, done_count=self._done, failed_count=self._failed)
        if self.is_cancelled:
            raise JobCancelled

    def _update(self, **columns: object) -> None:
        now = utc_now()
        own = Job.objects.filter(pk=self.job.pk, lease=self._lease, status=Job.Status.RUNNING)
        if not own.update(heartbeat_at=now, updated_at=now, **columns):
            raise LeaseLost

    def _insert(self, outcomes: Sequence[RowOutcome]) -> None:
        JobRow.objects.bulk_create(
            JobRow(
                job=self.job,
                row_number=item.row,
                reference=item.reference[:_REFERENCE_LENGTH],
                is_ok=item.is_ok,
                code=item.code,
                message=item.message[:_MESSAGE_LENGTH],
                changed=item.changed,
            )
            for item in outcomes
        )

    def _has(self, number: int) -> bool:
        return JobRow.objects.filter(job=self.job, row_number=number).exists()

    def _count(self, done: int, failed: int) -> None:
        self._done += done
        self._failed += failed
