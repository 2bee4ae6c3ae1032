"""Pages of long work: the list, one job with its rows, its file, stopping and repeating it."""

from __future__ import annotations

from typing import Protocol

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.accounts.selectors import get_names
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.common.web.access import READ, WRITE, find_or_404, member_page, permissions_of, require
from apps.jobs import selectors, services
from apps.jobs.models import Job
from apps.jobs.registry import find_kind, permission_of
from apps.journal.services import TenantLike

JOBS_VIEW = "jobs.view"
PAGE_SIZE = 50
ROWS_SIZE = 100
_VIEWS = ("open", "problems", "done")


class _Member(Protocol):
    @property
    def merchant(self) -> TenantLike:
        """The company of the member."""


class JobsRequest(HttpRequest):
    """A request of a member; companies lie above jobs, so only the tenant's key is known here."""

    user: User
    member: _Member


@never_cache
@member_page(*READ, permission=JOBS_VIEW)
def job_list(request: JobsRequest) -> HttpResponse:
    """List the company's jobs, newest first."""
    view = request.GET.get("view", "")
    jobs = selectors.list_jobs(request.member.merchant)
    if view in _VIEWS:
        jobs = selectors.filter_jobs(jobs, view)
    page = paginate(jobs, key="created_at", cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = get_names(job.started_by.partition(":")[2] for job in page.rows)
    rows = [(job, names.get(job.started_by.partition(":")[2], "")) for job in page.rows]
    return render(
        request, "jobs/list.html", {"page": page, "rows": rows, "view": view, "section": "jobs"}
    )


@never_cache
@member_page(*READ, permission=JOBS_VIEW)
def job_page(request: JobsRequest, public_id: str) -> HttpResponse:
    """Show one job with the outcome of its rows; the failed ones first choice."""
    job = _get(request, public_id)
    only_failed = request.GET.get("rows", "failed" if job.failed_count else "all") == "failed"
    page = paginate(
        selectors.list_rows(job, only_failed=only_failed),
        key="row_number",
        cursor=request.GET.get("cursor", ""),
        size=ROWS_SIZE,
        descending=False,
        is_time=False,
    )
    names = get_names([job.started_by.partition(":")[2]])
    undone_by = selectors.find_undo(job)
    facts = {
        "job": job,
        "section": "jobs",
        "page": page,
        "only_failed": only_failed,
        "starter": next(iter(names.values()), ""),
        "may_steer": permission_of(job.kind) in permissions_of(request),
        "may_repeat": undone_by is None and _may_repeat(job),
        "may_undo": undone_by is None and selectors.can_undo(job),
        "undone_by": undone_by,
        "counts": {"ok": job.done_count - job.failed_count, "failed": job.failed_count},
    }
    template = "jobs/_job.html" if request.headers.get("HX-Request") else "jobs/job.html"
    response = render(request, template, facts)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


@member_page(*WRITE, permission=JOBS_VIEW)
def cancel(request: JobsRequest, public_id: str) -> HttpResponse:
    """Stop a job; what is done stays done."""
    job = _get_to_steer(request, public_id)
    services.request_cancel(job, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The job stops. What is done stays done."))
    return redirect("jobs:job", public_id=public_id)


@member_page(*WRITE, permission=JOBS_VIEW)
def run_again(request: JobsRequest, public_id: str) -> HttpResponse:
    """Run the failed rows again."""
    job = _get_to_steer(request, public_id)
    services.run_again(job, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The failed rows run again."))
    return redirect("jobs:job", public_id=public_id)


@member_page(*WRITE, permission=JOBS_VIEW)
def undo(request: JobsRequest, public_id: str) -> HttpResponse:
    """Take back what a job changed; the page of the undo tells what became of each row."""
    job = _get_to_steer(request, public_id)
    try:
        started = services.undo_job(job, actor=user_actor(request.user), now=utc_now())
    except DomainError as error:
        messages.warning(request, error.message)
        return redirect("jobs:job", public_id=public_id)
    messages.success(request, _("The job is being undone. What others changed since stays."))
    return redirect("jobs:job", public_id=started.public_id)


@member_page(*READ, permission=JOBS_VIEW)
def download(request: JobsRequest, public_id: str) -> HttpResponseBase:
    """Hand out the file of a job, as a download or – a PDF with ``?inline=1`` – to look at."""
    job = _get_to_steer(request, public_id)
    name = str(job.result.get("file_name", ""))
    if not job.result_file or not name:
        raise Http404
    try:
        content = job.result_file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    is_inline = request.GET.get("inline") == "1" and name.endswith(".pdf")
    response = FileResponse(content, as_attachment=not is_inline, filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _get(request: JobsRequest, public_id: str) -> Job:
    return find_or_404(selectors.get_job, request.member.merchant, public_id)


def _get_to_steer(request: JobsRequest, public_id: str) -> Job:
    job = _get(request, public_id)
    require(request, permission_of(job.kind))
    return job


def _may_repeat(job: Job) -> bool:
    is_complete = job.status == Job.Status.DONE and not job.failed_count
    return not job.is_open and not is_complete and find_kind(job.kind) is not None
