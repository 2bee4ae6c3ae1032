"""Files and cells that must not pass: encodings, bombs, limits, what spreadsheets do to numbers."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from apps.imports import cells
from apps.imports.cells import CellError, Warned
from apps.imports.reading import SheetError, limits, stage, staging
from apps.imports.reading.encoding import detect
from apps.imports.reading.rows import read_chunks
from tests.imports.conftest import as_csv, as_xlsx, counts_of, issues_of, warnings_of

ROWS = [["sku", "title"], ["A-1", "吊灯"], ["A-2", "花瓶，大号"]]
CHINESE = [["货号", "标题"], *([f"A-{n}", f"手工编织藤制吊灯第{n}号"] for n in range(30))]


def _stage(data: bytes, tmp_path):
    return stage(io.BytesIO(data), len(data), tmp_path / "rows")


def _refused(data: bytes, tmp_path) -> tuple[str, dict]:
    with pytest.raises(SheetError) as refused:
        _stage(data, tmp_path)
    return refused.value.code, refused.value.facts


# --- encodings and separators


@pytest.mark.parametrize(
    ("encoding", "name", "evidence"),
    [
        ("utf-8", "utf-8", "valid"),
        ("utf-8-sig", "utf-8-sig", "mark"),
        ("utf-16", "utf-16", "mark"),
        ("gb18030", "gb18030", "han"),
        ("gbk", "gb18030", "han"),
    ],
)
def test_encodings_are_told_by_evidence(tmp_path, encoding, name, evidence):
    staged = _stage(as_csv(CHINESE, encoding=encoding), tmp_path)

    assert (staged.source["encoding"], staged.source["evidence"]) == (name, evidence)
    assert staged.header == ["货号", "标题"]
    with (tmp_path / "rows").open("rb") as rows:
        [chunk] = read_chunks(rows)
    assert chunk.rows[0].cells == ["A-0", "手工编织藤制吊灯第0号"]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_zeros(tmp_path, order):
    staged = _stage(as_csv([["sku", "title"], ["A-1", "Lamp"]], encoding=order), tmp_path)

    assert (staged.source["encoding"], staged.source["evidence"]) == (order, "zeros")


def test_western_text_is_not_taken_for_chinese(tmp_path):
    rows = [["sku", "title"], ["A-1", "Plain"], ["A-2", "Café crème, naïve déjà vu"]]

    assert _refused(as_csv(rows, encoding="cp1252"), tmp_path) == ("encoding", {"row": 3})


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    try:
        found = detect(io.BytesIO(data)).name
    except SheetError as error:
        found = error.code
    assert found in {
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "gb18030",
        "encoding",
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=300))
def test_any_file_is_staged_or_refused(tmp_path, data):
    try:
        staged = _stage(data, tmp_path)
    except SheetError:
        return
    assert staged.row_count > 0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_found(tmp_path, separator):
    rows = [["sku", "title", "price"], ["A-1", "Lamp, large; new", "1,50"], ["A-2", "Vase", "2,00"]]

    staged = _stage(as_csv(rows, separator=separator), tmp_path)

    assert (staged.source["separator"], staged.header) == (separator, ["sku", "title", "price"])


def test_an_open_quotation_mark_is_named_by_its_row(tmp_path):
    data = b'sku,title\nA-1,Lamp\nA-2,"open\nA-3,Vase\n'

    assert _refused(data, tmp_path) == ("broken_quotes", {"row": 3, "limit": limits.MAX_CELL})


def test_line_breaks_in_cells_keep_the_row_numbers(desk):
    sheet = b'sku,title,description\nA-1,Lamp,"one\ntwo"\nA-2,,none\n'

    run = desk.check("products", sheet)

    assert issues_of(run) == [(3, "title", "title_missing")]


def test_empty_rows_are_left_out_and_rows_keep_their_numbers(desk):
    run = desk.check("products", b"\n\nsku,title\n\n,,\nA-1,Lamp\nA-2,\n")

    assert (run.row_count, run.source["empty"]) == (2, 4)
    assert issues_of(run) == [(7, "title", "title_missing")]


def test_a_row_with_more_cells_than_the_header_is_named(desk):
    run = desk.check("products", b"sku,title\nA-1,Lamp, large\nA-2,Vase,,\n")

    assert issues_of(run) == [(2, "", "too_many_cells")]
    assert counts_of(run) == (1, 0, 0, 1)


# --- sizes and bombs


def test_files_over_the_size_are_refused_unread(tmp_path):
    with pytest.raises(SheetError) as refused:
        stage(io.BytesIO(b"sku\nA"), limits.MAX_BYTES + 1, tmp_path / "rows")
    assert refused.value.code == "too_large"


def test_rows_over_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    rows = [["sku"], *([f"A-{number}"] for number in range(4))]

    assert _refused(as_csv(rows), tmp_path) == ("too_many_rows", {"limit": 3})
    assert _refused(as_xlsx(rows), tmp_path) == ("too_many_rows", {"limit": 3})


def test_columns_over_the_limit_are_refused(tmp_path):
    rows = [[f"c{number}" for number in range(101)], ["x"] * 101]

    assert _refused(as_csv(rows), tmp_path)[0] == "too_many_columns"
    assert _refused(as_xlsx(rows), tmp_path)[0] == "too_many_columns"


def test_a_cell_without_end_is_refused(tmp_path):
    data = b"sku,title\nA-1," + b"x" * 40_000

    assert _refused(data, tmp_path) == ("cell_too_long", {"row": 2, "limit": 32_767})


def _archive(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_bomb_is_refused_from_its_table_of_contents(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "_run_reader", lambda *_: pytest.fail("it was unpacked"))
    bomb = _archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 30_000_000})

    assert len(bomb) < 60_000
    assert _refused(bomb, tmp_path) == ("unpacks_too_far", {"megabytes": 28})


def test_an_archive_of_many_parts_is_refused(tmp_path):
    parts = {f"xl/{number}": b"" for number in range(limits.MAX_ENTRIES + 1)}

    assert _refused(_archive(parts), tmp_path)[0] == "too_many_parts"


def test_an_archive_that_is_no_workbook_is_refused(tmp_path):
    assert _refused(_archive({"a.txt": b"hello"}), tmp_path)[0] == "broken_workbook"
    assert _refused(as_xlsx(ROWS)[:-30], tmp_path)[0] == "broken_workbook"
    assert _refused(_archive({"xl/workbook.xml": b"<broken"}), tmp_path)[0] == "broken_workbook"


def test_a_locked_workbook_is_refused(tmp_path):
    data = bytearray(as_xlsx(ROWS))
    at = data.find(b"PK\x01\x02")
    flags = struct.unpack_from("<H", data, at + 8)[0]
    struct.pack_into("<H", data, at + 8, flags | 1)

    assert _refused(bytes(data), tmp_path)[0] == "locked_workbook"


def test_a_sheet_that_claims_to_be_immense_ends_the_reader_only(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "READER_MEMORY", 512 * 1024 * 1024)
    book = Workbook()
    book.active["A1"] = "sku"
    book.active["XFD1048576"] = "far away"
    out = io.BytesIO()
    book.save(out)

    code, _facts = _refused(out.getvalue(), tmp_path)

    assert code in {"too_demanding", "too_many_columns", "broken_workbook"}


# --- what spreadsheets do to cells


def test_numbers_of_a_workbook_that_lost_their_zeros_are_put_back_with_a_word(desk):
    header = ["sku", "title", "gtin", "hs_code", "weight_g"]
    run = desk.apply("products", as_xlsx([header, [1001, "Lamp", 12345678905, 40110, 900.0]]))

    assert warnings_of(run) == [
        (2, "sku", "number_as_text"),
        (2, "gtin", "zeros_added"),
        (2, "hs_code", "zeros_added"),
    ]
    from apps.catalog.models import Variant

    variant = Variant.objects.select_related("product").get()
    assert (variant.sku, variant.gtin, variant.weight_g) == ("1001", "012345678905", 900)
    assert variant.product.hs_code == "040110"


def test_dates_that_a_spreadsheet_made_are_named(desk):
    header = ["sku", "title", "option"]
    run = desk.check("products", as_xlsx([header, ["A-1", "Lamp", dt.date(2026, 1, 2)]]))

    assert issues_of(run) == [(2, "option", "became_date")]


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1 234.5", ".", "1234.5"),
        ("1\u00a0234,5", ",", "1234.5"),
        ("12", ",", "12"),
        ("１２．５", ".", "12.5"),
        ("1'234.50", ".", "1234.50"),
    ],
)
def test_amounts_in_the_stated_way(text, mark, value):
    assert cells.amount(mark)(text) == value


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        ("1,5", ".", "other_mark"),
        ("1.5", ",", "other_mark"),
        ("12,34.5", ".", "number"),
        ("1,2345", ".", "other_mark"),
        ("ten", ".", "number"),
        ("1e5", ".", "number"),
        ("NaN", ".", "number"),
        ("-1", ".", "below_zero"),
        ("9" * 30, ".", "number"),
    ],
)
def test_amounts_that_are_not_certain_are_refused(text, mark, code):
    with pytest.raises(CellError) as refused:
        cells.amount(mark)(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.truth, "是", True),
        (cells.truth, "No", False),
        (cells.truth, True, True),
        (cells.country, "cn", "CN"),
        (cells.hs_code, "9405.11", "940511"),
        (cells.gtin, "4006381333931", "4006381333931"),
        (cells.currency, "eur", "EUR"),
        (cells.whole("."), 3.0, 3),
        (cells.whole("."), "1,200", 1200),
    ],
)
def test_cells_that_are_read(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (cells.truth, "maybe", "yes_or_no"),
        (cells.country, "China", "country"),
        (cells.hs_code, "94051", "hs_code"),
        (cells.gtin, "4006381333930", "gtin"),
        (cells.gtin, "4.00638E+12", "shortened"),
        (cells.sku, "6.9E+12", "shortened"),
        (cells.currency, "EURO", "currency"),
        (cells.whole("."), "1.5", "not_whole"),
        (cells.whole("."), "3000000000", "out_of_range"),
        (cells.text(limit=3), "four", "too_long"),
        (cells.text(limit=9), "a\x00b", "unreadable"),
        (cells.text(limit=9), "a\nb", "unreadable"),
        (cells.choice({"a": "a"}), "b", "not_a_choice"),
        (cells.text(limit=9), {"date": "2026-01-02"}, "became_date"),
    ],
)
def test_cells_that_are_refused(parse, cell, code):
    with pytest.raises(CellError) as refused:
        parse(cell)
    assert refused.value.code == code


def test_every_refusal_has_a_sentence_that_fits_its_facts():
    from apps.imports import sentences

    for code, facts in (
        ("number", {"value": "x", "mark": "."}),
        ("too_fine", {"value": "1.5", "currency": "JPY", "digits": 0}),
        ("group_parted", {"value": "L", "row": 4, "limit": 4}),
        ("undo_moved", {"now": 4, "then": 5}),
        ("gate_closed", {"names": "weight_g,hs_code"}),
    ):
        assert "%(" not in sentences.explain(code, facts) != code
    assert isinstance(cells.gtin(12345678905), Warned)


def test_ten_thousand_rows_of_a_workbook_go_the_whole_way(desk):
    header = ["sku", "product", "title", "weight_g", "cost"]
    rows = [[f"S-{n:06}", f"P{n // 2}", f"Lamp {n // 2}", n % 900, 12.5] for n in range(10_000)]

    run = desk.apply("products", as_xlsx([header, *rows]))

    assert counts_of(run) == (10_000, 0, 0, 0)
    assert (run.made_count, run.applied_rows) == (10_000, 10_000)
