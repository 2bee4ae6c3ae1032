"""Publishing, pricing and landed cost by the API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from apps.catalog import services
from apps.catalog.models import Listing, PriceRule
from apps.catalog.services import PriceDraft
from apps.common.clock import utc_now
from apps.finance.services import open_fee_rules
from apps.jobs import execution
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.markets.models import FxRate, LandedQuote
from apps.markets.services import load_rule_book
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.factories.markets import MarketFactory
from tests.factories.partners import api_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(merchant):
    """A key that may do everything."""
    return api_client(merchant)


@pytest.fixture
def product(merchant):
    """A T-shirt with a base price; DE and GB are open."""
    now = utc_now()
    load_rule_book(now=now)
    open_fee_rules()
    for quote, rate in (("CNY", "8"), ("GBP", "0.85"), ("USD", "1.1")):
        FxRate.objects.create(
            base="EUR", quote=quote, rate=Decimal(rate), valid_on=now.date(), source="test"
        )
    MarketFactory(code="GB", currency="GBP")
    MarketFactory()
    product = ProductFactory(merchant=merchant, hs_code="610910")
    VariantFactory(
        product=product, sku="TEE-1", weight_g=200, cost_minor=6100, base_price_minor=32000
    )
    return product


def put_rule(api, **changes):
    return api.call("PUT", "/price-rules", {"currency": "CNY", **changes})


def test_an_answer_per_market(api, product):
    put_rule(api)
    told = api.call("GET", f"/products/{product.public_id}/publish-answers").json()["items"]

    assert [(item["market"], item["verdict"]) for item in told] == [
        ("DE", "can_when"),
        ("GB", "can"),
    ]
    british = told[1]["waterfalls"][0]
    assert british["price"] == {"amount": "33.99", "currency": "GBP"}
    assert british["price_source"] == "rule"
    lines = {line["code"]: line["amount"] for line in british["lines"]}
    assert lines["tax"] == {"amount": "-5.66", "currency": "GBP"}
    total = sum(Decimal(line["amount"]) for line in lines.values() if line)
    assert Decimal(british["keep"]["amount"]) == Decimal("33.99") + total
    codes = {finding["code"] for finding in told[0]["findings"] if finding["is_blocking"]}
    assert codes == {
        "registration",
        "manufacturer_product_id",
        "no_manufacturer",
        "no_eu_responsible",
    }


def test_answers_for_some_markets_and_a_model(api, product):
    path = f"/products/{product.public_id}/publish-answers?markets=GB&model=custody"
    [told] = api.call("GET", path).json()["items"]

    assert (told["market"], told["model"]) == ("GB", "custody")
    assert told["findings"][0]["code"] == "no_supply_price"


def test_a_closed_market_is_named(api, product):
    answer = api.call("GET", f"/products/{product.public_id}/publish-answers?markets=XX")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "markets.unknown")


def test_publishing_is_a_job_with_a_row_per_market(api, merchant, product):
    put_rule(api)
    wish = {"markets": [{"market": "GB"}, {"market": "DE", "pricing": "own", "price": _eur("40")}]}
    answer = api.call("POST", f"/products/{product.public_id}/publish", wish)
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")

    execution.run_job(Job.objects.get().pk, now=utc_now())

    told = api.call("GET", f"/jobs/{answer.json()['id']}").json()
    assert (told["status"], told["done"], told["failed"]) == ("done", 2, 1)
    assert [(row["reference"], row["is_ok"]) for row in told["rows"]] == [
        ("DE · €40.00", False),
        ("GB · £33.99", True),
    ]
    with scope(merchant=merchant):
        states = dict(Listing.objects.values_list("market__code", "status"))
    assert states == {"DE": "rejected", "GB": "live"}


def _eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.parametrize(
    ("wish", "attr"),
    [
        ({"market": "XX"}, "markets.0.market"),
        ({"market": "DE", "pricing": "own"}, "markets.0.price"),
        ({"market": "DE", "pricing": "own", "price": _eur("0")}, "markets.0.price.amount"),
        ({"market": "GB", "pricing": "own", "price": _eur("4")}, "markets.0.price.currency"),
    ],
)
def test_a_senseless_wish_is_named_and_starts_nothing(api, product, wish, attr):
    answer = api.call("POST", f"/products/{product.public_id}/publish", {"markets": [wish]})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (422, attr)
    assert not Job.objects.exists()


def test_prices_by_the_api_pass_the_gate_of_each_market(api, merchant, product):
    price = {"sku": "TEE-1", "price": _eur("40.00")}
    wish = [{**price, "market": "DE"}, {**price, "market": "GB"}]
    wish[1]["price"] = {"amount": "35.00", "currency": "GBP"}
    told = api.call("PUT", f"/products/{product.public_id}/listings", {"listings": wish}).json()

    listed = {item["market"]: item["status"] for item in told["variants"][0]["listings"]}
    assert listed == {"DE": "rejected", "GB": "live"}
    answers = {item["market"]: item for item in told["answers"]}
    assert {code: item["verdict"] for code, item in answers.items()} == {
        "DE": "can_when",
        "GB": "can",
    }
    blocking = [item["code"] for item in answers["DE"]["findings"] if item["is_blocking"]]
    assert "registration" in blocking


def test_a_market_twice_is_refused(api, product):
    wish = {"markets": [{"market": "GB"}, {"market": "GB"}]}
    answer = api.call("POST", f"/products/{product.public_id}/publish", wish)

    assert answer.json()["errors"][0]["code"] == "products.twice"


def test_jobs_about_orders_are_not_shown(api, merchant, actor, now):
    job = jobs.start_job(
        "orders.ship",
        title="Ship",
        parameters={},
        tenant_id=merchant.pk,
        actor=actor,
        now=now,
    )

    assert api.call("GET", f"/jobs/{job.public_id}").status_code == 404


def test_price_rules_are_kept_listed_and_removed(api, merchant, product):
    put_rule(api, percent="10", floor={"amount": "300.00", "currency": "CNY"})
    put_rule(api, percent="15", product=product.public_id, market="DE", hysteresis="0.02")

    told = api.call("GET", "/price-rules").json()["items"]
    assert [(item["product"], item["market"], item["percent"]) for item in told] == [
        (None, None, "10"),
        (product.public_id, "DE", "15"),
    ]
    assert told[1]["hysteresis"] == "0.02"
    assert api.call("DELETE", f"/price-rules/{told[0]['id']}").status_code == 204
    with scope(merchant=merchant):
        assert PriceRule.objects.count() == 1


def test_a_rule_in_another_currency_of_its_amounts_is_refused(api, product):
    answer = put_rule(api, floor=_eur("3"))

    assert answer.json()["errors"][0]["attr"] == "floor.currency"


def test_a_new_base_price_moves_prices_by_the_api(api, merchant, product):
    put_rule(api, ending="none")
    api.call("POST", f"/products/{product.public_id}/publish", {"markets": [{"market": "GB"}]})
    execution.run_job(Job.objects.get().pk, now=utc_now())
    with scope(merchant=merchant):
        variant, listing = product.variants.get(), Listing.objects.get()
    path = f"/products/{product.public_id}/variants/{variant.public_id}"

    told = api.call("PATCH", path, {"base_price": {"amount": "400.00", "currency": "CNY"}}).json()

    assert told["variants"][0]["base_price"] == {"amount": "400.00", "currency": "CNY"}
    listed = told["variants"][0]["listings"][0]
    assert (listed["price"]["amount"], listed["price_source"]) == ("42.50", "rule")
    history = api.call("GET", f"/listings/{listing.public_id}/prices").json()
    assert [item["reason"] for item in history["items"]] == ["base", "first"]
    assert history["items"][0]["basis"]["rate_on"] == utc_now().date().isoformat()


def test_the_history_says_what_may_be_struck_through(api, merchant, product, actor):
    now = utc_now()
    with scope(merchant=merchant):
        variant = product.variants.select_related("product").get()
        for minor, days in ((6000, 60), (4900, 1)):
            draft = PriceDraft(variant, MarketFactory(), minor)
            at = now - timedelta(days=days)
            [listing] = services.list_in_markets([draft], merchant=merchant, actor=actor, now=at)

    told = api.call("GET", f"/listings/{listing.public_id}/prices?limit=1").json()

    assert (told["reduction"], told["was_price"]) == ("lawful", _eur("60.00"))
    assert told["is_bound_by_eu_law"] is True
    rest = api.call("GET", f"/listings/{listing.public_id}/prices?cursor={told['next_cursor']}")
    assert [item["price"] for item in rest.json()["items"]] == [_eur("60.00")]


def _basket(**changes):
    item = {
        "unit_price": _eur("40.00"),
        "hs_code": "610910",
        "origin_country": "CN",
        "quantity": 2,
    }
    return {"country": "FR", "currency": "EUR", "items": [item], **changes}


def test_a_landed_quote_is_stored_and_answers_the_same_again(api, product):
    made = api.call("POST", "/quotes/landed", _basket(sold_on="2026-11-25"))
    assert made.status_code == 201
    told = made.json()

    # EUR 3 a tariff line, EUR 2 a declaration line (France), 20 % of 83.00.
    assert (told["duty"], told["tax"], told["fees"]) == (_eur("3.00"), _eur("16.60"), _eur("2.00"))
    assert "EU-DUTY-3" in told["rules"]
    assert LandedQuote.objects.count() == 1
    assert api.call("GET", f"/quotes/landed/{told['id']}").json() == told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"country": "IS"}, "markets.no_rule"),
        ({"currency": "ZZZ"}, "money.unknown_currency"),
        ({"shipping": {"amount": "1", "currency": "GBP"}}, "money.currency"),
        ({"sold_on": "1999-01-01"}, "out_of_range"),
        ({"items": []}, "invalid"),
    ],
)
def test_a_basket_nobody_can_quote_is_refused(api, product, changes, code):
    answer = api.call("POST", "/quotes/landed", _basket(**changes))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert not LandedQuote.objects.exists()


def test_a_worthless_basket_is_refused(api, product):
    basket = _basket()
    basket["items"][0]["unit_price"] = _eur("0")

    assert api.call("POST", "/quotes/landed", basket).status_code == 422
