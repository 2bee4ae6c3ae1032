"""Prices per market and stock per place from a sheet."""

from __future__ import annotations

import pytest

from apps.catalog import services as catalog
from apps.catalog.models import Listing
from apps.catalog.services import PriceDraft
from apps.common.clock import utc_now
from apps.imports.states import ImportStatus
from apps.inventory import services as inventory
from apps.inventory.models import StockBalance, StockPosting
from apps.inventory.selectors import find_wrong_balances
from apps.journal.models import JournalEntry
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.markets import MarketFactory
from tests.imports.conftest import counts_of, issues_of, warnings_of

PRICES = ["SKU", "Market", "Price"]
STOCK = ["SKU", "Place", "Available"]


@pytest.fixture
def variant(desk):
    """A variant with complete customs facts."""
    return VariantFactory(product__merchant=desk.merchant, sku="A-1")


@pytest.fixture
def markets(db):
    """Germany, Japan and the United States."""
    return (
        MarketFactory(code="DE"),
        MarketFactory(code="JP", currency="JPY", locale="ja_JP"),
        MarketFactory(code="US", currency="USD", locale="en_US"),
    )


def test_prices_go_live_in_the_currency_of_their_market(desk, variant, markets):
    sheet = [PRICES, ["A-1", "DE", "49.90"], ["A-1", "JP", "7,900"], ["A-1", "us", "55"]]

    run = desk.apply("prices", sheet)

    assert counts_of(run) == (3, 0, 0, 0)
    found = Listing.objects.order_by("market__code")
    assert list(found.values_list("market__code", "price_minor", "currency", "status")) == [
        ("DE", 4990, "EUR", "live"),
        ("JP", 7900, "JPY", "live"),
        ("US", 5500, "USD", "live"),
    ]


def test_the_gate_of_a_listing_holds_for_a_sheet_too(desk, variant, markets):
    variant.weight_g = 0
    variant.save()

    run = desk.apply("prices", [PRICES, ["A-1", "DE", "49.90"]])

    assert warnings_of(run) == [(2, "sku", "gate_closed")]
    listing = Listing.objects.get()
    assert (listing.status, listing.refusal) == ("rejected", "missing:weight_g")


def test_the_audit_answers_who_changed_a_price(desk, variant, markets):
    listing = ListingFactory(variant=variant, market=markets[0], price_minor=4900)

    run = desk.apply("prices", [PRICES, ["A-1", "DE", "52.00"]])

    assert counts_of(run) == (0, 1, 0, 0)
    entry = JournalEntry.objects.get(event="listing.priced", subject_id=listing.public_id)
    assert (entry.actor, entry.payload["price_minor"]) == ("user:usr_TEST", 5200)


def test_wrong_prices_are_named_and_not_applied(desk, variant, markets):
    VariantFactory(product__merchant=desk.merchant, sku="GONE", is_active=False)
    sheet = [
        PRICES,
        ["A-1", "DE", "0"],
        ["A-1", "JP", "10.5"],
        ["A-1", "XX", "10"],
        ["NONE", "DE", "10"],
        ["GONE", "DE", "10"],
        ["A-1", "US", "-3"],
    ]

    run = desk.check("prices", sheet)

    assert issues_of(run) == [
        (2, "price", "price_zero"),
        (3, "price", "too_fine"),
        (4, "market", "unknown_market"),
        (5, "sku", "unknown_sku"),
        (6, "sku", "withdrawn"),
        (7, "price", "below_zero"),
    ]


def test_undo_of_prices_restores_and_takes_new_ones_off_sale(desk, variant, markets):
    old = ListingFactory(variant=variant, market=markets[0], price_minor=4900)
    run = desk.apply("prices", [PRICES, ["A-1", "DE", "52"], ["A-1", "US", "60"]])

    run = desk.undo(run)

    old.refresh_from_db()
    assert (old.price_minor, old.status) == (4900, "live")
    assert Listing.objects.get(market=markets[2]).status == "removed"
    assert (run.restored_count, run.not_restored_count) == (2, 0)


