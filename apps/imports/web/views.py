"""Pages of imports: the history, a new sheet, its columns, what it would do, apply and undo."""

from __future__ import annotations

import io
import itertools
from datetime import datetime

import orjson
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.actors import user_actor
from apps.accounts.selectors import get_names
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.common.sheets import CONTENT_TYPES, open_writer
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, may, member_page, require
from apps.imports import selectors, services
from apps.imports.cells import Cell
from apps.imports.layouts import LAYOUTS
from apps.imports.models import ImportIssue, ImportRun
from apps.imports.sentences import column_label, explain, explain_file
from apps.imports.states import ImportStatus
from apps.imports.web.forms import UploadForm, choices_of, column_fields, read_columns
from apps.jobs.models import Job
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

PAGE_SIZE = 50
SHOWN_ISSUES = 50
SHOWN_ROWS = 3
_BUSY = frozenset(
    {ImportStatus.READING, ImportStatus.CHECKING, ImportStatus.APPLYING, ImportStatus.UNDOING}
)


@never_cache
@member_page(*READ, permission=permissions.JOBS_VIEW)
def run_list(request: MemberRequest) -> HttpResponse:
    """List the imports that the person may work on, newest first."""
    kinds = _kinds(request)
    runs = selectors.list_runs(request.member.merchant, kinds)
    page = paginate(runs, key="created_at", cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = get_names(run.started_by.partition(":")[2] for run in page.rows)
    rows = [(run, names.get(run.started_by.partition(":")[2], "")) for run in page.rows]
    context = {"section": "products", "page": page, "rows": rows, "may_import": bool(kinds)}
    return render(request, "imports/list.html", context)


@member_page(*BOTH, permission=permissions.JOBS_VIEW)
def new(request: MemberRequest) -> HttpResponse:
    """Take a sheet in; the next page asks what its columns mean."""
    kinds = _kinds(request)
    if not kinds:
        require(request, permissions.PRODUCTS_MANAGE)
    if request.method != "POST":
        wanted = request.GET.get("kind", "")
        initial = {"kind": wanted if wanted in kinds else kinds[0]}
        return _show_new(request, UploadForm(kinds=kinds, initial=initial))
    form = UploadForm(request.POST, request.FILES, kinds=kinds)
    if not form.is_valid():
        return _show_new(request, form, status=422)
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    try:
        run = services.upload(
            file,
            file.size or 0,
            file.name or "",
            kind=form.cleaned_data["kind"],
            merchant=request.member.merchant,
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        for name, told in (error.fields or {"file": error.message}).items():
            form.add_error(name, told)
        return _show_new(request, form, status=422)
    is_read = run.status == ImportStatus.UPLOADED
    return redirect("imports:columns" if is_read else "imports:run", run.public_id)


def _show_new(request: MemberRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    layouts = [(LAYOUTS[kind], ImportRun.Kind(kind).label) for kind in _kinds(request)]
    context = {"section": "products", "form": form, "layouts": layouts}
    return render(request, "imports/new.html", context, status=status)


@member_page(*READ, permission=permissions.JOBS_VIEW)
def template(request: MemberRequest, kind: str, form: str) -> HttpResponse:
    """Answer an empty sheet of a kind, with its columns and one example row."""
    if kind not in LAYOUTS or form not in CONTENT_TYPES:
        raise Http404
    require(request, LAYOUTS[kind].permission)
    columns = [column for column in LAYOUTS[kind].columns if not column.is_info]
    out = io.BytesIO()
    writer = open_writer(form, out, [str(column.label) for column in columns])
    writer.write([[column.example for column in columns]])
    writer.close()
    response = HttpResponse(out.getvalue(), content_type=CONTENT_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-template.{form}"'
    return response


@member_page(*BOTH, permission=permissions.JOBS_VIEW)
def columns(request: MemberRequest, public_id: str) -> HttpResponse:
    """Ask what the columns mean, remember it, and start the check."""
    run = _get(request, public_id)
    chosen, mark, is_remembered = selectors.suggest_columns(run)
    error: DomainError | None = None
    if request.method == "POST":
        chosen = read_columns(request.POST.dict(), len(run.header))
        mark = request.POST.get("decimal_mark", "")
        try:
            services.set_columns(
                run,
                chosen,
                decimal_mark=mark,
                language=get_language() or "en",
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as refused:
            if refused.status != 422:
                raise
            error = refused
        else:
            return redirect("imports:run", run.public_id)
    context = {
        "section": "products",
        "run": run,
        "fields": column_fields(run, chosen, _first_rows(run)),
        "choices": choices_of(LAYOUTS[run.kind]),
        "mark": mark,
        "is_remembered": is_remembered and request.method != "POST",
        "ignored": sum(not name for name in chosen),
        "error": error,
    }
    return render(request, "imports/columns.html", context, status=422 if error else 200)


def _first_rows(run: ImportRun) -> list[list[Cell]]:
    try:
        with selectors.open_rows(run) as rows:
            return [orjson.loads(line)[1:] for line in itertools.islice(rows, SHOWN_ROWS)]
    except FileNotFoundError as error:
        raise Http404 from error


@never_cache
@member_page(*READ, permission=permissions.JOBS_VIEW)
def run_page(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show what an import would do or did; while a job works on it the page follows it."""
    run = _get(request, public_id)
    job = Job.objects.filter(tenant_id=run.merchant_id, public_id=run.job_id).first()
    is_busy = job is not None and job.is_open
    phases = ("undo",) if run.status == ImportStatus.UNDONE else ("check", "apply")
    issues = selectors.list_issues(run, phases, limit=SHOWN_ISSUES)
    names = get_names([run.started_by.partition(":")[2]])
    context = {
        "section": "products",
        "run": run,
        "job": job,
        "is_busy": is_busy,
        "is_stuck": run.status in _BUSY and not is_busy,
        "starter": next(iter(names.values()), ""),
        "problems": [_told(run, issue) for issue in issues if not issue.is_warning],
        "hints": [_told(run, issue) for issue in issues if issue.is_warning],
        "refusal": _refusal(run),
        "samples": _samples(run),
        "good_count": run.new_count + run.changed_count,
        "may_undo": _may_undo(run, now=utc_now()) and not is_busy,
    }
    template_name = "imports/_run.html" if request.headers.get("HX-Request") else "imports/run.html"
    response = render(request, template_name, context)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def _told(run: ImportRun, issue: ImportIssue) -> tuple[int, str, str]:
    label = column_label(run.kind, issue.column) if issue.column else ""
    return issue.row_number, label, explain(issue.code, issue.facts)


def _refusal(run: ImportRun) -> str:
    return explain_file(run.refusal["code"], run.refusal["facts"]) if run.refusal else ""


def _samples(run: ImportRun) -> list[dict[str, str]]:
    return [
        {**sample, "label": column_label(run.kind, str(sample["column"]))} for sample in run.samples
    ]


def _may_undo(run: ImportRun, *, now: datetime) -> bool:
    if run.status == ImportStatus.APPLIED:
        return run.undo_until is not None and now <= run.undo_until
    return run.status in {ImportStatus.APPLYING, ImportStatus.UNDOING} and run.applied_rows > 0


@member_page(*WRITE, permission=permissions.JOBS_VIEW)
def apply(request: MemberRequest, public_id: str) -> HttpResponse:
    """Apply the good rows, or go on with it."""
    run = _get(request, public_id)
    services.start_apply(
        run, language=get_language() or "en", actor=user_actor(request.user), now=utc_now()
    )
    messages.success(request, _("The rows are being applied. You can leave this page."))
    return redirect("imports:run", public_id)


@member_page(*WRITE, permission=permissions.JOBS_VIEW)
def undo(request: MemberRequest, public_id: str) -> HttpResponse:
    """Undo the import where nobody changed anything since."""
    run = _get(request, public_id)
    services.start_undo(
        run, language=get_language() or "en", actor=user_actor(request.user), now=utc_now()
    )
    messages.success(request, _("The import is being undone. You can leave this page."))
    return redirect("imports:run", public_id)


@member_page(*READ, permission=permissions.JOBS_VIEW)
def problems(request: MemberRequest, public_id: str) -> HttpResponseBase:
    """Hand out the wrong rows as they came, with a column that says what is wrong."""
    run = _get(request, public_id)
    if not run.problems_file:
        raise Http404
    try:
        content = run.problems_file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{run.kind}-wrong-rows.csv"
    response = FileResponse(content, as_attachment=True, filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _kinds(request: MemberRequest) -> list[str]:
    return [kind for kind, layout in LAYOUTS.items() if may(request, layout.permission)]


def _get(request: MemberRequest, public_id: str) -> ImportRun:
    run: ImportRun = find_or_404(selectors.get_run, request.member.merchant, public_id)
    require(request, LAYOUTS[run.kind].permission)
    return run
