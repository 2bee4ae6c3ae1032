"""The import pages: works, not yours, not allowed, wrong method – and the walk through them."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from apps.catalog.models import Variant
from apps.imports import selectors
from apps.imports.models import ImportRun
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.merchants.models import Member, Merchant, Role
from tests.factories.catalog import VariantFactory
from tests.factories.merchants import MemberFactory
from tests.imports.conftest import Desk, as_csv, as_xlsx

SHEET = [["SKU", "Title", "Weight in grams"], ["A-1", "Lamp", "900"], ["A-2", "Vase", "heavy"]]
STEPS = ("apply", "undo")
PAGES = ("", "columns/", "problems/")


def _sign_in(merchant: Merchant, role: Role = Role.OWNER) -> Client:
    member: Member = MemberFactory(merchant=merchant, role=role, user__language="en")
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner(desk) -> Client:
    """The owner, signed in."""
    return _sign_in(desk.merchant)


@pytest.fixture
def checked(desk) -> ImportRun:
    """A sheet with one good and one wrong row, checked."""
    return desk.check("products", SHEET)


@pytest.fixture
def foreign(stranger, actor, checked) -> ImportRun:
    """The same of another company."""
    with scope(merchant=stranger):
        return Desk(stranger, actor).check("products", SHEET)


def _post(client: Client, data: bytes, *, name: str = "lamps.csv", kind: str = "products"):
    return client.post("/imports/new/", {"kind": kind, "file": SimpleUploadedFile(name, data)})


def test_a_sheet_goes_the_whole_way(desk, owner):
    answer = _post(owner, as_csv(SHEET))
    run = ImportRun.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/imports/{run.public_id}/columns/")
    page = owner.get(answer.url).content.decode()
    assert "Weight in grams" in page
    assert '<option value="weight_g" selected>' in page

    chosen = {"column-0": "sku", "column-1": "title", "column-2": "weight_g", "decimal_mark": "."}
    assert owner.post(answer.url, chosen).url == f"/imports/{run.public_id}/"
    desk.work(run)
    page = owner.get(f"/imports/{run.public_id}/").content.decode()
    assert "“heavy” is not a number." in page
    assert "Apply the 1 good row" in page

    assert owner.post(f"/imports/{run.public_id}/apply/").status_code == 302
    desk.work(run)
    page = owner.get(f"/imports/{run.public_id}/").content.decode()
    assert "Undo the import" in page
    assert list(Variant.objects.values_list("sku", "weight_g")) == [("A-1", 900)]

    assert owner.post(f"/imports/{run.public_id}/undo/").status_code == 302
    desk.work(run)
    assert "What was undone" in owner.get(f"/imports/{run.public_id}/").content.decode()
    assert Variant.objects.count() == 0


def test_what_the_columns_mean_is_remembered_for_the_header(desk, owner):
    odd = [["Nummer", "Bezeichnung"], ["A-1", "Lampe"]]
    run = desk.upload("products", odd)
    owner.post(
        f"/imports/{run.public_id}/columns/",
        {"column-0": "sku", "column-1": "title", "decimal_mark": ","},
    )

    again = desk.upload("products", odd)
    other = desk.upload("prices", odd)

    assert selectors.suggest_columns(again) == (["sku", "title"], ",", True)
    assert selectors.suggest_columns(other) == (["", ""], ".", False)
    page = owner.get(f"/imports/{again.public_id}/columns/").content.decode()
    assert "As you chose last time for this header." in page


def test_another_company_does_not_share_the_memory(desk, stranger, actor):
    odd = [["Nummer", "Bezeichnung"], ["A-1", "Lampe"]]
    desk.check("products", odd, columns=["sku", "title"])

    with scope(merchant=stranger):
        theirs = Desk(stranger, actor).upload("products", odd)
        assert selectors.suggest_columns(theirs) == (["", ""], ".", False)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"column-0": "title"}, "No column is “SKU”, but it is needed."),
        ({"column-0": "sku", "column-1": "sku"}, "“SKU” is chosen twice."),
        ({"column-0": "sku", "decimal_mark": "?"}, "Choose the decimal mark"),
    ],
)
def test_columns_that_do_not_fit_are_refused_with_the_way_out(desk, owner, chosen, told):
    run = desk.upload("products", SHEET)

    answer = owner.post(f"/imports/{run.public_id}/columns/", {"decimal_mark": ".", **chosen})

    assert answer.status_code == 422
    assert told in answer.content.decode()
    run.refresh_from_db()
    assert (run.status, Job.objects.count()) == ("uploaded", 0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 whatever", "This is not a sheet."),
        (b"\xd0\xcf\x11\xe0 old", "This is an old or protected Excel file."),
        (b"sku,title\n", "There is no row below the header."),
        (b"sku,title\nA-1,Caf\xe9 au lait\n", "Row 2 is neither UTF-8 nor Chinese (GB18030)."),
    ],
)
def test_unusable_files_are_refused_with_the_reason(owner, data, told):
    answer = _post(owner, data)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_the_upload_names_no_path(owner):
    _post(owner, as_csv(SHEET), name="../../etc/pass\\wd.csv")

    run = ImportRun.objects.get()
    assert run.file_name == "wd.csv"
    assert run.rows_file.name.startswith("imports/")
    assert "wd" not in run.rows_file.name


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["products", "prices", "stock"])
def test_a_filled_template_can_be_imported(desk, owner, kind, form):
    VariantFactory(product__merchant=desk.merchant, sku="OTHER")
    answer = owner.get(f"/imports/template/{kind}.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}-template.{form}"'

    run = desk.upload(kind, answer.content, name=f"t.{form}")
    names, _mark, _known = selectors.suggest_columns(run)

    assert "" not in names
    assert run.row_count == 1


def test_template_of_something_else_is_not_there(owner):
    assert owner.get("/imports/template/orders.csv").status_code == 404
    assert owner.get("/imports/template/products.exe").status_code == 404


def test_the_list_shows_own_imports_only(owner, checked, foreign):
    page = owner.get("/imports/").content.decode()

    assert checked.public_id in page
    assert foreign.public_id not in page


@pytest.mark.parametrize("part", PAGES)
def test_another_companys_import_is_not_there(owner, foreign, part):
    assert owner.get(f"/imports/{foreign.public_id}/{part}").status_code == 404


@pytest.mark.parametrize("step", [*STEPS, "columns"])
def test_another_companys_import_cannot_be_steered(owner, foreign, step):
    before = JournalEntry.objects.count()

    assert owner.post(f"/imports/{foreign.public_id}/{step}/").status_code == 404
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE])
def test_roles_without_the_permission_change_nothing(desk, checked, role):
    client = _sign_in(desk.merchant, role)
    before = JournalEntry.objects.count()

    answers = [client.get(f"/imports/{checked.public_id}/{part}") for part in PAGES]
    answers += [client.post(f"/imports/{checked.public_id}/{step}/") for step in STEPS]
    answers.append(client.get("/imports/template/products.csv"))
    if role != Role.WAREHOUSE:
        answers += [client.get("/imports/new/"), _post(client, as_csv(SHEET))]

    assert {answer.status_code for answer in answers} == {403}
    assert JournalEntry.objects.count() == before
    assert checked.public_id not in client.get("/imports/").content.decode()


def test_the_warehouse_imports_stock_and_nothing_else(desk):
    client = _sign_in(desk.merchant, Role.WAREHOUSE)

    assert _post(client, as_csv(SHEET)).status_code == 422
    assert (
        _post(client, as_csv([["SKU", "Available"], ["A", "1"]]), kind="stock").status_code == 302
    )


def test_the_warehouse_stops_its_own_import(desk):
    client = _sign_in(desk.merchant, Role.WAREHOUSE)
    _post(client, as_csv([["SKU", "Available"], ["A", "1"]]), kind="stock")
    run = ImportRun.objects.get()
    url = f"/imports/{run.public_id}/"
    client.post(f"{url}columns/", {"column-0": "sku", "column-1": "available", "decimal_mark": "."})
    run.refresh_from_db()
    assert f"/jobs/{run.job_id}/cancel/" in client.get(url).content.decode()

    client.post(f"/jobs/{run.job_id}/cancel/")

    assert Job.objects.get(public_id=run.job_id).status == Job.Status.CANCELLED
    page = client.get(url).content.decode()
    assert "The work was stopped." in page
    assert f"{url}columns/" in page


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("", "post"),
        ("new/", "put"),
        ("template/products.csv", "post"),
        ("{run}/", "post"),
        ("{run}/columns/", "put"),
        ("{run}/apply/", "get"),
        ("{run}/undo/", "get"),
        ("{run}/problems/", "post"),
    ],
)
def test_wrong_methods_are_refused(owner, checked, path, method):
    url = "/imports/" + path.format(run=checked.public_id)

    assert getattr(owner, method)(url).status_code == 405


def test_strangers_are_sent_to_sign_in(checked):
    for path in ("", "new/", f"{checked.public_id}/"):
        answer = Client().get(f"/imports/{path}")
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_applying_twice_is_refused_with_the_state(owner, checked):
    owner.post(f"/imports/{checked.public_id}/apply/")

    answer = owner.post(f"/imports/{checked.public_id}/apply/")

    assert answer.status_code == 409
    assert Job.objects.filter(kind="imports.apply").count() == 1


def test_a_running_check_refreshes_its_own_part(desk, owner):
    run = desk.upload("products", SHEET)
    owner.post(f"/imports/{run.public_id}/columns/", {"column-0": "sku", "decimal_mark": "."})

    part = owner.get(f"/imports/{run.public_id}/", headers={"hx-request": "true"})

    assert part.content.decode().lstrip().startswith('<div class="stack-l" id="import" hx-get=')


def test_wrong_rows_are_a_download(owner, checked):
    answer = owner.get(f"/imports/{checked.public_id}/problems/")

    assert answer["Content-Disposition"] == 'attachment; filename="products-wrong-rows.csv"'
    assert b"heavy" in b"".join(answer.streaming_content)


def test_an_import_without_wrong_rows_has_no_file(desk, owner):
    run = desk.check("products", SHEET[:2])

    assert owner.get(f"/imports/{run.public_id}/problems/").status_code == 404


def test_pages_cost_the_same_for_many_rows(desk, owner, django_assert_num_queries):
    wrong = [["SKU", "Title"], *(["", f"Lamp {number}"] for number in range(300))]
    run = desk.check("products", wrong)
    for _number in range(20):
        desk.upload("products", SHEET)
    owner.get("/imports/")

    with django_assert_num_queries(5):
        owner.get("/imports/")
    with django_assert_num_queries(7):
        owner.get(f"/imports/{run.public_id}/")


def test_the_first_sheet_of_a_workbook_is_read(desk, owner):
    _post(owner, as_xlsx(SHEET), name="lamps.xlsx")

    run = ImportRun.objects.get()
    assert (run.source["format"], run.source["sheet"], run.row_count) == ("xlsx", "Products", 2)
    page = owner.get(f"/imports/{run.public_id}/columns/").content.decode()
    assert "Sheet of the workbook" in page


def test_an_upload_is_not_kept_when_it_is_refused(owner, settings):
    _post(owner, io.BytesIO(b"%PDF-1.7").getvalue())

    assert not list(settings.MEDIA_ROOT.rglob("*.jsonl"))
