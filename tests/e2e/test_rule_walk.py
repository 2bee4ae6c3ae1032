"""Staff change the rule book: one proposes and runs it dry, another reads the result and approves."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_pages import AXE, RULES

pytestmark = pytest.mark.browser

PATIENCE_S = 60
FIRST = "2027-01-01"


def open_review(page: Page) -> None:
    """Find the newest version of the British rule and open the page on which it is decided."""
    page.goto("/admin/markets/rulerow/?q=GB-135")
    page.locator("#result_list, table").get_by_role("link", name="GB-135").first.click()
    page.get_by_role("link", name="Compare and decide").click()


def propose(page: Page) -> None:
    """Raise the VAT of the British rule from New Year on."""
    page.goto("/admin/markets/rulerow/?q=GB-135")
    page.locator("#result_list, table").get_by_role("link", name="GB-135").first.click()
    page.get_by_role("link", name="Propose a new version").click()
    field = page.get_by_label("Row", exact=True)
    body = json.loads(field.input_value())
    body["effective_from"] = FIRST
    body["tax"]["rate"] = "0.22"
    field.fill(json.dumps(body))
    page.get_by_role("button", name="Propose").click()


def wait_for_result(page: Page) -> None:
    """Look again until the dry run has finished."""
    deadline = time.monotonic() + PATIENCE_S
    while page.get_by_role("link", name="Look again").count():
        assert time.monotonic() < deadline, page.content()
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text(f"Priced by the rules of {FIRST}")).to_be_visible()


def find_own_violations(page: Page) -> list[str]:
    """Return what axe-core finds in our part of the page; the frame is the admin theme's."""
    page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run({include: [['#content']]}, options)", options)[
        "violations"
    ]
    return [f"{item['id']}: {item['nodes'][0]['target']}" for item in found]


def test_a_rule_is_proposed_run_dry_and_approved_by_a_second_person(open_as):
    author = open_as("staff").new_page()
    propose(author)
    expect(author.get_by_text("There is no dry run of this version.")).to_be_visible()
    assert find_own_violations(author) == []
    author.get_by_label("Ordinary tariff rate to assume, in percent").fill("5")
    author.get_by_role("button", name="Start the dry run").click()
    wait_for_result(author)
    expect(author.get_by_role("table")).to_contain_text("Lanling Home")
    assert find_own_violations(author) == []
    with author.expect_download() as download:
        author.get_by_role("link", name="Download every listing (CSV)").click()
    assert download.value.suggested_filename == "GB-135-v2-dry-run.csv"

    second = open_as("second").new_page()
    open_review(second)
    expect(second.get_by_role("heading", name="Dry run over live listings")).to_be_visible()
    expect(second.get_by_label("Reason to approve all the same")).to_have_count(0)
    second.get_by_role("button", name="Approve").click()
    expect(second.locator("dl")).to_contain_text("Approved")
