"""Large sheets are read by a job: at once answered, gone on with after a kill, swept after a month."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.imports import selectors, services
from apps.imports.models import ImportChunk, ImportIssue, ImportRun
from apps.imports.reading import limits, staging
from apps.imports.services import Matching
from apps.imports.tasks import sweep
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from tests.factories.merchants import MemberFactory
from tests.imports.conftest import as_csv, as_xlsx, counts_of

SHEET = [["SKU", "Title"], ["A-1", "Lamp"], ["A-2", "Vase"]]
ODD = [["Nummer", "Name"], ["A-1", "Lamp"], ["", "Vase"]]


@pytest.fixture(autouse=True)
def _by_job(monkeypatch) -> None:
    monkeypatch.setattr(limits, "AT_ONCE", 0)


def _receive(desk, data: bytes, matching: Matching | None, kind: str = "products") -> ImportRun:
    return services.receive(
        io.BytesIO(data),
        len(data),
        "sheet.csv",
        kind=kind,
        merchant=desk.merchant,
        matching=matching,
        actor=desk.actor,
        now=utc_now(),
    )


def _files(settings) -> set[str]:
    return {path.suffix for path in settings.MEDIA_ROOT.rglob("*.*") if path.is_file()}


@pytest.mark.parametrize("data", [as_csv(SHEET), as_xlsx(SHEET)], ids=["csv", "xlsx"])
def test_a_large_sheet_is_kept_and_read_by_a_job(desk, settings, data):
    run = desk.upload("products", data)
    assert (run.status, run.row_count, _files(settings)) == ("reading", 0, {".bin"})

    run = desk.work(run)

    assert (run.status, run.row_count, run.header) == ("uploaded", 2, ["SKU", "Title"])
    assert (_files(settings), bool(run.upload_file)) == ({".jsonl"}, False)
    with selectors.open_rows(run) as rows:
        assert rows.readlines() == [b'[2,"A-1","Lamp"]\n', b'[3,"A-2","Vase"]\n']
    job = Job.objects.get()
    assert (job.kind, job.done_count, job.total_count) == ("imports.read", 100, 100)
    events = JournalEntry.objects.filter(subject_id=run.public_id).order_by("pk")
    assert list(events.values_list("event", flat=True)) == ["import.uploaded", "import.read"]


def test_a_small_sheet_is_read_at_once(desk, monkeypatch):
    monkeypatch.setattr(limits, "AT_ONCE", 1000)

    assert desk.upload("products", SHEET).status == "uploaded"
    assert not Job.objects.exists()


def test_a_small_workbook_that_unpacks_far_is_read_by_a_job(desk, monkeypatch):
    data = as_xlsx(SHEET)
    monkeypatch.setattr(limits, "AT_ONCE", len(data))

    assert desk.upload("products", data).status == "reading"


@pytest.mark.parametrize("kind", ["products", "stock"])
def test_what_cannot_be_read_is_refused_with_why(desk, settings, kind):
    run = desk.work(desk.upload(kind, b"sku,title\nA-1,Caf\xe9 au lait\n"))

    assert (run.status, run.refusal) == ("refused", {"code": "encoding", "facts": {"row": 2}})
    assert _files(settings) == set()
    member = MemberFactory(merchant=desk.merchant, role=Role.OWNER, user__language="en")
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/imports/{run.public_id}/").content.decode()
    assert "Row 2 is neither UTF-8 nor Chinese (GB18030)." in page
    assert "Cannot be read" in client.get("/imports/").content.decode()


def test_what_its_first_bytes_refuse_is_told_at_once(desk, settings):
    with pytest.raises(DomainError) as refused:
        desk.upload("products", b"%PDF-1.7")

    assert (refused.value.code, refused.value.status) == ("imports.unusable_file", 422)
    assert not ImportRun.objects.exists()
    assert not _files(settings)


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


def test_a_worker_killed_while_reading_is_followed_by_another(desk, monkeypatch, settings):
    run = desk.upload("products", as_csv([SHEET[0], *([f"A-{n}", "Lamp"] for n in range(5000))]))
    job = Job.objects.get()

    def die(_progress: object, _count: int) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("apps.jobs.progress.JobProgress.advance", die)
        with pytest.raises(Killed):
            execution.run_job(job.pk, now=utc_now())
    run.refresh_from_db()
    assert (run.status, run.row_count, _files(settings)) == ("reading", 0, {".bin"})

    execution.run_job(job.pk, now=utc_now() + execution.LEASE * 2)

    run.refresh_from_db()
    assert (run.status, run.row_count, _files(settings)) == ("uploaded", 5000, {".jsonl"})


def test_cancelling_ends_the_reader_of_a_workbook(desk, monkeypatch):
    run = desk.upload("products", as_xlsx(SHEET))
    Job.objects.update(is_cancel_requested=True)
    started = []
    popen = staging.subprocess.Popen
    monkeypatch.setattr(
        staging.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1]
    )
    monkeypatch.setattr(staging, "_STEP_S", 0.001)
    monkeypatch.setattr("apps.jobs.progress.FLUSH_EVERY_S", 0)
    monkeypatch.setattr("apps.jobs.progress.JobProgress.set_total", lambda self, total: None)

    execution.run_job(Job.objects.get().pk, now=utc_now())

    run.refresh_from_db()
    assert (run.status, Job.objects.get().status) == ("reading", "cancelled")
    assert [child.poll() is not None for child in started] == [True]


@pytest.mark.parametrize(
    ("sheet", "columns"),
    [(SHEET, {}), (ODD, {"Nummer": "sku", "Name": "title"})],
    ids=["recognised", "named"],
)
def test_a_known_matching_starts_the_check(desk, sheet, columns):
    run = desk.work(_receive(desk, as_csv(sheet), Matching(columns)))
    assert (run.status, run.columns) == ("checking", ["sku", "title"])

    run = desk.work(run)

    assert run.status == "checked"
    assert counts_of(run) == ((2, 0, 0, 0) if sheet is SHEET else (1, 0, 0, 1))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({}, "No column is “SKU”, but it is needed. Choose the column that holds it."),
        ({"Number": "sku"}, "The sheet has no column “Number”."),
        ({"Nummer": "sku", "Name": "sku"}, "“SKU” is chosen twice. Keep one."),
    ],
)
def test_a_matching_that_does_not_fit_waits_for_a_better_one(desk, columns, told):
    run = desk.work(_receive(desk, as_csv(ODD), Matching(columns)))

    assert (run.status, run.refusal["facts"]) == ("uploaded", {"message": told})

    services.set_columns(
        run, ["sku", "title"], decimal_mark=".", language="en", actor=desk.actor, now=utc_now()
    )
    run.refresh_from_db()
    assert (run.status, run.refusal) == ("checking", {})


# --- what is old


def _age(days: float) -> None:
    with scopes_disabled():
        ImportRun.objects.update(updated_at=utc_now() - timedelta(days=days))


def test_what_nobody_touched_for_a_month_is_let_go(desk, monkeypatch, settings):
    monkeypatch.setattr(limits, "AT_ONCE", 1000)
    applied = desk.apply("products", SHEET)
    checked = desk.check("products", [SHEET[0], ["", "Lamp"]])
    assert ImportIssue.objects.exists()
    _age(30.1)

    assert sweep() == 2

    assert (_files(settings), ImportIssue.objects.count(), ImportChunk.objects.count()) == (
        set(),
        0,
        0,
    )
    found = {run.pk: (run.status, run.made_count) for run in ImportRun.objects.all()}
    assert found == {applied.pk: ("applied", 2), checked.pk: ("expired", 0)}
    assert sweep() == 0


def test_what_is_younger_or_being_worked_on_stays(desk, settings):
    desk.work(desk.upload("products", SHEET))
    _age(29.9)
    assert sweep() == 0

    desk.upload("products", SHEET)
    _age(31)
    assert sweep() == 1
    assert _files(settings) == {".bin"}


def test_another_companys_imports_are_swept_as_well_and_pages_say_so(desk, stranger, actor):
    with scope(merchant=stranger):
        type(desk)(stranger, actor).upload("products", SHEET)
    run = desk.work(desk.upload("products", SHEET))
    Job.objects.update(status=Job.Status.CANCELLED)
    _age(31)

    assert sweep() == 2

    member = MemberFactory(merchant=desk.merchant, role=Role.OWNER, user__language="en")
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "kept for 30 days" in client.get(f"/imports/{run.public_id}/").content.decode()
    assert client.get(f"/imports/{run.public_id}/columns/").status_code == 404
