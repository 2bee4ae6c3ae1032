"""The order list in a browser: late orders are found, and twenty of them held and let go again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_twenty_late_orders_are_held_and_let_go_again(open_as):
    page = open_as("owner").new_page()
    page.goto("/orders/")
    page.locator("[popovertarget=filter-due]").click()
    page.locator("#filter-due input[value=late]").check()
    page.locator("#filter-due").get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("due=late"))

    boxes = page.locator("tbody .ck")
    boxes.first.click()
    boxes.nth(19).click(modifiers=["Shift"])
    expect(page.locator("[data-count]")).to_have_text("20")
    page.locator("button[name=action][value=hold]").click()

    toast = page.locator("x-toast .toast").first
    expect(toast).to_contain_text("20 orders held.")
    expect(page.locator("[popovertarget=filter-due].on")).to_have_count(1)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("x-toast .toast").first).to_contain_text("Undone.")
    page.wait_for_url(re.compile("due=late"))


def test_columns_are_chosen_and_the_list_shows_them(open_as):
    page = open_as("owner").new_page()
    page.goto("/orders/?view=all")
    page.locator("[popovertarget=columns]").click()
    page.locator("#columns input[value=channel]").check()
    page.locator("#columns").get_by_role("button", name="Show these").click()

    expect(page.locator("#orders-table th", has_text="Channel")).to_be_visible()
    page.locator("[popovertarget=columns]").click()
    page.locator("#columns").get_by_role("button", name="Reset").click()
    expect(page.locator("#orders-table th", has_text="Channel")).to_have_count(0)


def test_cancelling_is_asked_for_in_words(open_as):
    page = open_as("owner").new_page()
    page.goto("/orders/?view=open&due=late")
    page.locator("tbody .ck").last.check()
    page.locator("[popovertarget=bulk-more]").click()
    page.get_by_role("button", name="Cancel orders").click()

    expect(page.locator("h1")).to_have_text("Cancel orders")
    expect(page.locator("#sheet-h")).to_have_text("1 order will be cancelled")
    page.get_by_role("button", name="Cancel 1 order").click()
    expect(page.locator("#c-reason")).to_be_focused()
