"""Long work of compliance: dry runs of proposed rule rows."""

from __future__ import annotations

from apps.compliance.rule_impact.models import RuleDryRun
from apps.compliance.rule_impact.services import JOB_KIND, work_on
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner


@job_runner(JOB_KIND)
def dry_run(progress: JobProgress) -> None:
    """Price the listings a proposed row touches; staff steer it in the admin."""
    work_on(RuleDryRun.objects.select_related("row").get(job=progress.job), progress)
