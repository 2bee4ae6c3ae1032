"""The stock pages: what stands, what lasts, why, and what people change."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.dashboard.selectors import stock_list, stock_page
from apps.inventory import hot
from apps.inventory.models import StockAdjustment, StockBalance
from apps.inventory.selectors import find_balance
from apps.merchants.models import Role
from tests.dashboard.conftest import ACTOR, sign_in_as
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.inventory import NodeFactory, put_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku(world):
    """The variant of the world's product, its place, and its balance."""
    with scope(merchant=world.merchant):
        found = StockBalance.objects.select_related("variant", "node")
        return found.get(variant__product=world.product)


def adjust(client, balance, **changes):
    body = {
        "move": "damage:available:damaged",
        "node": balance.node.public_id,
        "quantity": "3",
        "note": "Fell from the shelf",
        "reference": "frm_A",
        **changes,
    }
    return client.post(reverse("dashboard:stock_adjust", args=[balance.variant.public_id]), body)


class TestList:
    def test_a_row_says_what_stands_comes_sells_and_lasts(self, world, sku):
        with scope(merchant=world.merchant):
            StockBalance.objects.filter(pk=sku.pk).update(inbound=5, in_transit=2, damaged=1)
            page = stock_list.page_of_stock(world.merchant, stock_list.ListState(), now=utc_now())
        [line] = [row for row in page.rows if row.variant == sku.variant]

        assert (line.on_hand, line.available, line.reserved, line.coming) == (101, 98, 2, 7)
        assert (line.sold, str(line.per_day), line.days_left) == (2, "0.1", 1372)

    def test_units_in_buckets_count(self, client, world, sku, now):
        with scope(merchant=world.merchant):
            hot.heat_balances(world.merchant, variants=[sku.variant], actor=ACTOR, now=now)
            for view, shown in (("all", True), ("low", False)):
                state = stock_list.ListState(view=view)
                page = stock_list.page_of_stock(world.merchant, state, now=now)
                lines = [row for row in page.rows if row.variant == sku.variant]
                assert [row.available for row in lines] == ([98] if shown else [])
            balance = find_balance(world.merchant, sku.variant, sku.node)
            assert stock_page.tell_story(world.merchant, balance).rows[0].figures[0] == (98, -2)
        adjust(client, sku)

        page = client.get(reverse("dashboard:stock_sku", args=[sku.variant.public_id]))
        assert page.context["line"].available == 95

    def test_a_page_costs_three_statements_for_any_number_of_rows(
        self, world, now, django_assert_num_queries
    ):
        product = ProductFactory(merchant=world.merchant)
        for _count in range(6):
            put_stock(VariantFactory(product=product), 3, now=now)

        with scope(merchant=world.merchant), django_assert_num_queries(3):
            page = stock_list.page_of_stock(world.merchant, stock_list.ListState(), now=now)
            assert len(page.rows) == 8

    @pytest.mark.parametrize(
        ("view", "skus"), [("all", {"FEW", "NONE"}), ("low", {"FEW", "NONE"}), ("out", {"NONE"})]
    )
    def test_views_narrow_to_what_runs_out(self, world, now, view, skus):
        product = ProductFactory(merchant=world.merchant)
        few = VariantFactory(product=product, sku="FEW")
        VariantFactory(product=product, sku="NONE")
        put_stock(few, 10, now=now)
        with scope(merchant=world.merchant):
            state = stock_list.ListState(view=view)
            found = stock_list.page_of_stock(world.merchant, state, now=now)

        names = {row.variant.sku for row in found.rows}
        assert {name for name in names if name in {"FEW", "NONE"}} == skus
        assert view == "all" or names == skus

    def test_a_place_narrows_figures_and_rows(self, client, world, sku, now):
        elsewhere = NodeFactory(merchant=world.merchant)
        put_stock(sku.variant, 5, now=now, node=elsewhere)
        with scope(merchant=world.merchant):
            state = stock_list.ListState(node=elsewhere.public_id)
            [line] = stock_list.page_of_stock(world.merchant, state, now=now).rows

        assert (line.variant, line.available, line.sold) == (sku.variant, 5, 0)

    def test_search_finds_by_the_words_of_products(self, client, sku):
        found = client.get(reverse("dashboard:stock"), {"q": sku.variant.sku})
        nothing = client.get(reverse("dashboard:stock"), {"q": "nothing-like-this"})

        assert sku.variant.sku in found.content.decode()
        assert "No SKU matches" in nothing.content.decode()

    def test_the_export_has_the_columns_of_the_page(self, client, sku):
        answer = client.post(reverse("dashboard:stock_export"), {"form": "csv"})

        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0] == ("SKU,Product,On hand,Available,Reserved,Coming,Sells a day,Days left")
        assert f"{sku.variant.sku},{sku.variant.product.title},100,98,2,0,0.1,1372" in lines


