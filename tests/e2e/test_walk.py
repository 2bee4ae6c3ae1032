"""Whole ways through the portal: a new seller's first order, without scripts, and by keyboard alone."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import cast

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.portal import Portal

pytestmark = pytest.mark.browser

EMAIL = f"xia-{secrets.token_hex(4)}@new.example"
PASSWORD = "porcelain-harbour-27"
MINUTE_MS = 60_000
SCOPES = ("See orders", "Send and cancel orders", "See shipments", "Send tracking events")


def test_a_new_seller_ships_the_first_order(portal, open_as):
    page = open_as("nobody").new_page()

    sign_up(portal, page)
    make_company(page)
    make_product(page)
    list_in_britain(page)
    add_stock(page)
    key = make_key(page)
    number = send_order(portal, key)
    find_to_ship(page, number)
    print_label(page, number)
    ship(page, number)
    report_delivery(portal, page, key, number)

    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("main .badge", has_text="Delivered").first).to_be_visible()
    keep = page.locator("section", has=page.get_by_role("heading", name="What you keep"))
    kept = keep.locator("dd.tot").inner_text()
    assert 0 < float(kept.removeprefix("€")) < 106


def sign_up(portal: Portal, page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Open an account").click()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()
    expect(page.locator("h1")).to_have_text("Confirm your e-mail address")
    page.goto(portal.wait_for_link(EMAIL))
    page.get_by_role("button", name="Confirm").click()
    if "/login/" in page.url:
        page.get_by_label("Email").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()


def make_company(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Your company")
    page.get_by_label("Company name").fill("Xia Ceramics")
    page.get_by_role("button", name="Make the company").click()
    expect(page.get_by_role("heading", name="Get ready to sell")).to_be_visible()


def make_product(page: Page) -> None:
    page.get_by_role("link", name="Start").click()
    facts = {
        "title": "Tea bowl with ash glaze",
        "sku": "BOWL-ASH",
        "weight_g": "380",
        "cost": "42.00",
        "origin_country": "CN",
        "hs_code": "6912.00",
        "customs_name": "Tea bowl of stoneware",
        "price_DE": "49.00",
        "quantity": "30",
    }
    for name, value in facts.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Create product").click()
    expect(page.locator("h1")).to_contain_text("Tea bowl with ash glaze")
    expect(page.locator("#markets").get_by_role("row", name="Germany")).to_contain_text("€49.00")


def list_in_britain(page: Page) -> None:
    markets = page.locator("#markets")
    markets.get_by_label("Market", exact=True).select_option("GB")
    markets.get_by_label("Price in the market’s currency").fill("52.00")
    markets.get_by_role("button", name="Set price").click()
    for country in ("Germany", "United Kingdom"):
        expect(markets.get_by_role("row", name=country)).to_contain_text("Live")


def add_stock(page: Page) -> None:
    stock = page.locator("#stock")
    available = stock.get_by_role("spinbutton")
    expect(available).to_have_value("30")
    available.fill("25")
    stock.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#stock").get_by_role("spinbutton")).to_have_value("25")


def make_key(page: Page) -> str:
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="API keys", exact=True).first.click()
    page.locator("main").get_by_role("link", name="Create a key").first.click()
    page.get_by_role("textbox", name="Name").fill("Shopping app")
    for scope in SCOPES:
        page.get_by_role("checkbox", name=scope).check()
    page.get_by_role("button", name="Create the key").click()
    return page.locator("#secret bdi").inner_text()


def send_order(portal: Portal, key: str) -> str:
    now = datetime.now(UTC).isoformat()
    body = {
        "external_ref": "APP-1",
        "market": "DE",
        "placed_at": now,
        "buyer": {
            "name": "Anke Brandt",
            "country": "DE",
            "street": "Mönckebergstraße 12",
            "city": "Hamburg",
            "postal_code": "20095",
        },
        "lines": [{"sku": "BOWL-ASH", "quantity": 2}],
        "shipping": {"amount": "8.00", "currency": "EUR"},
    }
    receipt = call(portal, key, "orders", body)
    assert receipt["total"] == {"amount": "106.00", "currency": "EUR"}
    return str(receipt["number"])


def call(portal: Portal, key: str, path: str, body: dict[str, object]) -> dict[str, object]:
    """Do what the shopping app does: one call with the key the seller made."""
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"walk-{path}"}
    answer = httpx.post(f"{portal.address}/api/v1/{path}", json=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return cast("dict[str, object]", answer.json())


def wait_for_text(page: Page, selector: str, text: str) -> None:
    """Open the page again until a place on it says what the workers do meanwhile."""
    for _round in range(120):
        place = page.locator(selector)
        if place.count() and text in place.first.inner_text():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(selector).first).to_contain_text(text)


def find_to_ship(page: Page, number: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Orders").click()
    wait_for_text(page, "#orders-table", "To ship")
    row = page.get_by_role("row", name=number)
    expect(row).to_contain_text("Anke B.")
    expect(row).to_contain_text("€106.00")


def print_label(page: Page, number: str) -> None:
    page.get_by_role("link", name=number).click()
    label = page.get_by_role("link", name="Label", exact=True)
    answer = page.request.get(str(label.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    page.get_by_role("navigation", name="You are here").get_by_role("link", name="Orders").click()


def ship(page: Page, number: str) -> None:
    page.get_by_role("checkbox", name=f"Select {number}").check()
    page.get_by_role("group", name="With the selected rows").get_by_role(
        "button", name="Ship", exact=True
    ).click()
    expect(page.locator("h1")).to_have_text("Check and ship")
    page.get_by_role("button", name="Ship 1 order").click()
    expect(page.locator("#toasts")).to_contain_text("Started: Ship 1 order")
    page.goto(f"/orders/{number}/")
    wait_for_text(page, "main .head, main header, main", "Handed over")


def report_delivery(portal: Portal, page: Page, key: str, number: str) -> None:
    parcels = page.locator("section", has=page.get_by_role("heading", name="Parcels"))
    tracking_number = parcels.locator("li bdi.mono").inner_text()
    assert re.fullmatch(r"[A-Z]{2}\d{9}CN", tracking_number)
    codes = ("picked_up", "linehaul_departed", "import_cleared", "out_for_delivery", "delivered")
    now = datetime.now(UTC).isoformat()
    events = [
        {"tracking_number": tracking_number, "code": code, "occurred_at": now, "event_id": code}
        for code in codes
    ]
    call(portal, key, "tracking", {"events": events})
    wait_for_text(page, "main", "Delivered")


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("lin@demo.example")
    page.get_by_label("Password").fill("portside-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_main_steps_work_without_scripts(portal, open_as):
    number = portal.facts["plain"]
    page = open_as("nobody", has_scripts=False).new_page()
    sign_in(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Orders").click()
    page.get_by_role("checkbox", name=f"Select {number}").check()
    chosen = page.get_by_role("group", name="With the selected rows")
    chosen.get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("1 order held.")
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("button", name="Ship now")).to_be_disabled()

    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("button", name="Ship now")).to_be_enabled()

    page.get_by_role("button", name="Ship now").click()
    wait_for_text(page, "main", "Handed over")


def test_orders_are_found_and_shipped_by_keyboard_alone(portal, open_as):
    number = portal.facts["typed"]
    context: BrowserContext = open_as("owner")
    page = context.new_page()
    page.goto("/")
    press = page.keyboard.press

    press("Control+k")
    page.keyboard.type("Products")
    expect(page.locator('#palette-list [aria-selected="true"]')).to_contain_text("Products")
    press("Enter")
    page.wait_for_url("**/products/")

    press("g")
    press("o")
    page.wait_for_url("**/orders/")
    expect(page.locator("x-table:defined")).to_be_visible()
    press("j")
    press("j")
    press("k")
    press("x")
    first = page.locator("#orders-table tbody tr").first
    expect(first.get_by_role("checkbox")).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("1")
    press("Escape")
    expect(first.get_by_role("checkbox")).not_to_be_checked()
    press("Enter")
    page.wait_for_url("**/orders/2*/**")
    page.go_back()

    press("/")
    page.keyboard.type(number)
    press("Enter")
    page.wait_for_url(f"**/orders/{number}/**")
    press("Control+Enter")
    wait_for_text(page, "main", "Handed over")
