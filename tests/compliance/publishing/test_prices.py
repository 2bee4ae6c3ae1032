"""Prices of single variants pass the gate of their market; a company that moves asks it again."""

from __future__ import annotations

import pytest

from apps.catalog import services as catalog
from apps.catalog.models import Listing, ListingIssue, Party, ProductFacts
from apps.common.errors import DomainError
from apps.compliance.publishing.prices import PriceWish, recheck_listed, set_prices
from apps.compliance.publishing.records import PublishAnswer
from apps.compliance.receivers import recheck_party
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from apps.logistics.selectors import find_network
from tests.compliance.publishing.conftest import market
from tests.factories.catalog import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def price(product, variant, actor, now):
    """Set the variant's price in a market."""

    def price_one(code: str, minor: int, *, model: str = "", of=variant):
        wish = PriceWish(of.pk, market(code), minor, model)
        [outcome] = set_prices(product, [wish], actor=actor, now=now)
        return outcome

    return price_one


def test_a_price_goes_live_where_the_gate_is_open(price, lucid):
    outcome = price("DE", 4900)

    assert outcome.is_live
    listing = Listing.objects.get()
    assert (listing.status, listing.price_minor, listing.price_source) == ("live", 4900, "explicit")
    assert PublishAnswer.objects.get().verdict == "can"


def test_a_price_the_gate_refuses_is_kept_off_sale_with_its_issues(price):
    outcome = price("DE", 4900)

    assert not outcome.is_live
    assert [item.code for item in outcome.answer.blocking] == ["registration"]
    listing = Listing.objects.get()
    assert (listing.status, listing.refusal, listing.price_minor) == (
        "rejected",
        "gate:registration",
        4900,
    )
    blocked = ListingIssue.objects.filter(effect="blocked")
    assert list(blocked.values_list("code", flat=True)) == ["registration"]


def test_a_new_price_of_a_live_listing_never_leaves_it_live_past_the_gate(price, lucid):
    price("DE", 4900)
    lucid.delete()

    price("DE", 5900)

    listing = Listing.objects.get()
    assert (listing.status, listing.price_minor) == ("suppressed", 5900)


def test_variants_that_are_not_named_stay_as_they_are(price, product, lucid):
    other = VariantFactory(product=product, sku="TEE-2", gtin="", base_price_minor=0)

    assert price("DE", 4900).is_live
    assert Listing.objects.get().variant.sku == "TEE-1"
    price("DE", 3900, of=other)

    found = dict(Listing.objects.values_list("variant__sku", "price_minor"))
    assert found == {"TEE-1": 4900, "TEE-2": 3900}


def test_each_market_and_model_has_its_answer(product, variant, actor, now, lucid):
    wishes = [PriceWish(variant.pk, market(code), 4900) for code in ("GB", "DE")]
    wishes.append(PriceWish(variant.pk, market("FR"), 4900, "custody"))
    outcomes = set_prices(product, wishes, actor=actor, now=now)

    told = {(item.answer.case.market.code, item.answer.case.model) for item in outcomes}
    assert told == {("GB", "direct"), ("DE", "direct"), ("FR", "custody")}
    assert PublishAnswer.objects.count() == 3


@pytest.mark.parametrize(
    ("minor", "is_active", "code"), [(0, True, "catalog.price"), (1, False, "catalog.withdrawn")]
)
def test_a_senseless_price_changes_nothing(price, variant, minor, is_active, code):
    type(variant).objects.filter(pk=variant.pk).update(is_active=is_active)
    with pytest.raises(DomainError) as refused:
        price("GB", minor)

    assert (refused.value.code, refused.value.status) == (code, 422)
    assert not Listing.objects.exists()
    assert not PublishAnswer.objects.exists()


def test_the_statements_do_not_grow_with_markets(
    product, variant, actor, now, django_assert_max_num_queries
):
    wishes = [PriceWish(variant.pk, market(code), 4900) for code in ("GB", "JP", "AU", "RO", "FR")]
    find_network(now.date())
    with django_assert_max_num_queries(37):
        set_prices(product, wishes, actor=actor, now=now)


# --- a company that moves


def _move(party: Party, country: str, actor, now) -> None:
    catalog.update_party(party, {"country": country}, actor=actor, now=now)
    recheck_party(JournalEntry.objects.filter(event="party.changed").latest("pk"))


def test_a_manufacturer_that_moves_makes_the_gates_look_again(price, product, lucid, actor, now):
    price("DE", 4900)
    facts = ProductFacts.objects.get(product=product)
    ProductFacts.objects.update(eu_responsible=None)
    catalog.update_party(facts.manufacturer, {"country": "DE"}, actor=actor, now=now)
    assert Listing.objects.get().status == "live"

    _move(facts.manufacturer, "CN", actor, now)

    job = Job.objects.get(kind="listings.recheck_listed")
    assert job.total_count == 1
    execution.run_job(job.pk, now=now)
    listing = Listing.objects.get()
    assert (listing.status, listing.refusal) == ("suppressed", "gate:no_eu_responsible")

    _move(facts.manufacturer, "FR", actor, now)
    execution.run_job(Job.objects.latest("pk").pk, now=now)
    listing.refresh_from_db()
    assert (listing.status, listing.refusal, listing.price_minor) == ("live", "", 4900)


def test_a_responsible_person_taken_out_of_use_answers_for_nothing(
    price, product, lucid, actor, now
):
    price("DE", 4900)
    person = ProductFacts.objects.get(product=product).eu_responsible

    for is_active, told in (
        (False, ("suppressed", "gate:no_eu_responsible")),
        (True, ("live", "")),
    ):
        catalog.update_party(person, {"is_active": is_active}, actor=actor, now=now)
        recheck_party(JournalEntry.objects.filter(event="party.changed").latest("pk"))
        execution.run_job(Job.objects.latest("pk").pk, now=now)

        listing = Listing.objects.get()
        assert (listing.status, listing.refusal) == told


def test_other_changes_and_companies_nobody_names_start_nothing(product, actor, now):
    facts = ProductFacts.objects.get(product=product)
    catalog.update_party(facts.manufacturer, {"name": "Other"}, actor=actor, now=now)
    recheck_party(JournalEntry.objects.get(event="party.changed"))
    ProductFacts.objects.update(manufacturer=None)
    _move(facts.manufacturer, "VN", actor, now)

    assert not Job.objects.exists()


def test_a_recheck_lists_nothing_new(price, product, rule, lucid, actor, now):
    price("DE", 4900)
    VariantFactory(product=product, sku="TEE-2", base_price_minor=32000)

    outcomes = recheck_listed(product, actor=actor, now=now)

    assert [item.is_live for item in outcomes] == [True]
    assert Listing.objects.count() == 1
