"""Long work with progress, and deadlines that are swept."""

from __future__ import annotations

from django.db import models

from apps.common.models import ExactCharField, PublicIdField, TimestampedModel


class Job(TimestampedModel):
    """One piece of long work: what it does, how far it is, and what came out.

    ``tenant_id`` is the merchant's primary key (0 for the platform): jobs lie below the merchants.
    """

    class Status(models.TextChoices):
        """Life of a job."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    public_id = PublicIdField(prefix="job")
    tenant_id = models.BigIntegerField(default=0)
    kind = ExactCharField(max_length=64)
    title = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict)
    # The job this one takes back: a job is taken back once.
    undo_of = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undo"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    is_cancel_requested = models.BooleanField(default=False)
    started_by = ExactCharField(max_length=80, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    # The worker that runs the job now; a worker that finds another mark here stops at once.
    lease = ExactCharField(max_length=32, default="", blank=True)
    restart_count = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="", blank=True)
    result = models.JSONField(default=dict)
    result_file = models.FileField(upload_to="jobs/%Y/%m/", max_length=200, blank=True)

    class Meta:
        """Counts never pass the total; lists by tenant."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_count__lte=models.F("total_count")),
                name="job_done_within_total",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "created_at", "id"], name="job_tenant"),
            models.Index(fields=["status", "heartbeat_at"], name="job_status"),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether the job still waits or runs."""
        return self.status in {self.Status.WAITING, self.Status.RUNNING}

    @property
    def look(self) -> str:
        """The status as its badge calls it: a finished job with failed rows needs a look."""
        if self.status == self.Status.DONE and self.failed_count:
            return "partial"
        return "queued" if self.status == self.Status.WAITING else str(self.status)


class JobRow(models.Model):
    """The outcome of one row of a job, kept when it failed or must be shown.

    ``changed`` names what the row made or changed, for its undo; empty when nothing did.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="rows")
    row_number = models.PositiveIntegerField()
    reference = models.CharField(max_length=120, default="")
    is_ok = models.BooleanField()
    code = ExactCharField(max_length=64, default="")
    message = models.CharField(max_length=500, default="")
    changed = ExactCharField(max_length=40, default="", blank=True)

    class Meta:
        """One outcome per row."""

        constraints = [models.UniqueConstraint(fields=["job", "row_number"], name="job_row_once")]


class Deadline(models.Model):
    """A moment by which something happens by itself, swept by beat and worked by its app.

    At ``warn_at`` those concerned are told; afterwards, and once it is done, it is empty.

    ``subject_id`` is the outward id of what it is about; ``kind`` names the handler; one open
    deadline per kind and subject.
    """

    tenant_id = models.BigIntegerField(default=0)
    kind = ExactCharField(max_length=48)
    subject_id = ExactCharField(max_length=40)
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=120, default="")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """One deadline per kind and subject; swept by what is due."""

        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="deadline_once")]
        indexes = [
            models.Index(fields=["done_at", "paused_at", "due_at"], name="deadline_due"),
            models.Index(fields=["warn_at"], name="deadline_warn"),
        ]

    def __str__(self) -> str:
        """Return kind and subject."""
        return f"{self.kind} {self.subject_id}"