class TestByHand:
    def test_units_move_with_reason_and_note_and_the_history_says_so(self, client, world, sku):
        adjust(client, sku)
        adjust(client, sku)

        sku.refresh_from_db()
        assert (sku.available, sku.damaged) == (95, 3)
        args = [sku.variant.public_id, sku.node.public_id]
        page = client.get(reverse("dashboard:stock_history", args=args)).content.decode()
        assert "Fell from the shelf" in page
        assert "Available → Damaged" in page
        assert "Lin Yuan" in page

    def test_more_than_there_is_says_how_many_there_are(self, client, sku):
        answer = adjust(client, sku, quantity="99")

        assert answer.status_code == 409
        assert "Only 98 are there." in answer.content.decode()

    @pytest.mark.parametrize(
        "changes", [{"move": "order:available:reserved"}, {"quantity": "0"}, {"node": "nod_X"}]
    )
    def test_what_the_form_does_not_offer_is_refused(self, client, sku, changes):
        assert adjust(client, sku, **changes).status_code == 422
        assert not StockAdjustment._base_manager.exists()

    def test_units_go_to_another_place(self, client, world, sku):
        there = NodeFactory(merchant=world.merchant)
        body = {
            "source": sku.node.public_id,
            "target": there.public_id,
            "quantity": "40",
            "reference": "frm_T",
        }
        client.post(reverse("dashboard:stock_transfer", args=[sku.variant.public_id]), body)

        sku.refresh_from_db()
        assert sku.available == 58
        with scope(merchant=world.merchant):
            assert StockBalance.objects.get(node=there).in_transit == 40


class TestCount:
    def _count(self, client, balance, figure, **changes):
        body = {
            "node": balance.node.public_id,
            f"count-{balance.variant.public_id}": figure,
            "note": "November",
            "reference": "frm_C",
            **changes,
        }
        return client.post(reverse("dashboard:stock_count"), body)

    def test_figures_are_set_and_empty_rows_stay(self, client, world, sku):
        answer = self._count(client, sku, "90", **{"count-": ""})

        sku.refresh_from_db()
        assert (answer.status_code, sku.available, sku.reserved) == (302, 90, 2)

    @pytest.mark.parametrize("figure", ["-1", "many", "9999999999", "1.5"])
    def test_what_is_not_a_number_of_units_changes_nothing(self, client, sku, figure):
        answer = self._count(client, sku, figure)

        sku.refresh_from_db()
        assert (answer.status_code, sku.available) == (422, 98)

    def test_an_empty_sheet_asks_for_a_figure(self, client, sku):
        assert self._count(client, sku, "").status_code == 422

    def test_the_sku_or_place_of_another_company_is_not_there(self, client, world, rival, sku):
        with scope(merchant=rival.merchant):
            foreign = StockBalance.objects.select_related("variant", "node").first()

        assert self._count(client, foreign, "5", node=sku.node.public_id).status_code == 404
        assert self._count(client, sku, "5", node=foreign.node.public_id).status_code == 404


