"""Names of the events jobs emit."""

from __future__ import annotations

JOB_STARTED = "job.started"
JOB_FINISHED = "job.finished"
JOB_FAILED = "job.failed"
JOB_CANCEL_REQUESTED = "job.cancel_requested"
JOB_CANCELLED = "job.cancelled"
JOB_RUN_AGAIN = "job.run_again"
