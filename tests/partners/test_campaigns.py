"""Campaigns over the API: what is open, submitting, the review's reason, withdrawing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scopes_disabled

from apps.common.clock import utc_now
from apps.journal.actors import system_actor
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.services import campaign_entries as entries
from tests.factories.partners import ApiClient, api_client
from tests.factories.promotions import make_campaign, make_entry, make_listing

pytestmark = pytest.mark.django_db
ACTOR = system_actor("tests")


@pytest.fixture
def api(merchant) -> ApiClient:
    """The company's app."""
    return api_client(merchant)


@pytest.fixture
def listing(merchant):
    return make_listing(merchant)


@pytest.fixture
def campaign(listing) -> Campaign:
    return make_campaign(now=utc_now(), markets=[listing.market])


def submit(api, campaign, *items: tuple[str, str, str]):
    body = [
        {"listing": ident, "price": {"amount": amount, "currency": currency}, "units": 10}
        for ident, amount, currency in items
    ]
    return api.call("POST", "/campaign-entries", {"campaign": campaign.public_id, "entries": body})


def error_of(answer) -> tuple[str, str | None]:
    error = answer.json()["errors"][0]
    return error["code"], error["attr"]


def count() -> int:
    with scopes_disabled():
        return CampaignEntry.objects.count()


def test_open_campaigns_are_told_with_their_criteria(api, campaign):
    make_campaign(now=utc_now(), is_open=False, name="Secret plan")
    [told] = api.call("GET", "/campaigns?status=open").json()["items"]
    assert (told["id"], told["status"], told["markets"]) == (campaign.public_id, "open", ["DE"])
    assert told["criteria"] == {
        "min_percent": "20",
        "min_units": 10,
        "max_entries": 100,
        "categories": [],
    }
    assert (told["platform_percent"], told["entries"]) == ("30", 0)
    assert api.call("GET", "/campaigns?status=ended").json()["items"] == []


def test_an_entry_is_submitted_read_and_withdrawn(api, campaign, listing):
    answer = submit(api, campaign, (listing.public_id, "39.00", "EUR"))
    assert answer.status_code == 201, answer.content
    [made] = answer.json()["items"]
    assert (made["status"], made["price"]["amount"], made["units"]) == ("submitted", "39.00", 10)
    assert all(check["is_met"] for check in made["checks"])
    assert api.call("GET", f"/campaign-entries/{made['id']}").json() == made
    assert api.call("GET", "/campaigns").json()["items"][0]["entries"] == 1

    gone = api.call("POST", f"/campaign-entries/{made['id']}/withdraw")
    assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")
    again = api.call("POST", f"/campaign-entries/{made['id']}/withdraw")
    assert (again.status_code, error_of(again)[0]) == (409, "promotions.wrong_state")


def test_the_review_is_told_with_its_reason(api, merchant, campaign, listing):
    declined = make_entry(campaign, listing, now=utc_now())
    approved = make_entry(campaign, make_listing(merchant), now=utc_now())
    with scopes_disabled():
        entries.decline_entry(declined, reason="Blurred picture", actor=ACTOR, now=utc_now())
        entries.approve_entry(approved, actor=ACTOR, now=utc_now())
    told = {item["id"]: item for item in api.call("GET", "/campaign-entries").json()["items"]}
    assert told[declined.public_id]["reason"] == "Blurred picture"
    assert told[approved.public_id]["promotion"].startswith("prm_")
    found = api.call("GET", "/campaign-entries?status=declined").json()["items"]
    assert [item["id"] for item in found] == [declined.public_id]
    assert api.call("GET", "/campaign-entries?campaign=cmp_other").json()["items"] == []


def test_what_does_not_meet_the_criteria_says_what_would_and_nothing_is_submitted(
    api, merchant, campaign, listing
):
    other = make_listing(merchant)
    wanted = ((other.public_id, "39.00", "EUR"), (listing.public_id, "48.00", "EUR"))
    answer = submit(api, campaign, *wanted)
    assert (answer.status_code, error_of(answer)) == (
        422,
        ("promotions.entry_refused", "entries.1"),
    )
    assert "39.20" in answer.json()["errors"][0]["detail"]
    assert count() == 0


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("39.00", "GBP", "money.currency"),
        ("39.001", "EUR", "money.precision"),
        ("39.00", "ZZZ", "money.unknown_currency"),
    ],
)
def test_a_price_that_does_not_fit_is_refused(api, campaign, listing, amount, currency, code):
    answer = submit(api, campaign, (listing.public_id, amount, currency))
    assert (answer.status_code, error_of(answer)[0]) == (422, code)
    assert count() == 0


def test_listings_of_others_cannot_be_submitted(api, campaign, listing, stranger):
    theirs = make_listing(stranger)
    answer = submit(api, campaign, (theirs.public_id, "39.00", "EUR"))
    assert (answer.status_code, error_of(answer)) == (
        422,
        ("promotions.entry_refused", "entries.0"),
    )
    assert count() == 0


def test_a_closed_or_secret_campaign_takes_nothing(api, campaign, listing):
    secret = make_campaign(now=utc_now(), is_open=False)
    answer = submit(api, secret, (listing.public_id, "39.00", "EUR"))
    assert answer.status_code == 404
    Campaign.objects.filter(pk=campaign.pk).update(
        entries_close_at=utc_now() - timedelta(minutes=1)
    )
    answer = submit(api, campaign, (listing.public_id, "39.00", "EUR"))
    assert (answer.status_code, error_of(answer)[0]) == (409, "promotions.campaign_closed")
    assert count() == 0


def test_lists_cost_the_same_for_many(api, merchant, campaign, django_assert_num_queries):
    for _turn in range(3):
        make_entry(campaign, make_listing(merchant), now=utc_now())
        make_campaign(now=utc_now(), markets=list(campaign.markets.all()))
    api.call("GET", "/campaigns")
    with django_assert_num_queries(3):
        assert len(api.call("GET", "/campaigns").json()["items"]) == 4
    with django_assert_num_queries(1):
        assert len(api.call("GET", "/campaign-entries").json()["items"]) == 3
