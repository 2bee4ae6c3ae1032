"""The pages of campaigns: the four doors of each, and what a merchant can do."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from apps.common.clock import utc_now
from apps.promotions.models import CampaignEntry
from tests.dashboard.conftest import sign_in
from tests.factories.merchants import MemberFactory
from tests.factories.promotions import make_campaign, make_entry, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_client(merchant):
    return sign_in(MemberFactory(merchant=merchant, user__language="en"))


@pytest.fixture
def listing(merchant):
    return make_listing(merchant)


@pytest.fixture
def campaign(listing):
    return make_campaign(now=utc_now(), markets=[listing.market])


def submit(client, campaign, listing, **changes: str):
    ident = listing.public_id
    body = {"listings": ident, f"price_{ident}": "39.00", f"units_{ident}": "10", **changes}
    return client.post(reverse("dashboard:campaign_submit", args=[campaign.public_id]), body)


def entry() -> CampaignEntry | None:
    with scopes_disabled():
        return CampaignEntry.objects.select_related("promotion").first()


def test_the_list_shows_what_is_open_and_not_drafts(owner_client, campaign, listing):
    make_campaign(now=utc_now(), is_open=False, name="Secret plan")
    text = owner_client.get(reverse("dashboard:campaigns")).content.decode()
    assert "Double Twelve" in text
    assert "Open for entries" in text
    assert "Secret plan" not in text


def test_a_product_is_submitted_and_withdrawn(owner_client, campaign, listing):
    answer = submit(owner_client, campaign, listing)
    assert answer.status_code == 302
    made = entry()
    assert (made.price_minor, made.units, made.status) == (3900, 10, "submitted")
    page = owner_client.get(reverse("dashboard:campaign", args=[campaign.public_id]))
    assert "In review" in page.content.decode()
    owner_client.post(reverse("dashboard:entry_withdraw", args=[made.public_id]))
    assert entry().status == "withdrawn"


def test_the_page_offers_the_dearest_price_that_meets_the_criteria(owner_client, campaign):
    page = owner_client.get(reverse("dashboard:campaign", args=[campaign.public_id]))
    assert 'value="39.20"' in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("price", "39.21", "A campaign price of at most €39.20 is needed."),
        ("price", "cheap", "Write a price such as 39.00."),
        ("units", "9", "At least 10 units are needed."),
        ("units", "ten", "Write how many units, as a whole number."),
    ],
)
def test_what_is_wrong_stands_beside_the_product_and_nothing_is_lost(
    owner_client, campaign, listing, field, value, sentence
):
    answer = submit(owner_client, campaign, listing, **{f"{field}_{listing.public_id}": value})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert f'value="{value}"' in text
    assert entry() is None


def test_nothing_chosen_is_said(owner_client, campaign):
    page = reverse("dashboard:campaign_submit", args=[campaign.public_id])
    answer = owner_client.post(page, follow=True)
    assert "Choose at least one product." in answer.content.decode()


def test_somebody_else_s_product_or_entry_is_not_there(owner_client, campaign, stranger):
    other = make_listing(stranger)
    assert submit(owner_client, campaign, other).status_code == 422
    made = make_entry(campaign, other, now=utc_now())
    page = reverse("dashboard:entry_withdraw", args=[made.public_id])
    assert owner_client.post(page).status_code == 404
    assert entry().status == "submitted"
    missing = reverse("dashboard:campaign", args=["cmp_01JDZZZZZZZZZZZZZZZZZZZZZZ"])
    assert owner_client.get(missing).status_code == 404


def test_pages_cost_the_same_whatever_their_length(
    owner_client, merchant, campaign, listing, django_assert_max_num_queries
):
    for _number in range(4):
        make_entry(campaign, make_listing(merchant), now=utc_now())
    for page, limit in (
        (reverse("dashboard:campaigns"), 11),
        (reverse("dashboard:campaign", args=[campaign.public_id]), 15),
    ):
        owner_client.get(page)
        with django_assert_max_num_queries(limit):
            owner_client.get(page)