def test_undo_leaves_a_price_that_somebody_changed_since(desk, variant, markets, actor):
    run = desk.apply("prices", [PRICES, ["A-1", "DE", "52"]])
    catalog.list_in_markets(
        [PriceDraft(variant, markets[0], 5900)],
        merchant=desk.merchant,
        actor=actor,
        now=utc_now(),
    )

    run = desk.undo(run)

    assert issues_of(run, "undo") == [(2, "", "undo_changed")]
    assert Listing.objects.get().price_minor == 5900


def test_stock_is_set_by_postings_with_their_reason(desk, variant):
    node = NodeFactory(merchant=desk.merchant, code="MAIN")
    put_stock(variant, 10, now=utc_now(), node=node)

    run = desk.apply("stock", [STOCK, ["A-1", "MAIN", "7"]])

    assert counts_of(run) == (0, 1, 0, 0)
    balance = StockBalance.objects.get()
    assert balance.available == 7
    posting = StockPosting.objects.get(reason="import")
    assert (posting.from_disposition, posting.to_disposition, posting.quantity) == (
        "available",
        "",
        3,
    )
    assert posting.reference == f"import:{run.public_id}:{balance.pk}"
    assert find_wrong_balances(desk.merchant) == []


def test_the_only_place_need_not_be_named(desk, variant):
    NodeFactory(merchant=desk.merchant, code="MAIN")

    run = desk.apply("stock", [["SKU", "Available"], ["A-1", "12"]])

    assert run.status == ImportStatus.APPLIED
    assert StockBalance.objects.get().available == 12


def test_wrong_stock_is_named(desk, variant):
    NodeFactory(merchant=desk.merchant, code="MAIN")
    NodeFactory(merchant=desk.merchant, code="US-1")
    sheet = [STOCK, ["A-1", "", "1"], ["A-1", "X", "1"], ["N", "MAIN", "1"], ["A-1", "MAIN", "1.5"]]

    run = desk.check("stock", sheet)

    assert issues_of(run) == [
        (2, "node", "node_missing"),
        (3, "node", "unknown_node"),
        (4, "sku", "unknown_sku"),
        (5, "available", "not_whole"),
    ]


def test_undo_of_stock_restores_only_where_no_unit_moved(desk, variant, actor):
    node = NodeFactory(merchant=desk.merchant, code="MAIN")
    other = VariantFactory(product__merchant=desk.merchant, sku="B-1")
    put_stock(variant, 10, now=utc_now(), node=node)
    run = desk.apply("stock", [STOCK, ["A-1", "MAIN", "50"], ["B-1", "MAIN", "5"]])
    inventory.set_available(
        desk.merchant,
        node=node,
        variant=other,
        quantity=4,
        reason="count",
        actor=actor,
        now=utc_now(),
    )

    run = desk.undo(run)

    assert issues_of(run, "undo") == [(3, "", "undo_moved")]
    assert dict(StockBalance.objects.values_list("variant__sku", "available")) == {
        "A-1": 10,
        "B-1": 4,
    }
    assert find_wrong_balances(desk.merchant) == []


def test_undo_of_a_price_gives_it_back_to_its_rule(desk, variant, markets):
    basis = {"rate": "0.128"}
    by_rule = ListingFactory(
        variant=variant,
        market=markets[0],
        price_minor=4900,
        currency="EUR",
        price_source=Listing.PriceSource.RULE,
        price_basis=basis,
    )
    run = desk.apply("prices", [PRICES, ["A-1", "DE", "52.00"]])
    by_rule.refresh_from_db()
    assert (by_rule.price_minor, by_rule.price_source) == (5200, "explicit")

    desk.undo(run)

    by_rule.refresh_from_db()
    assert (by_rule.price_minor, by_rule.price_source) == (4900, "rule")
    assert by_rule.price_basis == basis