class TestHistory:
    def test_figures_after_each_movement_lead_back_to_nothing(self, client, world, sku):
        adjust(client, sku)
        with scope(merchant=world.merchant):
            sku.refresh_from_db()
            story = stock_page.tell_story(world.merchant, sku)

        assert story.columns == ("Available", "Reserved", "Damaged")
        assert [(told.what, told.figures) for told in story.rows] == [
            ("Damaged", ((95, -3), (2, 0), (3, 3))),
            ("Reserved for an order", ((98, -2), (2, 2), (0, 0))),
            ("Received", ((100, 100), (0, 0), (0, 0))),
        ]

    def test_a_movement_leads_to_its_order(self, client, world, sku):
        with scope(merchant=world.merchant):
            story = stock_page.tell_story(world.merchant, sku)
        [reserved] = [told for told in story.rows if told.order_number]

        assert reserved.url == reverse("dashboard:order", args=[reserved.order_number])

    def test_pages_go_on_with_the_same_figures(self, world, sku, now, django_assert_num_queries):
        node, variant = sku.node, sku.variant
        for units in (1, 2, 3):
            put_stock(variant, units, now=now, node=node)
        with scope(merchant=world.merchant):
            sku.refresh_from_db()
            whole = stock_page.tell_story(world.merchant, sku)
            first = stock_page.tell_story(world.merchant, sku, size=2)
            with django_assert_num_queries(4):
                cursor = first.page.next_cursor
                second = stock_page.tell_story(world.merchant, sku, cursor=cursor, size=2)

        assert [told.step for told in (*first.rows, *second.rows)] == [
            told.step for told in whole.rows[:4]
        ]

    def test_a_place_where_nothing_stood_has_an_empty_history(self, client, world, sku):
        empty = NodeFactory(merchant=world.merchant)
        args = [sku.variant.public_id, empty.public_id]

        page = client.get(reverse("dashboard:stock_history", args=args))

        assert "Nothing has moved here yet" in page.content.decode()


def test_people_of_the_warehouse_see_stock_but_not_products(world, sku):
    client = sign_in_as(world, Role.WAREHOUSE)
    page = client.get(reverse("dashboard:stock_sku", args=[sku.variant.public_id]))

    assert page.status_code == 200
    assert reverse("dashboard:product", args=[world.product.public_id]) not in page.content.decode()


class TestShares:
    def test_the_page_says_why_only_some_may_be_sold(self, client, sku):
        args = [sku.variant.public_id]
        client.post(reverse("dashboard:stock_keep", args=args), {"units": "5", "scope": "sku"})
        aside = {"market": "DE", "channel": "live", "mode": "manual", "amount": "81"}
        client.post(reverse("dashboard:stock_aside", args=args), aside)

        page = client.get(reverse("dashboard:stock_sku", args=args)).content.decode()

        assert "12 of 98 available" in page
        assert "5 kept back" in page
        assert "81 set aside" in page

    def test_an_allocation_is_changed_and_removed(self, client, world, sku):
        url = reverse("dashboard:stock_aside", args=[sku.variant.public_id])
        for amount in ("10", "30"):
            client.post(url, {"market": "DE", "mode": "dynamic", "amount": amount})
        with scope(merchant=world.merchant):
            [share, others] = stock_page.list_shares(world.merchant, sku.variant)
        assert (share.amount, share.found.units, others.found.units) == (30, 29, 69)

        client.post(url, {"remove": "DE/"})
        with scope(merchant=world.merchant):
            assert len(stock_page.list_shares(world.merchant, sku.variant)) == 1

    @pytest.mark.parametrize(
        "body",
        [{"mode": "manual", "amount": "1"}, {"market": "DE", "mode": "shared", "amount": "1"}],
    )
    def test_what_makes_no_sense_is_said(self, client, sku, body):
        url = reverse("dashboard:stock_aside", args=[sku.variant.public_id])

        assert client.post(url, body).status_code == 422
