"""Campaigns from draft to end: entries, review, withdrawal, and what the platform pays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope, scopes_disabled

from apps.catalog.models import ListingPrice
from apps.common.errors import DomainError
from apps.jobs import deadlines
from apps.journal.models import JournalEntry
from apps.promotions.models import Campaign, CampaignEntry, Promotion
from apps.promotions.pricing.cart import Cart, Line
from apps.promotions.programs import find_programs
from apps.promotions.services import campaign_entries as entries
from apps.promotions.services import campaigns
from apps.promotions.services.campaign_entries import NewEntry
from tests.factories.merchants import MerchantFactory
from tests.factories.promotions import make_campaign, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing(scoped):
    """€49.00 in Germany."""
    return make_listing(scoped)


@pytest.fixture
def campaign(listing, now) -> Campaign:
    return make_campaign(now=now, is_open=False, markets=[listing.market])


@pytest.fixture
def opened(campaign, actor, now) -> Campaign:
    return campaigns.open_campaign(campaign, actor=actor, now=now)


def submit(opened, listing, scoped, actor, now, *, price=3900, units=10) -> CampaignEntry:
    new = NewEntry(listing.public_id, price, units)
    return entries.submit_entries(opened, [new], merchant=scoped, actor=actor, now=now)[0]


def events(row) -> list[str]:
    found = JournalEntry.objects.filter(subject_id=row.public_id).order_by("id")
    return list(found.values_list("event", flat=True))


def test_an_approved_entry_prices_carts_and_the_platform_pays_its_part(
    opened, listing, scoped, actor, now
):
    entry = submit(opened, listing, scoped, actor, now)
    assert (entry.status, entry.listed_minor, entry.lowest_minor) == ("submitted", 4900, 4900)
    with scopes_disabled():
        entries.approve_entry(entry, actor=actor, now=now)
    entry.refresh_from_db()
    assert (entry.status, entry.promotion.status) == ("approved", "scheduled")
    program = find_programs(scoped.pk, ["DE"])["DE"].program
    cart = Cart((Line(entry.sku, 4900, 1),), "DE", "EUR", now + timedelta(days=6))
    quote = program.quote(cart)
    assert (quote.total, quote.applied[0].merchant, quote.applied[0].platform) == (3900, 700, 300)
    assert events(entry) == ["campaign_entry.submitted", "campaign_entry.approved"]


def test_the_units_of_an_entry_are_its_limit(opened, listing, scoped, actor, now):
    entry = submit(opened, listing, scoped, actor, now)
    entries.approve_entry(entry, actor=actor, now=now)
    loaded = find_programs(scoped.pk, ["DE"])["DE"]
    (active,) = loaded.promotions.values()
    assert active.limits.units == 10


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price": 3921}, "A campaign price of at most €39.20 is needed."),
        ({"units": 9}, "At least 10 units are needed."),
    ],
)
def test_an_entry_that_misses_a_criterion_is_refused_with_the_remedy(
    opened, listing, scoped, actor, now, changes, sentence
):
    with pytest.raises(DomainError) as caught:
        submit(opened, listing, scoped, actor, now, **changes)
    assert (caught.value.code, caught.value.fields) == (
        "promotions.entry_refused",
        {"entries.0": sentence},
    )
    assert CampaignEntry.objects.count() == 0


def test_a_price_raised_before_the_campaign_does_not_help(opened, listing, scoped, actor, now):
    ListingPrice.objects.create(
        merchant=scoped,
        listing=listing,
        price_minor=4000,
        currency="EUR",
        from_at=now - timedelta(days=10),
        source="explicit",
    )
    with pytest.raises(DomainError) as caught:
        submit(opened, listing, scoped, actor, now, price=3900)
    assert "€32.00" in caught.value.fields["entries.0"]


def test_another_company_s_listing_cannot_be_submitted(opened, listing, actor, now):
    stranger = MerchantFactory()
    with scope(merchant=stranger), pytest.raises(DomainError) as caught:
        submit(opened, listing, stranger, actor, now)
    assert caught.value.code == "promotions.entry_refused"


def test_a_variant_is_in_a_campaign_s_market_once(opened, listing, scoped, actor, now):
    first = submit(opened, listing, scoped, actor, now)
    with pytest.raises(DomainError):
        submit(opened, listing, scoped, actor, now)
    entries.decline_entry(first, reason="Photo is blurred", actor=actor, now=now)
    first.refresh_from_db()
    assert (first.status, first.decision_reason) == ("declined", "Photo is blurred")
    submit(opened, listing, scoped, actor, now)


def test_declining_needs_a_reason(opened, listing, scoped, actor, now):
    entry = submit(opened, listing, scoped, actor, now)
    with pytest.raises(DomainError) as caught:
        entries.decline_entry(entry, reason=" ", actor=actor, now=now)
    assert caught.value.code == "promotions.reason"
    entry.refresh_from_db()
    assert entry.status == "submitted"


def test_an_entry_is_withdrawn_until_the_campaign_starts(opened, listing, scoped, actor, now):
    entry = submit(opened, listing, scoped, actor, now)
    entries.approve_entry(entry, actor=actor, now=now)
    with pytest.raises(DomainError) as caught:
        entries.withdraw_entry(entry, actor=actor, now=now + timedelta(days=6))
    assert caught.value.code == "promotions.campaign_running"
    entries.withdraw_entry(entry, actor=actor, now=now)
    entry.refresh_from_db()
    assert (entry.status, entry.promotion.status) == ("withdrawn", "ended")


def test_a_campaign_closes_and_ends_by_itself(opened, listing, scoped, actor, now):
    entry = submit(opened, listing, scoped, actor, now)
    deadlines.sweep(now=now + timedelta(days=3))
    opened.refresh_from_db()
    assert opened.status == "closed"
    with pytest.raises(DomainError) as caught:
        submit(opened, listing, scoped, actor, now)
    assert caught.value.code == "promotions.campaign_closed"
    deadlines.sweep(now=now + timedelta(days=8))
    opened.refresh_from_db()
    entry.refresh_from_db()
    assert (opened.status, entry.status) == ("ended", "declined")
    assert events(opened) == ["campaign.opened", "campaign.closed", "campaign.ended"]


def test_calling_a_campaign_off_ends_its_promotions(opened, listing, scoped, actor, now):
    entry = submit(opened, listing, scoped, actor, now)
    entries.approve_entry(entry, actor=actor, now=now)
    with scopes_disabled():
        campaigns.cancel_campaign(opened, reason="Warehouse strike", actor=actor, now=now)
    entry.refresh_from_db()
    assert (entry.status, entry.decision_reason) == ("withdrawn", "Warehouse strike")
    assert Promotion.objects.get().status == "ended"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_local": "2020-01-01T00:00"}, "ends_local"),
        ({"starts_local": "soon"}, "starts_local"),
    ],
)
def test_a_campaign_nobody_could_join_is_not_opened(campaign, actor, now, changes, field):
    for name, value in changes.items():
        setattr(campaign, name, value)
    campaign.save()
    with pytest.raises(DomainError) as caught:
        campaigns.open_campaign(campaign, actor=actor, now=now)
    assert field in caught.value.fields
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_entries_close_before_the_campaign_starts(campaign, actor, now):
    campaign.entries_close_at = now + timedelta(days=6)
    campaign.save()
    with pytest.raises(DomainError) as caught:
        campaigns.open_campaign(campaign, actor=actor, now=now)
    assert "entries_close_at" in caught.value.fields
