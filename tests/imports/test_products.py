"""Products from a sheet: made, changed, grouped, undone – and never half."""

from __future__ import annotations

import pytest

from apps.catalog import services as catalog
from apps.catalog.models import Product, Variant
from apps.catalog.search.finding import Wanted, find_products
from apps.common.clock import utc_now
from apps.imports.states import ImportStatus
from apps.journal.models import JournalEntry
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.imports.conftest import counts_of, issues_of

HEADER = ["SKU", "Product ID or group", "Title", "Option", "Weight in grams", "Cost", "On offer"]


def _row(sku: str, group: str = "", title: str = "Lamp", **more: str) -> list[str]:
    keys = ("option", "weight", "cost", "offer")
    return [sku, group, title, *(more.get(key, "") for key in keys)]


def test_rows_with_one_word_become_one_product(desk):
    sheet = [
        HEADER,
        _row("A-1", "LAMP", "Rattan lamp", option="Small", weight="900", cost="61.50"),
        _row("A-2", "LAMP", "", option="Large", weight="1450"),
        _row("B-1", "", "Vase"),
    ]

    run = desk.apply("products", sheet)

    assert counts_of(run) == (3, 0, 0, 0)
    assert (run.status, run.made_count) == (ImportStatus.APPLIED, 3)
    lamp = Product.objects.get(title="Rattan lamp")
    assert list(lamp.variants.order_by("sku").values_list("sku", "option", "weight_g")) == [
        ("A-1", "Small", 900),
        ("A-2", "Large", 1450),
    ]
    assert Variant.objects.get(sku="A-1").cost_minor == 6150
    assert Product.objects.count() == 2


def test_a_dry_run_changes_nothing(desk):
    before = JournalEntry.objects.filter(event="product.created").count()

    run = desk.check("products", [HEADER, _row("A-1")])

    assert run.status == ImportStatus.CHECKED
    assert counts_of(run) == (1, 0, 0, 0)
    assert Product.objects.count() == 0
    assert JournalEntry.objects.filter(event="product.created").count() == before


def test_empty_cells_leave_what_is_there(desk):
    variant = VariantFactory(product__merchant=desk.merchant, sku="A-1", option="Small")

    run = desk.apply("products", [HEADER, _row("A-1", title="", weight="2000")])

    assert counts_of(run) == (0, 1, 0, 0)
    variant.refresh_from_db()
    assert (variant.option, variant.weight_g, variant.cost_minor) == ("Small", 2000, 6100)


def test_the_word_for_empty_clears_a_cell(desk):
    variant = VariantFactory(product__merchant=desk.merchant, sku="A-1", option="Small")

    desk.apply("products", [HEADER, _row("A-1", title="", option="(empty)")])

    variant.refresh_from_db()
    assert variant.option == ""


def test_the_journal_names_what_changed_and_who_did_it(desk):
    variant = VariantFactory(product__merchant=desk.merchant, sku="A-1")

    desk.apply("products", [HEADER, _row("A-1", title="New name", weight="2000")])

    facts = {
        entry.subject_id: (entry.event, entry.payload["before"], entry.actor)
        for entry in JournalEntry.objects.filter(event__endswith=".changed")
    }
    assert facts == {
        variant.product.public_id: (
            "product.changed",
            {"title": "Rattan pendant lamp"},
            "user:usr_TEST",
        ),
        variant.public_id: ("variant.changed", {"weight_g": 1450}, "user:usr_TEST"),
    }


def test_only_good_rows_are_applied(desk):
    sheet = [
        HEADER,
        _row("A-1"),
        _row("A-2", weight="heavy"),
        _row("A-1", title="Again"),
        _row("", title="No SKU"),
        _row("A-3", title=""),
        _row("A-4", group="prd_UNKNOWN"),
    ]

    run = desk.apply("products", sheet)

    assert counts_of(run) == (1, 0, 0, 5)
    assert issues_of(run) == [
        (3, "weight_g", "number"),
        (4, "sku", "duplicate"),
        (5, "sku", "missing"),
        (6, "title", "title_missing"),
        (7, "product", "unknown_product"),
    ]
    assert list(Variant.objects.values_list("sku", flat=True)) == ["A-1"]


def test_wrong_rows_can_be_downloaded_as_they_came_with_the_reason(desk):
    run = desk.check("products", [HEADER, _row("A-1"), _row("A-2", weight="heavy")])

    text = run.problems_file.read().decode("utf-8-sig")

    assert text.splitlines() == [
        ",".join([*HEADER, "What is wrong"]),
        "A-2,,Lamp,,heavy,,"
        ',"Row 3, Weight in grams: “heavy” is not a number. Write it with “.” as decimal mark."',
    ]


def test_rows_of_one_product_that_differ_are_named(desk):
    sheet = [HEADER, _row("A-1", "L", "Lamp"), _row("A-2", "L", "Other")]

    run = desk.check("products", sheet)

    assert issues_of(run) == [(3, "title", "differs")]


