"""Putting a product on sale market by market, by a job, and what follows from stated facts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.catalog import services as catalog
from apps.catalog.models import Listing, ListingIssue, ListingPrice
from apps.common.errors import DomainError
from apps.compliance.publishing import services
from apps.compliance.publishing.reading import Wanted, usual_markets
from apps.compliance.publishing.records import PublishAnswer, Registration
from apps.compliance.receivers import recheck_listings
from apps.jobs import execution
from apps.jobs.models import Job, JobRow
from apps.journal.models import JournalEntry
from apps.journal.registry import receivers_of
from apps.logistics.selectors import find_network
from apps.markets.selectors import list_markets
from tests.compliance.publishing.conftest import market

pytestmark = pytest.mark.django_db
BY_RULE = Wanted("rule")
ANSWERING = ("manufacturer", "eu_responsible")


@pytest.fixture
def publish(product, actor, now):
    """Publish the product in a market."""

    def publish_one(code, wanted=BY_RULE):
        return services.publish_in_market(product, market(code), wanted, actor=actor, now=now)

    return publish_one


@pytest.fixture
def run(product, actor, now):
    """Start the job for markets and run it."""

    def run_job(wanted) -> Job:
        job = services.start_publishing(
            product, wanted, actor=actor, now=now, markets=list_markets()
        )
        execution.run_job(job.pk, now=now)
        job.refresh_from_db()
        return job

    return run_job


def test_a_market_whose_gate_is_open(publish, rule, lucid, now, actor):
    outcome = publish("DE")

    assert outcome.is_live
    listing = Listing.objects.get()
    assert (listing.status, listing.price_minor, listing.price_source) == ("live", 3999, "rule")
    assert (ListingPrice.objects.get().reason, listing.price_basis["rule"]) == (
        "first",
        rule.public_id,
    )
    stored = PublishAnswer.objects.get()
    assert (stored.verdict, stored.answered_on, stored.answered_by) == (
        "can",
        now.date(),
        str(actor),
    )
    assert stored.waterfalls[0]["keep_minor"] > 0
    assert stored.book
    assert JournalEntry.objects.filter(event="product.published").count() == 1


def test_a_stored_answer_is_never_changed(publish, rule, lucid):
    publish("DE")

    with pytest.raises(TypeError):
        PublishAnswer.objects.get().save()


def test_a_market_whose_gate_is_closed_keeps_the_listing_off_sale(publish, rule, now):
    outcome = publish("DE")

    assert not outcome.is_live
    listing = Listing.objects.get()
    assert (listing.status, listing.refusal) == ("rejected", "gate:registration")
    blocked = ListingIssue.objects.get(effect="blocked")
    assert (blocked.code, blocked.field, blocked.fix, blocked.since) == (
        "registration",
        "EPR-DE-PKG",
        "registration",
        now,
    )
    assert ListingIssue.objects.filter(effect="none").exists()


def test_without_a_price_there_is_no_listing_but_an_answer(publish):
    outcome = publish("GB")

    assert (outcome.listings, outcome.is_live) == ((), False)
    assert PublishAnswer.objects.get().verdict == "can_when"


def test_an_own_price_is_kept_when_published_again(publish, rule):
    publish("GB", Wanted("own", 5500))
    publish("GB", Wanted())

    assert Listing.objects.get().price_minor == 5500
    publish("GB", Wanted("rule"))
    listing = Listing.objects.get()
    assert (listing.price_source, listing.price_minor) == ("rule", 3399)


def test_each_variant_answers_for_itself(publish, rule, product, variant):
    from tests.factories.catalog import VariantFactory

    VariantFactory(product=product, sku="TEE-2", gtin="", weight_g=200, base_price_minor=32000)
    Registration.objects.create(
        merchant=product.merchant,
        obligation="EPR-DE-PKG",
        country="DE",
        number="DE1",
        stated_by="x",
        stated_at=product.created_at,
    )
    publish("DE")

    states = dict(Listing.objects.values_list("variant__sku", "status"))
    assert states == {"TEE-1": "live", "TEE-2": "rejected"}


def test_a_job_publishes_each_market_by_itself(run, rule):
    for code in ("DE", "GB", "FR", "IS"):
        market(code)

    job = run(dict.fromkeys(("DE", "GB", "FR"), BY_RULE) | {"IS": Wanted("own", 4000)})

    assert (job.status, job.done_count, job.failed_count) == ("done", 4, 2)
    rows = {row.reference[:2]: row for row in JobRow.objects.all()}
    assert rows["GB"].is_ok
    assert rows["GB"].reference == "GB · £33.99"
    assert rows["FR"].is_ok
    assert (rows["DE"].is_ok, rows["DE"].code) == (False, "publish.blocked")
    assert "LUCID" in rows["DE"].message
    assert "Duty and tax" in rows["IS"].message
    assert dict(Listing.objects.values_list("market__code", "status")) == {
        "DE": "rejected",
        "FR": "live",
        "GB": "live",
        "IS": "rejected",
    }


def test_running_again_does_only_what_failed(run, rule, actor, now, lucid):
    from apps.jobs import services as jobs

    lucid.delete()
    market("GB"), market("DE")
    job = run({"DE": BY_RULE, "GB": BY_RULE})
    services.state_registration(rule.merchant, "EPR-DE-PKG", "DE", "DE12", actor=actor, now=now)
    jobs.run_again(job, actor=actor, now=now)
    execution.run_job(job.pk, now=now)

    job.refresh_from_db()
    assert (job.done_count, job.failed_count) == (2, 0)
    assert PublishAnswer.objects.count() == 3


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "publish.no_market"),
        ({"XX": BY_RULE}, "publish.unknown_market"),
        ({"GB": Wanted("own", 0)}, "catalog.price"),
        ({f"X{number}": BY_RULE for number in range(101)}, "publish.too_many"),
    ],
)
def test_a_senseless_wish_starts_nothing(product, actor, now, wanted, code):
    market("GB")
    with pytest.raises(DomainError) as caught:
        services.start_publishing(product, wanted, actor=actor, now=now, markets=list_markets())

    assert (caught.value.code, caught.value.status) == (code, 422)
    assert not Job.objects.exists()


def test_a_stated_number_opens_the_gate_by_a_job(publish, rule, scoped, actor, now):
    publish("DE")

    services.state_registration(scoped, "EPR-DE-PKG", "DE", " DE 12 ", actor=actor, now=now)

    [job] = Job.objects.filter(kind=services.RECHECK)
    execution.run_job(job.pk, now=now)
    assert Listing.objects.get().status == "live"
    assert not ListingIssue.objects.filter(effect="blocked").exists()
    assert Registration.objects.get().number == "DE 12"


@pytest.mark.parametrize(("obligation", "number"), [("EPR-DE-PKG", "  "), ("UFLPA", "7")])
def test_a_number_nobody_asks_for_is_refused(scoped, actor, now, obligation, number):
    with pytest.raises(DomainError) as caught:
        services.state_registration(scoped, obligation, "DE", number, actor=actor, now=now)

    assert caught.value.code == "compliance.registration"
    assert not Registration.objects.exists()


def test_a_stated_duty_rate_opens_the_american_market(publish, product, actor, now):
    publish("US", Wanted("own", 4000))
    assert Listing.objects.get().status == "rejected"

    services.state_tariff_rate(
        product,
        "US",
        Decimal("0.165"),
        facts={"section_301_cn_rate": Decimal("0.075")},
        source="HTS 6109.10.00",
        actor=actor,
        now=now,
    )

    assert Listing.objects.get().status == "live"


def test_an_impossible_duty_rate_is_refused(product, actor, now):
    with pytest.raises(DomainError) as caught:
        services.state_tariff_rate(
            product, "US", Decimal(11), facts={}, source="", actor=actor, now=now
        )

    assert caught.value.code == "compliance.tariff_rate"


def test_a_changed_variant_is_looked_at_again(publish, rule, lucid, variant, actor, now):
    variant.gtin = ""
    variant.save()
    publish("DE")
    assert Listing.objects.get().refusal == "gate:manufacturer_product_id"

    catalog.update_variant(variant, {"gtin": "4006381333931"}, actor=actor, now=now)
    assert Listing.objects.get().status == "rejected"
    recheck_listings(JournalEntry.objects.get(event="variant.changed"))

    assert Listing.objects.get().status == "live"


def test_naming_who_answers_puts_the_listing_on_sale(publish, rule, lucid, product, actor, now):
    parties = {name: getattr(product.facts, name).public_id for name in ANSWERING}
    for name in ANSWERING:
        setattr(product.facts, name, None)
    product.facts.save()
    publish("DE")
    assert Listing.objects.get().status == "rejected"

    catalog.set_facts(product, parties, actor=actor, now=now)
    entry = JournalEntry.objects.get(event="product.facts_changed")
    assert {item.name for item in receivers_of(entry.event)} >= {"compliance.recheck_listings"}
    recheck_listings(entry)

    assert Listing.objects.get().status == "live"


@pytest.mark.parametrize("event", ["product.attributes_changed", "product.category_chosen"])
def test_what_the_gates_read_makes_them_look_again(event):
    assert "compliance.recheck_listings" in {item.name for item in receivers_of(event)}


def test_a_live_listing_is_limited_when_its_gate_closes(publish, rule, lucid):
    publish("DE")
    Registration.objects.all().delete()

    publish("DE", Wanted())

    assert Listing.objects.get().status == "suppressed"


def test_the_usual_markets_are_those_of_the_latest_publishing(publish, rule, scoped):
    assert usual_markets(scoped) == []
    publish("GB")
    publish("FR")

    assert usual_markets(scoped) == ["FR", "GB"]


def test_one_market_takes_a_fixed_number_of_statements(
    publish, rule, lucid, now, django_assert_max_num_queries
):
    market("DE")
    find_network(now.date())

    with django_assert_max_num_queries(33):
        publish("DE")
