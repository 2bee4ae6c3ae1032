"""Price rules per market with their example, and the price history of a listing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from apps.catalog import services
from apps.catalog.models import Listing, PriceRule, Variant
from apps.catalog.services import PriceDraft
from apps.common.clock import utc_now
from apps.markets.models import FxRate
from apps.merchants.models import Role
from tests.dashboard.conftest import ACTOR, sign_in
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MemberFactory

TERMS = {
    "percent": "25",
    "ending": "99",
    "hysteresis": "1",
    "floor": "",
    "ceiling": "",
    "uplift": "",
}


@pytest.fixture
def priced(world):
    """The world's variant has a base price of 320 CNY; a euro is 8 yuan and 0.85 pounds."""
    MarketFactory(code="GB", currency="GBP")
    with scope(merchant=world.merchant):
        Variant.objects.update(base_price_minor=32000, base_price_currency="CNY")
    for quote, rate in (("CNY", "8"), ("GBP", "0.85")):
        FxRate.objects.create(
            base="EUR", quote=quote, rate=Decimal(rate), valid_on=utc_now().date(), source="test"
        )
    return world


def history_url(world) -> str:
    return f"/products/{world.product.public_id}/listings/{world.listing.public_id}/prices/"


def test_a_rule_per_market_is_kept_and_shown(client, priced):
    assert client.post("/prices/all/", TERMS).url == "/prices/"
    client.post("/prices/GB/", {**TERMS, "percent": "40", "floor": "300"})

    with scope(merchant=priced.merchant):
        found = {rule.scope_key: rule.percent for rule in PriceRule.objects.all()}
    assert found == {"*:*": Decimal("25"), "*:GB": Decimal("40")}
    page = client.get("/prices/").content.decode()
    assert "Base price 40 %" in page
    assert "As for all markets" in page


def test_the_example_is_worked_out_from_todays_rate(client, priced):
    page = client.post("/prices/GB/example/", TERMS)

    [told] = page.context["examples"]
    assert (told.base.minor, told.exact, told.price.minor) == (32000, Decimal("42.5000"), 4299)
    assert told.rate_on == utc_now().date()
    assert "£42.99" in page.content.decode()
    with scope(merchant=priced.merchant):
        assert not PriceRule.objects.exists()


def test_the_form_starts_with_an_example_of_the_rule_that_counts(client, priced):
    client.post("/prices/all/", TERMS)

    page = client.get("/prices/GB/")

    assert [item.price.minor for item in page.context["examples"]] == [4299]
    assert page.context["known"] is None


def test_limits_bound_the_example_and_wrong_terms_are_told(client, priced):
    page = client.post("/prices/GB/example/", {**TERMS, "ceiling": "200", "ending": "none"})
    assert [item.price.minor for item in page.context["examples"]] == [2125]

    wrong = client.post("/prices/GB/", {**TERMS, "floor": "300", "ceiling": "200"})
    assert wrong.status_code == 422
    assert "The highest price is not below the lowest." in wrong.content.decode()
    assert client.post("/prices/GB/example/", {**TERMS, "percent": "x"}).status_code == 422


def test_removing_a_rule_leaves_prices(client, priced):
    client.post("/prices/GB/", TERMS)

    assert client.post("/prices/GB/remove/").url == "/prices/"

    with scope(merchant=priced.merchant):
        assert not PriceRule.objects.exists()
    assert client.post("/prices/GB/remove/").status_code == 404


def test_the_history_tells_every_price_why_and_the_lowest(client, priced):
    now = utc_now()
    with scope(merchant=priced.merchant):
        variant = Variant.objects.select_related("product").get(pk=priced.listing.variant_id)
        for minor, days in ((6000, 40), (4900, 10), (5900, 1)):
            draft = PriceDraft(variant, priced.listing.market, minor)
            at = now - timedelta(days=days)
            services.list_in_markets([draft], merchant=priced.merchant, actor=ACTOR, now=at)

    page = client.get(history_url(priced))

    told = [(item.price.minor, item.why) for item in page.context["prices"]]
    assert told[:3] == [(5900, "Set by hand"), (4900, "Set by hand"), (6000, "Set by hand")]
    assert page.context["lowest"].minor == 4900
    assert "Lowest of the last 30 days" in page.content.decode()
    assert (
        history_url(priced) in client.get(f"/products/{priced.product.public_id}/").content.decode()
    )


def test_a_price_by_rule_tells_what_it_was_made_of(client, priced):
    client.post("/prices/all/", {**TERMS, "ending": "none"})
    with scope(merchant=priced.merchant):
        Listing.objects.update(price_source="rule")
        services.reprice(priced.merchant, actor=ACTOR, now=utc_now())

    page = client.get(history_url(priced))

    [first, *_others] = page.context["prices"]
    assert (first.price.minor, first.base.minor, first.rate) == (5000, 32000, "0.125")
    assert first.is_by_rule


def test_pages_take_a_fixed_number_of_statements(client, priced, django_assert_max_num_queries):
    client.post("/prices/all/", TERMS)
    client.get("/prices/")

    with django_assert_max_num_queries(8):
        client.get("/prices/")
    with django_assert_max_num_queries(11):
        client.get("/prices/all/")
    with django_assert_max_num_queries(10):
        client.get(history_url(priced))


def test_what_is_another_companys_is_not_there(client, priced, rival):
    assert client.get("/prices/ZZ/").status_code == 404
    assert client.get(history_url(rival)).status_code == 404
    mixed = f"/products/{rival.product.public_id}/listings/{priced.listing.public_id}/prices/"
    assert client.get(mixed).status_code == 404
    client.post("/prices/all/", TERMS)
    assert "Base price" not in sign_in(rival.member).get("/prices/").content.decode()


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.READ_ONLY])
def test_who_may_not_manage_products_changes_nothing(priced, role):
    member = MemberFactory(merchant=priced.merchant, role=role)
    browser = sign_in(member)

    answers = [browser.post(f"/prices/all/{at}", TERMS) for at in ("", "example/", "remove/")]
    answers.append(browser.get("/prices/all/"))

    assert {answer.status_code for answer in answers} == {403}
    with scope(merchant=priced.merchant):
        assert not PriceRule.objects.exists()


def test_wrong_methods_are_refused(client, priced):
    assert client.post("/prices/").status_code == 405
    assert client.put("/prices/all/").status_code == 405
    assert client.get("/prices/all/example/").status_code == 405
    assert client.get("/prices/all/remove/").status_code == 405
    assert client.post(history_url(priced)).status_code == 405