def test_parted_rows_of_one_product_are_named(desk):
    sheet = [HEADER, _row("A-1", "L"), _row("B-1"), _row("A-2", "L")]

    run = desk.check("products", sheet)

    assert issues_of(run) == [(4, "product", "group_parted")]


def test_a_sku_never_moves_to_another_product(desk):
    VariantFactory(product__merchant=desk.merchant, sku="A-1")
    other = VariantFactory(product__merchant=desk.merchant, sku="B-1")

    run = desk.check("products", [HEADER, _row("A-1", other.product.public_id, title="")])

    assert issues_of(run) == [(2, "product", "other_product")]


def test_the_last_variant_on_offer_stays(desk):
    VariantFactory(product__merchant=desk.merchant, sku="A-1")

    run = desk.check("products", [HEADER, _row("A-1", title="", offer="no")])

    assert issues_of(run) == [(2, "is_active", "last_variant")]


def test_another_companys_sku_is_a_new_one_here(desk, stranger):
    theirs = VariantFactory(product__merchant=stranger, sku="A-1", weight_g=5)

    run = desk.apply("products", [HEADER, _row("A-1", weight="77")])

    assert counts_of(run) == (1, 0, 0, 0)
    theirs.refresh_from_db()
    assert theirs.weight_g == 5


def test_another_companys_product_cannot_be_joined(desk, stranger):
    theirs = VariantFactory(product__merchant=stranger, sku="A-1")

    run = desk.check("products", [HEADER, _row("N-1", theirs.product.public_id)])

    assert issues_of(run) == [(2, "product", "unknown_product")]
    assert counts_of(run) == (0, 0, 0, 1)


def test_facts_that_were_missing_put_a_refused_listing_on_sale(desk):
    listing = ListingFactory(
        variant__product__merchant=desk.merchant,
        variant__sku="A-1",
        variant__weight_g=0,
        status="rejected",
        refusal="missing:weight_g",
    )

    desk.apply("products", [HEADER, _row("A-1", title="", weight="900")])

    listing.refresh_from_db()
    assert (listing.status, listing.refusal) == ("live", "")


def test_undo_removes_what_was_made_and_restores_what_changed(desk):
    old = VariantFactory(product__merchant=desk.merchant, sku="OLD", weight_g=10)
    sheet = [HEADER, _row("NEW", title="Vase"), _row("OLD", title="Renamed", weight="20")]
    run = desk.apply("products", sheet)

    run = desk.undo(run)

    old.refresh_from_db()
    old.product.refresh_from_db()
    assert (old.weight_g, old.product.title) == (10, "Rattan pendant lamp")
    assert list(Variant.objects.values_list("sku", flat=True)) == ["OLD"]
    assert Product.objects.count() == 1
    assert (run.status, run.not_restored_count) == (ImportStatus.UNDONE, 0)
    removed = JournalEntry.objects.filter(event__in=["product.removed", "variant.removed"])
    assert removed.count() == 2


def test_what_an_undo_takes_away_is_found_no_more(desk):
    old = VariantFactory(product__merchant=desk.merchant, sku="OLD")
    sheet = [HEADER, _row("ADDED", old.product.public_id, "")]
    run = desk.apply("products", sheet)
    assert find_products(desk.merchant, Wanted("ADDED")).ids == [old.product_id]

    desk.undo(run)

    assert find_products(desk.merchant, Wanted("ADDED")).ids == []
    assert find_products(desk.merchant, Wanted("OLD")).ids == [old.product_id]


def test_undo_keeps_what_somebody_changed_or_uses_since(desk, actor):
    VariantFactory(product__merchant=desk.merchant, sku="OLD", weight_g=10)
    sheet = [HEADER, _row("SOLD", title="Vase"), _row("OLD", title="", weight="20")]
    run = desk.apply("products", sheet)
    ListingFactory(variant=Variant.objects.get(sku="SOLD"))
    catalog.update_variant(
        Variant.objects.get(sku="OLD"), {"weight_g": 30}, actor=actor, now=utc_now()
    )

    run = desk.undo(run)

    assert issues_of(run, "undo") == [(2, "", "undo_used"), (3, "", "undo_changed")]
    assert Variant.objects.get(sku="OLD").weight_g == 30
    assert Variant.objects.filter(sku="SOLD").exists()


def test_an_import_can_be_undone_for_seven_days_only(desk, time_machine):
    from datetime import timedelta

    from apps.common.errors import DomainError

    run = desk.apply("products", [HEADER, _row("A-1")])
    time_machine.move_to(utc_now() + timedelta(days=7, seconds=1))

    with pytest.raises(DomainError) as refused:
        desk.undo(run)
    assert refused.value.code == "imports.too_late"
