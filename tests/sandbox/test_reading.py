"""Which rows of an order file become lines, and why the others do not."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from apps.common.errors import DomainError
from apps.sandbox.replay.reading import read_file
from apps.sandbox.replay.reference import buyer_for, find_country, known_countries

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
GOOD = "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom"


def write(tmp_path, *rows, name="orders.csv"):
    path = tmp_path / name
    text = "\n".join([HEADER, *rows]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def test_a_good_row_becomes_a_line(tmp_path):
    file = read_file(write(tmp_path, GOOD))

    row = file.invoices["536365"][0]
    assert (row.number, row.sku, row.quantity, row.unit_price_minor) == (2, "85123A", 6, 255)
    assert (row.placed_at, row.customer, row.country) == (
        datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        "17850",
        "GB",
    )
    assert (file.row_count, file.accepted_count) == (1, 1)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (0, "C536365", "cancellation"),
        (0, "", "invoice"),
        (1, "", "stock_code"),
        (2, "  ", "description"),
        (3, "0", "quantity"),
        (3, "-3", "quantity"),
        (3, "2.5", "quantity"),
        (3, "9999999", "quantity"),
        (4, "yesterday", "date"),
        (5, "-1.00", "price"),
        (5, "NaN", "price"),
        (5, "free", "price"),
        (7, "Unspecified", "country"),
        (7, "Atlantis", "country"),
        (7, "", "country"),
    ],
)
def test_a_bad_row_is_rejected_with_its_number_and_reason(tmp_path, column, value, reason):
    cells = GOOD.split(",")
    cells[column] = value

    file = read_file(write(tmp_path, GOOD, ",".join(cells)))

    assert [(row.number, row.reason) for row in file.rejected] == [(3, reason)]
    assert (file.row_count, file.accepted_count) == (2, 1)


def test_a_row_with_too_few_cells_is_rejected(tmp_path):
    assert read_file(write(tmp_path, "536365,85123A")).rejected[0].reason == "columns"


def test_prices_round_half_up_and_may_be_zero(tmp_path):
    rows = [GOOD.replace("2.55", price) for price in ("0.0", "1.005", "0.001")]

    prices = [row.unit_price_minor for row in read_file(write(tmp_path, *rows)).invoices["536365"]]

    assert prices == [0, 101, 0]


def test_a_compressed_file_reads_the_same(tmp_path):
    plain = read_file(write(tmp_path, GOOD))

    assert read_file(write(tmp_path, GOOD, name="orders.csv.gz")) == plain


def test_a_file_of_another_layout_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,name\n1,x\n")

    with pytest.raises(DomainError) as caught:
        read_file(path)

    assert caught.value.code == "replay.columns"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DomainError) as caught:
        read_file(tmp_path / "none.csv")

    assert caught.value.code == "replay.no_file"


@pytest.mark.parametrize(
    ("name", "code"),
    [("EIRE", "IE"), ("Channel Islands", "JE"), ("united kingdom", "GB"), ("Japan", "JP")],
)
def test_country_names_of_the_file_are_known(name, code):
    assert find_country(name) == code


def test_a_customer_number_always_gives_the_same_buyer():
    for country in known_countries():
        assert buyer_for("17850", "536365", country) == buyer_for("17850", "536366", country)
