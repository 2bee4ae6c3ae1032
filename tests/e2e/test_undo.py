"""A job that changed many orders, taken back from its page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import find_overflow, find_violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "width", "undo", "undone"),
    [("en", 1440, "Undo", "This job was undone."), ("zh-hans", 390, "撤销", "该任务已撤销。")],
)
def test_a_job_is_taken_back_once(portal, open_as, language, width, undo, undone):
    job = portal.facts["tagged" if language == "en" else "tagged_too"]
    page = open_as("owner", language=language, width=width).new_page()
    page.goto(f"/jobs/{job}/")

    page.get_by_role("button", name=undo, exact=True).click()

    page.wait_for_url(lambda url: "/jobs/" in url and job not in url)
    expect(page.get_by_text("3 / 3")).to_be_visible(timeout=30_000)
    assert find_violations(page) == []
    page.goto(f"/jobs/{job}/")
    expect(page.get_by_text(undone)).to_be_visible()
    expect(page.get_by_role("button", name=undo, exact=True)).to_have_count(0)
    assert find_violations(page) == []
    assert find_overflow(page) == []
