"""A flash sale from Home: its warning, its mending, its publishing; a voucher with drawn codes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_walk import sign_in

pytestmark = pytest.mark.browser


def start_flash_sale(page: Page, percent: str) -> None:
    """Fill in a flash sale of one lamp in Germany."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Promotions").click()
    page.get_by_role("link", name="New promotion").click()
    page.get_by_role("navigation", name="Kind").get_by_role("link", name="Flash sale").click()
    page.get_by_label("Name").fill("Lamp flash sale")
    page.get_by_role("checkbox", name="Germany").check()
    page.locator("#promo-percent").fill(percent)
    page.get_by_label("Units in all").fill("50")


def test_a_flash_sale_is_mended_before_it_loses_money(portal, open_as):
    page = open_as("owner").new_page()
    page.goto("/")
    start_flash_sale(page, "90")
    page.get_by_label("Find products, SKUs").fill("LMP-RTN-02")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("checkbox", name="LMP-RTN-02").first.check()

    effect = page.locator("#effect")
    expect(effect).to_contain_text("It can lose money")
    percent = page.locator("#promo-percent")
    percent.fill("5")
    percent.blur()
    expect(effect).not_to_contain_text("It can lose money")
    page.get_by_role("button", name="Save draft").click()

    page.wait_for_url("**/promos/prm_*/")
    expect(page.locator("h1")).to_contain_text("Lamp flash sale")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("h1")).to_contain_text("Planned")


def test_a_voucher_has_codes_without_scripts(portal, open_as):
    page = open_as("nobody", has_scripts=False).new_page()
    sign_in(page)
    page.goto("/promos/new/?kind=voucher")
    page.get_by_label("Name").fill("Newsletter")
    page.get_by_role("checkbox", name="Germany").check()
    page.locator("#promo-percent").fill("3")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#effect")).to_contain_text("In the worst case")
    page.get_by_role("button", name="Save draft").click()

    page.get_by_role("link", name="0 codes").click()
    page.get_by_label("How many").fill("4")
    with page.expect_download() as drawn:
        page.get_by_role("button", name="Draw and download").click()
    assert len(drawn.value.path().read_text().split()) == 5
    page.reload()
    expect(page.locator("#codes-table tbody tr")).to_have_count(4)
