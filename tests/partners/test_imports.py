"""Sheets by the API: the whole way, limits, what is wrong by row, and repeats."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_scopes import scope

from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.imports.models import ImportRun
from apps.imports.reading import limits
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from tests.factories.partners import ApiClient, Form, api_client
from tests.imports.conftest import as_csv, as_xlsx

pytestmark = pytest.mark.django_db
SHEET = [
    ["Number", "Name", "Grams"],
    ["A-1", "Lamp", "900"],
    ["A-2", "Vase", "heavy"],
    ["", "?", ""],
]
COLUMNS = {"Number": "sku", "Name": "title", "Grams": "weight_g"}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def api(merchant) -> ApiClient:
    """A key that may import and nothing else."""
    return api_client(merchant, scopes=["imports:read", "imports:write"])


def form(data: bytes, *, columns: dict[str, str] | None = None, **fields: str) -> Form:
    """Return a sheet as it is sent."""
    parts: dict[str, object] = {"kind": "products", "file": SimpleUploadedFile("lamps.csv", data)}
    if columns is not None:
        parts["columns"] = json.dumps(columns)
    return Form({**parts, **fields})


def work() -> None:
    """Do the jobs that wait, and those that follow."""
    while (job := Job.objects.filter(status=Job.Status.WAITING).first()) is not None:
        execution.run_job(job.pk, now=utc_now())


@pytest.mark.parametrize("data", [as_csv(SHEET), as_xlsx(SHEET)], ids=["csv", "xlsx"])
def test_a_sheet_goes_the_whole_way(api, merchant, data):
    sent = api.call("POST", "/imports", form(data, columns=COLUMNS))
    assert (sent.status_code, sent.json()["status"]) == (202, "reading")
    path = f"/imports/{sent.json()['id']}"
    work()

    told = api.call("GET", path).json()
    assert [told[name] for name in ("status", "rows", "new", "wrong")] == ["checked", 3, 1, 2]
    assert (told["header"], told["columns"]) == (SHEET[0], ["sku", "title", "weight_g"])
    issues = api.call("GET", f"{path}/issues?limit=1").json()
    assert [(item["row"], item["column"], item["code"]) for item in issues["items"]] == [
        (3, "weight_g", "number")
    ]
    rest = api.call("GET", f"{path}/issues?cursor={issues['next_cursor']}").json()
    assert [(item["row"], item["column"], item["code"]) for item in rest["items"]] == [
        (4, "sku", "missing")
    ]
    assert rest["next_cursor"] is None

    assert api.call("POST", f"{path}/apply").json()["status"] == "applying"
    work()
    told = api.call("GET", path).json()
    assert [told[name] for name in ("status", "made", "refused")] == ["applied", 1, 0]
    with scope(merchant=merchant):
        assert list(Variant.objects.values_list("sku", "weight_g")) == [("A-1", 900)]

    assert api.call("POST", f"{path}/undo").status_code == 202
    work()
    assert api.call("GET", path).json()["restored"] == 1
    events = JournalEntry.objects.filter(subject_id=told["id"]).order_by("pk")
    steps = [event.removeprefix("import.") for event in events.values_list("event", flat=True)]
    assert steps == [
        *("uploaded", "read", "check_started", "checked"),
        *("apply_started", "applied", "undo_started", "undone"),
    ]


def test_the_doer_is_the_key(api):
    api.call("POST", "/imports", form(as_csv(SHEET), columns=COLUMNS))

    assert ImportRun._base_manager.get().started_by == f"key:{api.key.public_id}"


def test_columns_that_do_not_fit_can_be_named_later(api):
    sent = api.call("POST", "/imports", form(as_csv(SHEET)))
    path = f"/imports/{sent.json()['id']}"
    work()
    told = api.call("GET", path).json()
    assert (told["status"], told["problem"]) == (
        "uploaded",
        "No column is “SKU”, but it is needed. Choose the column that holds it.",
    )
    refused = api.call("PUT", f"{path}/columns", {"columns": {"Nummer": "sku"}})
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (422, "columns")

    assert api.call("PUT", f"{path}/columns", {"columns": COLUMNS}).status_code == 202

    work()
    assert api.call("GET", path).json()["status"] == "checked"


def test_the_same_key_sends_a_sheet_once(api):
    body = form(as_csv(SHEET), columns=COLUMNS)
    first = api.call("POST", "/imports", body, idempotency_key="k")

    again = api.call("POST", "/imports", body, idempotency_key="k")
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    other = form(as_csv(SHEET[:2]), columns=COLUMNS)
    answer = api.call("POST", "/imports", other, idempotency_key="k")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (
        422,
        "idempotency.key_reused",
    )
    assert ImportRun._base_manager.count() == 1


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        (form(b""), "file"),
        (form(b"%PDF-1.7"), "file"),
        (form(b"PK\x03\x04 no archive"), "file"),
        (Form({"kind": "products"}), "file"),
        (form(b"a,b\n", kind="orders"), "kind"),
        (form(b"a,b\n", decimal_mark="?"), "decimal_mark"),
        (form(b"a,b\n", columns={"a": "colour"}), "columns"),
        (form(b"a,b\n", more="1"), "body"),
        (
            Form({"kind": "products", "columns": "{", "file": SimpleUploadedFile("a", b"a")}),
            "columns",
        ),
        (Form({"kind": "products", "sheet": SimpleUploadedFile("a", b"a")}), "sheet"),
    ],
)
def test_what_does_not_fit_is_named_and_keeps_nothing(api, settings, body, attr):
    answer = api.call("POST", "/imports", body)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (422, attr)
    assert not ImportRun._base_manager.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*.*"))


def test_a_workbook_that_unpacks_too_far_is_refused_at_once(api, monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1000)
    answer = api.call("POST", "/imports", form(as_xlsx(SHEET)))

    assert answer.status_code == 422
    assert "would unpack to" in answer.json()["errors"][0]["detail"]


def test_a_body_beyond_the_limit_is_not_read(api, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 0)
    answer = api.call("POST", "/imports", form(b"a,b\n" * 20_000))

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"no form", "multipart/form-data; boundary=x", 422),
        (b"no form", "multipart/form-data", 400),
    ],
)
def test_another_body_is_refused(api, raw, kind, status):
    assert api.call("POST", "/imports", raw=raw, content_type=kind).status_code == status


@pytest.mark.parametrize(
    ("name", "told_in"),
    [("MAX_ROWS", "more than 2 rows"), ("MAX_COLUMNS", "more than 2 columns")],
)
def test_too_many_cells_end_the_import_with_why(api, monkeypatch, name, told_in):
    monkeypatch.setattr(limits, name, 2)
    sent = api.call("POST", "/imports", form(as_csv(SHEET), columns=COLUMNS)).json()
    work()

    told = api.call("GET", f"/imports/{sent['id']}").json()
    assert told["status"] == "refused"
    assert told_in in told["problem"]
    answer = api.call("POST", f"/imports/{sent['id']}/apply")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "imports.wrong_step")


def test_the_list_takes_one_statement_however_long(api, merchant, django_assert_num_queries):
    for number in range(3):
        api.call("POST", "/imports", form(as_csv(SHEET)), idempotency_key=f"k{number}")
    api.call("GET", "/imports")

    with django_assert_num_queries(1):
        page = api.call("GET", "/imports?limit=2").json()
    assert len(page["items"]) == 2
    following = api.call("GET", f"/imports?limit=2&cursor={page['next_cursor']}").json()
    assert len(following["items"]) == 1
    assert api.call("GET", "/imports?kind=stock").json()["items"] == []


@pytest.mark.parametrize("kind", ["products", "prices", "stock"])
def test_a_filled_template_is_recognised(api, kind):
    sheet = api.call("GET", f"/imports/template?kind={kind}")
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    sent = api.call("POST", "/imports", form(sheet.content, kind=kind)).json()
    work()

    told = api.call("GET", f"/imports/{sent['id']}").json()
    assert (told["status"], told["rows"], told["problem"]) == ("checked", 1, "")
    assert "" not in told["columns"]
