"""A carrier of the company's own: connected, asked for prices, and a label bought there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.carriers.carrier import SECRET, running_carrier
from tests.e2e.test_pages import find_overflow, find_violations

pytestmark = pytest.mark.browser


def test_a_label_is_bought_with_a_carrier_of_ones_own(portal, open_as):
    with running_carrier() as (carrier, address):
        page = open_as("owner", language="en", width=1440).new_page()
        page.goto("/settings/carriers/new/")
        page.get_by_label("Name", exact=True).fill("Walk line")
        page.get_by_label("Address", exact=True).fill(address)
        page.get_by_label("Key", exact=True).fill(SECRET)
        page.get_by_role("button", name="Connect and ask").click()
        expect(page.get_by_text("The carrier answered: Standard tracked")).to_be_visible()
        account = page.url.rstrip("/").rsplit("/", 1)[1]

        page.goto(f"/shipping/{portal.facts['booked']}/buy/?account={account}")
        assert find_violations(page) == []
        assert find_overflow(page) == []
        page.get_by_role("button", name="Buy Standard tracked").click()

        expect(page.get_by_text("The carrier is asked.")).to_be_visible()
        _wait_for_its_number(page, carrier)
        assert find_violations(page) == []
        expect(page.get_by_role("link", name="Label", exact=True)).to_be_visible()
        [booking] = carrier.book.entries.values()
        assert booking.status == "booked"

        page.get_by_role("button", name="Use the portal’s line instead").click()
        expect(page.get_by_text("goes with the portal's line now")).to_be_visible()


def _wait_for_its_number(page, carrier) -> None:
    """Look at the page again until the carrier's number stands on it."""
    for _look in range(60):
        numbers = [entry.tracking_numbers[0] for entry in carrier.book.entries.values()]
        if numbers and page.get_by_text(numbers[0]).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("The carrier's number did not come.")
