"""The first of the ten top tasks: a finished product goes on sale in five markets, in four clicks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_walk import sign_in, wait_for_text

pytestmark = pytest.mark.browser
MOST_CLICKS = 4
# What people do with a pointer: trusted clicks, kept over the pages of one tab.
COUNT = """
    addEventListener("click", (event) => {
        if (!event.isTrusted) return;
        sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
    }, true);
"""
FIVE = ("DE", "ES", "FR", "GB", "SG")


def expect_five(page: Page) -> None:
    """Wait for the job and look at its rows."""
    page.wait_for_url("**/jobs/job_*/**")
    expect(page.locator("h1")).to_contain_text("to 5 markets")
    wait_for_text(page, "#job", "Done")
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(5)
    for code in FIVE:
        expect(page.locator("main tbody")).to_contain_text(re.compile(rf"{code} · "))
    expect(page.locator("main tbody .why")).to_have_count(0)


def test_a_product_is_published_to_five_markets_in_four_clicks(portal, open_as):
    page = open_as("owner").new_page()
    page.add_init_script(COUNT)
    page.goto("/")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Products").click()
    page.get_by_role("link", name="Publish Stoneware plate").click()
    expect(page.get_by_role("switch", checked=True)).to_have_count(5)
    page.get_by_role("button", name="Publish", exact=True).click()

    expect_five(page)
    assert int(page.evaluate("sessionStorage.getItem('clicks')")) <= MOST_CLICKS
    page.goto(f"/products/{portal.facts['plate']}/")
    expect(page.locator("#markets .badge", has_text="Live")).to_have_count(5)


def test_a_product_is_published_by_keyboard_alone(portal, open_as):
    page = open_as("owner").new_page()
    page.goto("/")
    press = page.keyboard.press

    press("Control+k")
    page.keyboard.type("publish")
    expect(page.locator('#palette-list [aria-selected="true"]')).to_contain_text(
        "Publish a product"
    )
    press("Enter")
    page.wait_for_url("**/publish/")
    expect(page.locator("#publish-q")).to_be_focused()
    page.keyboard.type("stoneware vase")
    press("Enter")
    page.wait_for_url("**/products/*/publish/")
    expect(page.get_by_role("switch", checked=True)).to_have_count(5)
    press("Control+Enter")

    expect_five(page)


def test_what_is_in_the_way_is_said_per_market_without_scripts(portal, open_as):
    page = open_as("nobody", has_scripts=False).new_page()
    sign_in(page)
    page.goto(f"/products/{portal.facts['jug']}/publish/")
    germany = page.locator("#m-DE")
    expect(germany).to_contain_text("Can, when fixed")

    page.get_by_role("textbox", name="Price in United Kingdom").fill("31.50")
    page.get_by_role("button", name="Publish", exact=True).click()

    page.wait_for_url("**/jobs/job_*/**")
    wait_for_text(page, "main", "GTIN")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("main tbody")).to_contain_text("GB · £31.50")
    expect(page.locator("main tbody")).to_contain_text("NEW-JUG has no number of its maker.")
