"""A delivery from its announcement to the shelf: announced, accepted, counted with damage, for sale."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.common.clock import utc_now

pytestmark = pytest.mark.browser
SKU = "LMP-RTN-02"


def test_a_delivery_comes_to_the_shelf(portal, open_as):
    page = open_as("owner").new_page()
    announce(page)
    accept_and_book(page)
    count(page)
    answer_and_put_away(page)

    expect(page.locator(".phead .badge")).to_have_text("Closed")
    page.get_by_role("row", name=SKU).get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text(SKU)


def announce(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Deliveries in").click()
    page.get_by_role("link", name="Announce a delivery").click()
    page.locator("#id_lines").fill(f"SKU\tUnits\n{SKU}\t40\t4")
    page.locator("#id_expected_on").fill((utc_now() + timedelta(days=9)).date().isoformat())
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="This is what the warehouse will read")).to_be_visible()
    page.get_by_role("button", name="Announce", exact=True).click()
    page.wait_for_url(re.compile(r"/inbound/asn_"))


def accept_and_book(page: Page) -> None:
    page.get_by_role("button", name="Accept", exact=True).click()
    moment = (utc_now() + timedelta(days=9)).strftime("%Y-%m-%dT10:00")
    page.get_by_label("When").fill(moment)
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_role("button", name="It is at the gate").click()
    page.wait_for_url("**/receive/")


def count(page: Page) -> None:
    # A scanner types the code and presses Enter.
    page.locator("#quantity").fill("30")
    page.locator("#code").fill(SKU)
    page.keyboard.press("Enter")
    expect(page.locator(".dock-say")).to_contain_text(f"30 × {SKU}")
    page.locator("#quantity").fill("10")
    page.get_by_text("Damaged", exact=True).first.click()
    page.locator("#note").fill("Wet cartons")
    page.locator("#code").fill(SKU)
    page.keyboard.press("Enter")
    expect(page.locator(".dock-say")).to_contain_text("10 ×")
    page.get_by_role("button", name="Everything is counted").click()
    expect(page.locator(".phead .badge")).to_have_text("Differences to settle")


def answer_and_put_away(page: Page) -> None:
    differences = page.locator("#differences")
    expect(differences).to_contain_text("Wet cartons")
    differences.get_by_role("button", name="Agree").click()
    page.get_by_role("link", name="Put away").click()
    page.get_by_role("button", name="Put away").click()
    page.wait_for_url(re.compile(r"/inbound/asn_[^/]+/$"))
