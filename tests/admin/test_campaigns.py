"""Campaigns in the admin: written as drafts, opened, reviewed, called off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.promotions.models import Campaign, CampaignEntry
from tests.factories.promotions import make_campaign, make_entry, make_listing

LIST = "admin:promotions_campaign_changelist"
ENTRIES = "admin:promotions_campaignentry_changelist"


@pytest.fixture
def listing(merchant):
    return make_listing(merchant)


@pytest.fixture
def draft(listing) -> Campaign:
    return make_campaign(now=utc_now(), is_open=False, markets=[listing.market])


@pytest.fixture
def entry(listing) -> CampaignEntry:
    campaign = make_campaign(now=utc_now(), markets=[listing.market])
    return make_entry(campaign, listing, now=utc_now())


def act(browser, page: str, action: str, row, **more: str):
    body = {"action": action, "_selected_action": row.pk, **more}
    return browser.post(reverse(page), body, follow=True)


def form(listing, **changes: object) -> dict[str, object]:
    closes = utc_now() + timedelta(days=1)
    facts = {
        "name": "Winter",
        "terms": "",
        "kind": "flash_sale",
        "markets": [listing.market.pk],
        "starts_local": f"{closes + timedelta(days=2):%Y-%m-%dT00:00}",
        "ends_local": f"{closes + timedelta(days=4):%Y-%m-%dT00:00}",
        "entries_close_at_0": f"{closes:%Y-%m-%d}",
        "entries_close_at_1": "12:00:00",
        "min_percent": "10",
        "min_units": "5",
        "max_entries": "20",
        "categories": "[]",
        "platform_percent": "25",
    }
    return {**facts, **changes}


def test_staff_write_a_draft_and_open_it(browser, staff, listing):
    browser.post(reverse("admin:promotions_campaign_add"), form(listing))
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.status) == ("Winter", "draft")
    act(browser, LIST, "open", campaign)
    campaign.refresh_from_db()
    assert campaign.status == "open"
    entries = JournalEntry.objects.filter(subject_id=campaign.public_id).order_by("id")
    assert [entry.event for entry in entries] == ["campaign.drafted", "campaign.opened"]
    assert {entry.actor for entry in entries} == {f"user:{staff.public_id}"}


def test_an_open_campaign_is_not_changed(browser, entry, listing):
    page = reverse("admin:promotions_campaign_change", args=[entry.campaign.pk])
    assert browser.post(page, form(listing)).status_code == 403
    entry.campaign.refresh_from_db()
    assert entry.campaign.name == "Double Twelve"


def test_what_cannot_be_opened_is_explained(browser, draft):
    Campaign.objects.update(starts_local="soon")
    answer = act(browser, LIST, "open", draft)
    assert "2026-12-01T00:00" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_entries_are_approved(browser, staff, entry):
    act(browser, ENTRIES, "approve", entry)
    entry = CampaignEntry._base_manager.select_related("promotion").get()
    assert (entry.status, entry.promotion.status) == ("approved", "scheduled")
    assert entry.decided_by == f"user:{staff.public_id}"


def test_declining_asks_for_a_reason(browser, entry):
    asked = act(browser, ENTRIES, "decline", entry)
    assert "Reason" in asked.content.decode()
    act(browser, ENTRIES, "decline", entry, confirm="1", reason="Photo is blurred")
    entry = CampaignEntry._base_manager.get()
    assert (entry.status, entry.decision_reason) == ("declined", "Photo is blurred")


def test_a_campaign_is_called_off_with_a_reason(browser, entry):
    act(browser, LIST, "call_off", entry.campaign, confirm="1", reason="Strike")
    entry = CampaignEntry._base_manager.select_related("campaign").get()
    assert (entry.campaign.status, entry.status) == ("cancelled", "withdrawn")


@pytest.mark.parametrize("codename", ["view_campaign", "view_campaignentry"])
def test_staff_who_only_look_change_nothing(clerk, entry, listing, codename):
    browser = clerk(codename)
    act(browser, ENTRIES, "approve", entry)
    act(browser, LIST, "call_off", entry.campaign, confirm="1", reason="x")
    assert browser.get(reverse("admin:promotions_campaign_add")).status_code == 403
    entry = CampaignEntry._base_manager.select_related("campaign").get()
    assert (entry.status, entry.campaign.status) == ("submitted", "open")
