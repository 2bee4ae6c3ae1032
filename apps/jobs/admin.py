"""Jobs and deadlines in the Django admin."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin, PortalInline
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Deadline, Job, JobRow
from apps.journal.actors import Actor


class Service(Protocol):
    """A change of one job."""

    def __call__(self, job: Job, *, actor: Actor, now: datetime) -> Job:
        """Make the change."""


class FailedRowInline(PortalInline[JobRow]):
    """Rows of a job that failed."""

    model = JobRow
    fields = ("row_number", "reference", "code", "message")

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobRow]:
        """Return failures only: a job may have a hundred thousand rows."""
        return super().get_queryset(request).filter(is_ok=False)


@admin.register(Job)
class JobAdmin(PortalAdmin[Job]):
    """Long work."""

    list_display = ("public_id", "title", "kind", "status", "done_count", "total_count")
    list_filter = ("status", "kind")
    search_fields = ("=public_id", "=kind", "=started_by")
    search_help_text = "job_… / kind / user:usr_…"
    inlines = (FailedRowInline,)
    actions = ("cancel", "run_again")

    @admin.action(description=gettext_lazy("Stop the selected jobs"), permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Ask the jobs to stop."""
        self._each(request, queryset, services.request_cancel)

    @admin.action(description=gettext_lazy("Run failed rows again"), permissions=["operate"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Repeat what failed."""
        self._each(request, queryset, services.run_again)

    def _each(self, request: HttpRequest, queryset: QuerySet[Job], service: Service) -> None:
        if not isinstance(request.user, User):
            return
        actor, done = user_actor(request.user), 0
        for job in queryset[:100]:
            try:
                service(job, actor=actor, now=utc_now())
            except DomainError as error:
                messages.warning(request, f"{job.public_id}: {error.message}")
            else:
                done += 1
        messages.success(request, _("%(count)d jobs changed.") % {"count": done})


@admin.register(Deadline)
class DeadlineAdmin(PortalAdmin[Deadline]):
    """What happens by itself, and when."""

    list_display = ("kind", "subject_id", "due_at", "done_at", "paused_at", "attempts", "outcome")
    list_filter = ("kind", ("done_at", admin.EmptyFieldListFilter))
    search_fields = ("=subject_id", "=kind")
    search_help_text = "ord_… / kind"
