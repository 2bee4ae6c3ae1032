"""Sheets of products, prices and stock by API."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.common.pagination import paginate
from apps.common.sheets import CSV, open_writer
from apps.imports import selectors, services
from apps.imports.layouts import LAYOUTS
from apps.imports.models import ImportIssue, ImportRun
from apps.imports.sentences import explain, explain_file
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error
from apps.partners.api.operation import CSV_TYPE, Answer, B, Call, Nothing, Q, operation
from apps.partners.api.structs.imports import (
    ColumnsOfImport,
    ImportIssuePage,
    ImportIssueView,
    ImportPage,
    ImportQuery,
    ImportView,
    IssueQuery,
    NewImport,
    TemplateQuery,
)
from apps.partners.scopes import IMPORTS_READ, IMPORTS_WRITE


class ImportsView(PartnerView):
    """All imports of the company."""

    @operation("imports.list", scope=IMPORTS_READ, query=ImportQuery, answers={200: ImportPage})
    def get(self, call: Call[ImportQuery, Nothing]) -> Answer:
        """List imports, the newest first."""
        query = call.query
        kinds = [query.kind] if query.kind else list(LAYOUTS)
        found = selectors.list_whole_runs(call.merchant, kinds)
        page = paginate(found, key="created_at", cursor=query.cursor, size=query.limit)
        return Answer(ImportPage([import_view(run) for run in page.rows], page.next_cursor or None))

    @operation(
        "imports.create",
        scope=IMPORTS_WRITE,
        body=NewImport,
        takes_file=True,
        answers={202: ImportView},
    )
    def post(self, call: Call[Nothing, NewImport]) -> Answer:
        """Send a sheet in as `multipart/form-data`; a job reads and checks it.

        CSV or XLSX, at most 30 MB. `columns` is JSON. A file that its size, its first bytes or the
        table of contents of its archive refuse is answered with 422; what only its rows tell (over
        200,000 rows or 100 columns, a cell of over 32,767 characters, an unknown encoding) ends in
        the status `refused` with the `problem`. If the columns do not fit, the status stays
        `uploaded` with the `problem`: name them with `imports.set_columns`. Otherwise it becomes
        `checked`; nothing changes before `imports.apply`. The events `import.checked`,
        `import.refused`, `import.applied` and `import.undone` tell when a step has ended.
        """
        if call.file is None:
            raise field_error("required", "file", _("Choose the sheet."))
        run = services.receive(
            call.file,
            call.file.size or 0,
            call.file.name or "",
            kind=call.body.kind,
            merchant=call.merchant,
            matching=services.Matching(call.body.columns, call.body.decimal_mark),
            language=get_language() or "en",
            actor=call.actor,
            now=call.now,
        )
        return Answer(import_view(run), 202)


class OneImportView(PartnerView):
    """One import."""

    @operation("imports.get", scope=IMPORTS_READ, answers={200: ImportView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show where an import stands and what became of its rows."""
        return Answer(import_view(_one(call)))


class ImportIssuesView(PartnerView):
    """What is wrong with the rows of one import."""

    @operation(
        "imports.issues", scope=IMPORTS_READ, query=IssueQuery, answers={200: ImportIssuePage}
    )
    def get(self, call: Call[IssueQuery, Nothing]) -> Answer:
        """List what is wrong with rows and cells, by row.

        The check keeps the first 5,000 problems and the first 1,000 warnings; the counts tell all.
        """
        query = call.query
        page = paginate(
            selectors.list_issues_of(_one(call), query.phase),
            key="row_number",
            cursor=query.cursor,
            size=query.limit,
            descending=False,
            is_time=False,
        )
        items = [_issue_view(issue) for issue in page.rows]
        return Answer(ImportIssuePage(items, page.next_cursor or None))


class ImportColumnsView(PartnerView):
    """What the columns of one import mean."""

    @operation(
        "imports.set_columns",
        scope=IMPORTS_WRITE,
        body=ColumnsOfImport,
        answers={202: ImportView},
    )
    def put(self, call: Call[Nothing, ColumnsOfImport]) -> Answer:
        """Say what the columns mean and check the sheet again; possible until it is applied.

        What is named is remembered for the next sheet with the same header.
        """
        run = _one(call)
        run = services.set_columns(
            run,
            services.choose_columns(run, call.body.columns),
            decimal_mark=call.body.decimal_mark,
            language=get_language() or "en",
            actor=call.actor,
            now=call.now,
        )
        return Answer(import_view(run), 202)


class ApplyImportView(PartnerView):
    """Applying one import."""

    @operation("imports.apply", scope=IMPORTS_WRITE, answers={202: ImportView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Apply the good rows of a checked sheet in a job; the wrong ones are left out.

        Each row is applied wholly or not at all, and once. A job that was stopped goes on.
        """
        return _step(call, services.start_apply)


class UndoImportView(PartnerView):
    """Undoing one import."""

    @operation("imports.undo", scope=IMPORTS_WRITE, answers={202: ImportView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Put back what nobody changed since, in a job; possible for seven days.

        What stays as it is is listed by `imports.issues` with the phase `undo`.
        """
        return _step(call, services.start_undo)


class ImportTemplateView(PartnerView):
    """The empty sheet of a kind."""

    @operation("imports.template", scope=IMPORTS_READ, query=TemplateQuery, answers={200: CSV_TYPE})
    def get(self, call: Call[TemplateQuery, Nothing]) -> Answer:
        """Get a sheet with the columns of a kind and one example row."""
        columns = [item for item in LAYOUTS[call.query.kind].columns if not item.is_info]
        out = io.BytesIO()
        writer = open_writer(CSV, out, [str(column.label) for column in columns])
        writer.write([[column.example for column in columns]])
        writer.close()
        return Answer(out.getvalue(), content_type=CSV_TYPE)


def _one(call: Call[Q, B]) -> ImportRun:
    return selectors.get_run(call.merchant, call.path["import_id"])


def _step(call: Call[Nothing, Nothing], start: Callable[..., ImportRun]) -> Answer:
    run = start(_one(call), language=get_language() or "en", actor=call.actor, now=call.now)
    return Answer(import_view(run), 202)


def _issue_view(issue: ImportIssue) -> ImportIssueView:
    told = explain(issue.code, issue.facts)
    return ImportIssueView(issue.row_number, issue.column, issue.code, told, issue.is_warning)


def import_view(run: ImportRun) -> ImportView:
    """Return an import as the API writes it."""
    refusal = run.refusal
    return ImportView(
        id=run.public_id,
        kind=run.kind,
        file_name=run.file_name,
        status=run.status,
        problem=explain_file(refusal["code"], refusal["facts"]) if refusal else "",
        job=run.job_id,
        header=list(run.header),
        columns=list(run.columns),
        rows=run.row_count,
        new=run.new_count,
        changed=run.changed_count,
        unchanged=run.unchanged_count,
        wrong=run.wrong_count,
        warnings=run.warning_count,
        applied_rows=run.applied_rows,
        made=run.made_count,
        updated=run.updated_count,
        kept=run.kept_count,
        refused=run.refused_count,
        restored=run.restored_count,
        not_restored=run.not_restored_count,
        undo_until=run.undo_until,
        created_at=run.created_at,
        updated_at=run.updated_at,
    )
