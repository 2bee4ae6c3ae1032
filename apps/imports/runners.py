"""The long work of imports, safe to be started again after a kill."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import translation

from apps.imports import services
from apps.imports.models import ImportRun
from apps.imports.services.steps import APPLY, CHECK, OF_STOCK, READ, UNDO
from apps.jobs.progress import JobProgress
from apps.jobs.registry import job_runner
from apps.merchants import permissions


@job_runner(f"{READ}{OF_STOCK}", permission=permissions.STOCK_MANAGE)
@job_runner(READ, permission=permissions.PRODUCTS_MANAGE)
def read(progress: JobProgress) -> None:
    """Read a sheet."""
    _work(progress, services.read_rows)


@job_runner(f"{CHECK}{OF_STOCK}", permission=permissions.STOCK_MANAGE)
@job_runner(CHECK, permission=permissions.PRODUCTS_MANAGE)
def check(progress: JobProgress) -> None:
    """Check a sheet."""
    _work(progress, services.check_rows)


@job_runner(f"{APPLY}{OF_STOCK}", permission=permissions.STOCK_MANAGE)
@job_runner(APPLY, permission=permissions.PRODUCTS_MANAGE)
def apply(progress: JobProgress) -> None:
    """Apply a sheet."""
    _work(progress, services.apply_rows)


@job_runner(f"{UNDO}{OF_STOCK}", permission=permissions.STOCK_MANAGE)
@job_runner(UNDO, permission=permissions.PRODUCTS_MANAGE)
def undo(progress: JobProgress) -> None:
    """Undo a sheet."""
    _work(progress, services.undo_rows)


def _work(progress: JobProgress, step: Callable[[ImportRun, JobProgress], None]) -> None:
    run = ImportRun.objects.select_related("merchant").get(
        merchant_id=progress.job.tenant_id, public_id=str(progress.parameters["import"])
    )
    with translation.override(str(progress.parameters.get("language", "en"))):
        step(run, progress)
