"""The publish page: rows, presets, prices as typed, rule, facts, and its statements."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from apps.catalog.models import Listing, PriceRule, Variant
from apps.common.clock import utc_now
from apps.compliance.publishing.records import Registration, TariffRate
from apps.finance.services import open_fee_rules
from apps.jobs import execution
from apps.jobs.models import Job
from apps.markets.models import FxRate, Market
from apps.markets.reference import MARKETS
from apps.markets.services import load_rule_book
from apps.merchants.models import Role
from tests.dashboard.conftest import sign_in_as
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory, name_parties
from tests.factories.markets import MarketFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(world):
    """A T-shirt that can be sold in Britain, with rules, fees and rates; three markets are open."""
    now = utc_now()
    load_rule_book(now=now)
    open_fee_rules()
    for quote, rate in (("CNY", "8"), ("GBP", "0.85"), ("USD", "1.1")):
        FxRate.objects.create(
            base="EUR", quote=quote, rate=Decimal(rate), valid_on=now.date(), source="test"
        )
    MarketFactory(code="GB", currency="GBP")
    MarketFactory(code="US", currency="USD", is_price_with_tax=False)
    product = ProductFactory(merchant=world.merchant, title="T-shirt", hs_code="610910")
    VariantFactory(
        product=product,
        sku="TEE-1",
        gtin="4006381333931",
        weight_g=200,
        cost_minor=6100,
        base_price_minor=32000,
    )
    name_parties(product)
    return product


def page_of(product, **query):
    return reverse("dashboard:product_publish", args=[product.public_id], query=query or None)


def post(client, name, product, body):
    return client.post(reverse(f"dashboard:{name}", args=[product.public_id]), body)


def rows_of(response):
    return {row.code: row for row in response.context["page"].rows}


def rule(client, product, **changes):
    body = {"scope": "company", "percent": "0", "ending": "99", "hysteresis": "1"}
    base = {f"base_{product_variant(product).public_id}": "320"}
    return post(client, "publish_rule", product, {**body, **base, **changes})


def product_variant(product):
    with scopes_disabled():
        return Variant.objects.get(product=product)


def test_each_market_has_its_answer(client, ready):
    rule(client, ready)
    found = rows_of(client.get(page_of(ready)))

    assert {code: row.verdict for code, row in found.items()} == {
        "DE": "can_when",
        "GB": "can",
        "US": "can_when",
    }
    assert (found["GB"].text, found["GB"].source) == ("33.99", "Follows the rule")
    assert [code for code, row in found.items() if row.is_on] == ["GB"]
    assert "LUCID" in found["DE"].first_block


def test_what_is_kept_is_told_only_to_those_who_see_money(client, world, ready):
    rule(client, ready)
    told = client.get(page_of(ready)).content.decode()
    kept = rows_of(client.get(page_of(ready)))["GB"].lowest.keep

    assert f"£{kept.amount}" in told
    hidden = sign_in_as(world, Role.OPERATIONS).get(page_of(ready)).content.decode()
    assert f"£{kept.amount}" not in hidden
    assert "Product cost" not in hidden


def test_publishing_starts_a_job_and_each_market_is_done(client, world, ready):
    rule(client, ready)
    answer = post(
        client,
        "publish_start",
        ready,
        {"markets": ["GB", "DE"], "price_GB": "33.99", "price_DE": "41,50", "model": "direct"},
    )

    job = Job.objects.get(kind="products.publish")
    assert answer.url == reverse("jobs:job", args=[job.public_id])
    execution.run_job(job.pk, now=utc_now())
    with scope(merchant=world.merchant):
        made = {item.market.code: item for item in Listing.objects.filter(variant__product=ready)}
    assert (made["GB"].status, made["GB"].price_source, made["GB"].price_minor) == (
        "live",
        "rule",
        3399,
    )
    assert (made["DE"].status, made["DE"].price_source, made["DE"].price_minor) == (
        "rejected",
        "explicit",
        4150,
    )
    told = client.get(answer.url).content.decode()
    assert "GB · £33.99" in told or "LUCID" in told


def test_an_emptied_price_follows_the_rule_again(client, world, ready):
    rule(client, ready)
    for text in ("50", ""):
        post(client, "publish_start", ready, {"markets": ["GB"], "price_GB": text})
        execution.run_job(Job.objects.latest("pk").pk, now=utc_now())

    with scope(merchant=world.merchant):
        listing = Listing.objects.get(variant__product=ready)
    assert (listing.price_source, listing.price_minor) == ("rule", 3399)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Choose a market first."),
        ({"markets": ["XX"]}, "Market XX is not open."),
        ({"markets": ["GB"], "price_GB": "a lot"}, "“a lot” is not an amount in GBP."),
        ({"markets": ["GB"], "price_GB": "-3"}, "A price must be above zero."),
    ],
)
def test_what_cannot_be_published_is_said_and_nothing_starts(client, ready, body, told):
    answer = post(client, "publish_start", ready, body)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Job.objects.exists()


def test_a_refused_form_keeps_what_was_typed(client, ready):
    body = {"markets": ["GB", "DE"], "price_GB": "a lot", "price_DE": "44"}
    found = rows_of(post(client, "publish_start", ready, body))

    assert (found["GB"].text, found["DE"].text) == ("a lot", "44")
    assert [code for code, row in found.items() if row.is_on] == ["GB", "DE"]


def test_a_rule_with_a_floor_below_its_ceiling_is_saved_and_prices_follow(client, world, ready):
    answer = rule(client, ready, floor="300", ceiling="500", scope="product", percent="12.5")

    assert answer.status_code == 302
    with scope(merchant=world.merchant):
        saved = PriceRule.objects.get()
    assert (saved.product, saved.percent, saved.floor_minor) == (ready, Decimal("12.500"), 30000)
    assert rows_of(client.get(page_of(ready)))["GB"].text == "37.99"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": "-100"}, "percent"),
        ({"floor": "50", "ceiling": "40"}, "ceiling"),
        ({"uplift": "much"}, "uplift"),
        ({"ending": "77"}, "ending"),
    ],
)
def test_a_senseless_rule_is_told_at_its_field(client, world, ready, changes, field):
    answer = rule(client, ready, **changes)

    assert answer.status_code == 422
    assert field in answer.context["rule_form"].errors
    with scope(merchant=world.merchant):
        assert not PriceRule.objects.exists()


def test_numbers_and_duty_rates_are_stated_once(client, world, ready):
    rule(client, ready)
    body = {
        "reg_EPR-DE-PKG_DE": "DE1000000000001",
        "duty_rate_US": "16,5 %",
        "duty_rate_US_extra": "7.5",
        "duty_rate_US_source": "HTS 6109.10",
    }
    assert post(client, "publish_facts", ready, body).status_code == 302

    with scope(merchant=world.merchant):
        assert Registration.objects.get().number == "DE1000000000001"
        stated = TariffRate.objects.get()
    assert (stated.rate, stated.facts) == (
        Decimal("0.165"),
        {"section_301_cn_rate": "0.075"},
    )
    found = rows_of(client.get(page_of(ready)))
    assert {row.verdict for row in found.values()} == {"can"}


@pytest.mark.parametrize("body", [{}, {"duty_rate_US": "a lot"}, {"duty_rate_US": "5"}])
def test_facts_that_say_nothing_are_refused(client, world, ready, body):
    rule(client, ready)

    assert post(client, "publish_facts", ready, body).status_code == 422
    with scope(merchant=world.merchant):
        assert not TariffRate.objects.exists()


def test_the_chooser_finds_by_words_and_shows_what_is_on_sale_last(client, world, ready):
    with scope(merchant=world.merchant):
        variant = ready.variants.get()
    ListingFactory(variant=variant, market=MarketFactory(code="FR"))
    other = ProductFactory(merchant=world.merchant, title="T-shirt, long")
    ProductFactory(title="T-shirt of somebody else")

    found = client.get("/publish/", {"q": "t-shirt"}).context["candidates"]

    assert [(item.product.title, item.is_sold) for item in found] == [
        ("T-shirt, long", False),
        ("T-shirt", True),
    ]
    only = client.get("/publish/", {"q": "long"})
    assert only.url == f"/products/{other.public_id}/publish/"
    assert client.get("/publish/", {"q": "nothing"}).context["candidates"] == []


def test_the_chooser_takes_a_fixed_number_of_statements(
    client, world, ready, django_assert_max_num_queries
):
    client.get("/publish/")
    with django_assert_max_num_queries(30) as few:
        client.get("/publish/")
    for number in range(9):
        ProductFactory(merchant=world.merchant, title=f"Lamp {number}")
    with django_assert_max_num_queries(len(few)):
        client.get("/publish/")


def test_presets_choose_markets(client, ready):
    rule(client, ready)
    all_that_can = rows_of(client.get(page_of(ready, preset="all")))
    assert [code for code, row in all_that_can.items() if row.is_on] == ["GB"]

    post(client, "publish_start", ready, {"markets": ["DE"], "price_DE": "40"})
    execution.run_job(Job.objects.get().pk, now=utc_now())

    usual = client.get(page_of(ready))
    assert [code for code, row in rows_of(usual).items() if row.is_on] == ["DE"]
    assert [item.slug for item in usual.context["page"].presets if item.is_current] == ["usual"]


def test_in_custody_the_price_is_a_supply_price(client, ready):
    answer = client.get(page_of(ready, model="custody"))

    assert "Supply price" in answer.content.decode()
    assert rows_of(answer)["GB"].first_block == "TEE-1 has no supply price. Type one."


def test_the_only_product_that_matches_opens_at_once(client, ready):
    address = reverse("dashboard:publish")

    assert client.get(address, {"q": "t-shirt"}).url == page_of(ready)
    assert client.get(address, {"q": "TEE-1"}).url == page_of(ready)
    several = client.get(address)
    assert len(several.context["candidates"]) > 1
    assert "No product matches" in client.get(address, {"q": "zzz"}).content.decode()


def test_the_palette_knows_publishing(client, ready):
    answer = client.get(reverse("dashboard:palette"), {"q": "publish"})

    assert reverse("dashboard:publish") in answer.content.decode()


def test_fifty_markets_and_ten_variants_take_as_many_statements_as_one(
    client, ready, django_assert_max_num_queries
):
    for number in range(9):
        VariantFactory(product=ready, sku=f"TEE-X{number}", weight_g=200, base_price_minor=32000)
    known = set(Market.objects.values_list("code", flat=True))
    Market.objects.bulk_create(Market(**facts) for facts in MARKETS if facts["code"] not in known)
    client.get(page_of(ready))

    with django_assert_max_num_queries(19):
        answer = client.get(page_of(ready))

    assert len(answer.context["page"].rows) == len(MARKETS)


def test_the_product_page_says_what_is_in_the_way_and_strikes_through_lawfully(
    client, world, ready, actor, now
):
    from apps.catalog import services
    from apps.catalog.services import IssueDraft, PriceDraft

    variant = product_variant(ready)
    british = Market.objects.get(code="GB")
    issue = IssueDraft("registration", "EPR-DE-PKG", {"country": "DE"}, fix="registration")
    steps = (
        (PriceDraft(variant, british, 6000, issues=()), 60),
        (PriceDraft(variant, british, 4900, issues=()), 1),
        (PriceDraft(variant, Market.objects.get(code="DE"), 5000, issues=(issue,)), 0),
    )
    with scope(merchant=world.merchant):
        for draft, days in steps:
            at = utc_now() - timedelta(days=days)
            services.list_in_markets([draft], merchant=world.merchant, actor=actor, now=at)

    answer = client.get(reverse("dashboard:product", args=[ready.public_id]))
    told = answer.content.decode()

    assert "£60.00" in told
    assert "Germany asks for your LUCID packaging register number." in told
    assert f"{page_of(ready)}#fix" in told
    rejected = client.get(reverse("dashboard:products"), {"view": "rejected"})
    assert [row.product.pk for row in rejected.context["rows"]] == [ready.pk]
