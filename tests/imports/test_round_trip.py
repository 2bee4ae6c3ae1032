"""What is exported can be imported again unchanged, whatever stands in it."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from apps.catalog.models import Listing, Product, Variant
from apps.common.clock import utc_now
from apps.common.sheets import FORMULA_STARTS, defuse, restore
from apps.imports import exporting
from apps.imports.reading import rows as reading
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.markets import MarketFactory
from tests.imports.conftest import counts_of, issues_of

# What a sheet can hold of a text, and what people type into titles and options.
TEXT = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" ,;\"'=+-@"), max_size=40
).map(str.strip)


def _export(desk, kind: str, form: str) -> bytes:
    out = io.BytesIO()
    keys = list(Product.objects.filter(merchant=desk.merchant).values_list("pk", flat=True))
    chunks = [keys[at : at + 2] for at in range(0, len(keys), 2)]
    for _count in exporting.write_sheet(
        out, chunks, merchant=desk.merchant, kind=kind, form=form, has_cost=True
    ):
        pass
    return out.getvalue()


@pytest.fixture
def shop(desk, monkeypatch):
    """Products with awkward texts, prices in two markets, stock at two places."""
    monkeypatch.setattr(reading, "CHUNK", 3)
    nodes = [NodeFactory(merchant=desk.merchant, code=code) for code in ("MAIN", "US-1")]
    germany, japan = MarketFactory(code="DE"), MarketFactory(code="JP", currency="JPY")
    titles = ('=HYPERLINK("x")', 'Lamp, "large"; 大号', "'quoted", "-5 °C bag", "Vase", "@home")
    for number, title in enumerate(titles):
        product = ProductFactory(
            merchant=desk.merchant, title=title, description="Line one\nLine two", hs_code="040110"
        )
        for option in ("S", "L"):
            variant = VariantFactory(
                product=product, sku=f"00{number}-{option}", option=option, gtin="0012345678905"
            )
            ListingFactory(variant=variant, market=germany, price_minor=4990 + number)
            ListingFactory(
                variant=variant, market=japan, price_minor=7900, currency="JPY", model="overseas"
            )
            for node in nodes:
                put_stock(variant, 5 + number, now=utc_now(), node=node)
    return desk


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("kind", "count"), [("products", 12), ("prices", 24), ("stock", 24)])
def test_an_export_comes_back_unchanged(shop, kind, count, form):
    run = shop.check(kind, _export(shop, kind, form))

    assert issues_of(run) == []
    assert counts_of(run) == (0, 0, count, 0)
    assert run.warning_count == 0


def test_an_export_in_chinese_comes_back_too(shop):
    from django.utils import translation

    with translation.override("zh-hans"):
        data = _export(shop, "prices", "csv")

    assert counts_of(shop.check("prices", data)) == (0, 0, 24, 0)


def test_only_the_edited_cell_is_changed(shop):
    text = _export(shop, "prices", "csv").decode("utf-8-sig").replace("49.92", "51.10", 1)

    run = shop.apply("prices", text.encode())

    assert counts_of(run) == (0, 1, 23, 0)
    assert Listing.objects.filter(price_minor=5110).count() == 1


def test_no_cell_of_an_export_runs(shop):
    book = load_workbook(io.BytesIO(_export(shop, "products", "xlsx")))
    text = _export(shop, "products", "csv").decode("utf-8-sig")

    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not any(str(cell.value).startswith(FORMULA_STARTS) for cell in cells)
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_formulas_of_an_import_are_plain_text(desk):
    desk.apply("products", [["sku", "title"], ["A-1", "=1+1"], ["A-2", "'=1+1"]])

    assert list(Product.objects.order_by("pk").values_list("title", flat=True)) == ["=1+1", "=1+1"]


@given(st.text(max_size=30))
def test_defused_text_never_starts_a_formula_and_can_be_restored(text):
    assert not defuse(text).startswith(FORMULA_STARTS)
    assert restore(defuse(text)) == text


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    title=TEXT.filter(bool),
    option=TEXT,
    weight=st.integers(0, 100_000),
    cost=st.integers(0, 10**9),
    form=st.sampled_from(["csv", "xlsx"]),
)
def test_any_product_comes_back_unchanged(desk, title, option, weight, cost, form):
    Variant.objects.all().delete()
    Product.objects.all().delete()
    product = ProductFactory(merchant=desk.merchant, title=title)
    VariantFactory(product=product, sku="A-1", option=option, weight_g=weight, cost_minor=cost)

    run = desk.check("products", _export(desk, "products", form))

    assert issues_of(run) == []
    assert counts_of(run) == (0, 0, 1, 0)
