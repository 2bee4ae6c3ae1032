"""Lists change in place: no page load, the address follows, and Back shows what was there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

MARK = "window.untouched = true"
IS_UNTOUCHED = "window.untouched === true"


@pytest.fixture
def page(portal, open_as) -> Page:
    """The owner's list of all orders, with a mark that a page load would lose."""
    page = open_as("owner").new_page()
    page.goto("/orders/?view=all")
    page.evaluate(MARK)
    return page


def rows(page: Page) -> list[str]:
    return page.locator("#orders-table tbody tr").evaluate_all("rows => rows.map(row => row.id)")


def test_a_filter_keeps_the_page_and_back_undoes_it(page):
    before = rows(page)
    page.locator("[popovertarget=filter-market]").click()
    page.locator("input[name=market][value=DE]").check()
    page.locator("#filter-market").get_by_role("button", name="Apply").click()

    page.wait_for_url(re.compile(r"market=DE"))
    expect(page.locator("#orders-table tbody tr").first).to_be_visible()
    markets = page.locator("#orders-table .ord .mk-in").all_inner_texts()
    assert set(markets) == {"DE"}
    assert page.evaluate(IS_UNTOUCHED)
    expect(page.locator("[popovertarget=filter-market]")).to_be_focused()
    expect(page.locator("form[data-preference] [name=next]").first).to_have_value(
        re.compile(r"market=DE")
    )

    page.go_back()

    expect(page.locator("[popovertarget=filter-market].on")).to_have_count(0)
    assert rows(page) == before
    assert page.evaluate(IS_UNTOUCHED)


def test_a_tab_changes_the_title_and_keeps_the_focus(page):
    title = page.title()
    tab = page.locator("nav.views a", has_text="Delivered")
    name = tab.get_attribute("id")
    tab.focus()
    page.keyboard.press("Enter")

    expect(page.locator(f"#{name}")).to_have_attribute("aria-current", "page")
    expect(page.locator(f"#{name}")).to_be_focused()
    assert page.title() != title
    expect(page.locator("#told")).to_have_text(page.title())
    assert page.evaluate(IS_UNTOUCHED)


def test_search_sort_and_clear_stay_on_the_page(page):
    page.locator("[data-find]").fill("no such order")
    page.locator("[data-find]").press("Enter")
    expect(page.locator("#orders-table")).to_have_count(0)
    expect(page.locator("[data-find]")).to_be_focused()

    page.locator("a.chip", has_text="Clear").click()
    expect(page.locator("[data-find]")).to_have_value("")
    page.locator("#sort-placed").click()
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    assert page.evaluate(IS_UNTOUCHED)


def test_an_exact_number_opens_its_order(page):
    number = page.locator("#orders-table .ord b").nth(1).inner_text()
    page.locator("[data-find]").fill(number)
    page.locator("[data-find]").press("Enter")
    page.wait_for_url(f"**/orders/{number}/**")

    expect(page.locator("h1")).to_contain_text(number)


def test_ticks_do_not_move_to_other_rows_and_the_new_list_has_its_keys(page):
    page.locator("tbody .ck").first.check()
    page.locator("#sort-placed").click()
    page.wait_for_url(re.compile("sort="))

    expect(page.locator("tbody .ck:checked")).to_have_count(0)
    page.locator("tbody .ck").first.check()
    expect(page.locator("[data-count]")).to_have_text("1")
    assert page.evaluate(IS_UNTOUCHED)


def test_pages_turn_in_place(page):
    page.goto("/orders/?view=all&size=25")
    page.evaluate(MARK)
    first = rows(page)
    page.locator("#page-next").click()
    page.wait_for_url(re.compile("cursor="))
    second = rows(page)
    page.go_back()
    expect(page.locator("#orders-table tbody tr").first).to_have_id(first[0])

    assert set(first) & set(second) == set()
    assert page.evaluate(IS_UNTOUCHED)


def test_back_from_an_order_shows_the_filtered_list(page):
    page.locator("nav.views a", has_text="Delivered").click()
    page.wait_for_url(re.compile("view=delivered"))
    shown = rows(page)
    page.locator("#orders-table .ord a").first.click()
    page.wait_for_url(re.compile(r"/orders/[^?]"))
    page.go_back()
    page.wait_for_url(re.compile("view=delivered"))

    assert rows(page) == shown


def test_somebody_who_was_signed_out_is_led_to_sign_in(page):
    # The stream stands before the person is gone, or its browser complains of the sign-in page.
    page.goto("about:blank")
    with page.expect_response(re.compile(r"/live/$")):
        page.goto("/orders/?view=all")
    page.context.clear_cookies()
    page.locator("nav.views a", has_text="Delivered").click()

    page.wait_for_url(re.compile("/accounts/login/"))
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("/products/", "Sold out"),
        ("/shipping/", "Under way"),
        ("/jobs/", "Done"),
        ("/finance/lines/", "Fees"),
    ],
)
def test_every_list_with_tabs_swaps(page, path, tab):
    page.goto(path)
    page.evaluate(MARK)
    link = page.locator("nav.views a", has_text=tab).first
    name = link.get_attribute("id")
    link.click()

    expect(page.locator(f"#{name}")).to_have_attribute("aria-current", "page")
    assert page.evaluate(IS_UNTOUCHED)


def test_lists_work_without_scripts(portal, open_as):
    page = open_as("owner", has_scripts=False).new_page()
    page.goto("/orders/?view=all")
    page.locator("nav.views a", has_text="Delivered").click()

    expect(page.locator("nav.views a[aria-current=page]")).to_contain_text("Delivered")
