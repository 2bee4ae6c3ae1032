"""Carts and orders under promotions by API: quotes, expected totals, codes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.merchants.models import Merchant, Store
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest
from apps.orders.services.quoting import quote_cart
from apps.promotions import programs
from apps.promotions.models import Promotion, PromotionCounter
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock
from tests.factories.partners import ApiClient, api_client
from tests.factories.promotions import make_promotion
from tests.partners.test_intake import new_order

pytestmark = pytest.mark.django_db


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def api(merchant: Merchant, store: Store) -> ApiClient:
    """A client of a company that has 100 lamps on sale in Germany for €49.00."""
    variant = VariantFactory(product=ProductFactory(merchant=merchant), sku="LAMP")
    ListingFactory(variant=variant)
    put_stock(variant, 100, now=utc_now())
    return api_client(merchant)


@pytest.fixture
def save10(merchant: Merchant) -> Promotion:
    return make_promotion(
        merchant,
        now=utc_now(),
        name="Ten off",
        kind="voucher",
        codes=("SAVE10",),
        rule={"value": {"percent": "10"}, "limits": {"uses": 1}},
        platform_percent=50,
    )


def cart(**changes: object) -> dict[str, object]:
    return {"market": "DE", "lines": [{"sku": "LAMP", "quantity": 2}], **changes}


def test_a_cart_is_priced_with_every_reason(api: ApiClient, merchant, save10) -> None:
    big = make_promotion(
        merchant,
        now=utc_now(),
        name="Big carts",
        kind="order_discount",
        rule={
            "value": {"percent": "50"},
            "currency": "EUR",
            "conditions": {"min_spend": 99999},
        },
    )
    body = cart(codes=["save10", "NOPE"], shipping=eur("4.99"))
    answer = api.call("POST", "/quotes/cart", body)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["items"], told["discount"], told["total"]) == (
        eur("98.00"),
        eur("9.80"),
        eur("93.19"),
    )
    assert told["lines"] == [
        {
            "position": 1,
            "sku": "LAMP",
            "quantity": 2,
            "unit_price": eur("49.00"),
            "discount": eur("9.80"),
            "total": eur("88.20"),
        }
    ]
    assert told["applied"] == [
        {
            "promotion": save10.public_id,
            "name": "Ten off",
            "goods": eur("9.80"),
            "shipping": eur("0.00"),
            "platform": eur("4.90"),
        }
    ]
    assert [(one["promotion"], one["code"]) for one in told["refused"]] == [
        (big.public_id, "spend_below")
    ]
    assert told["refused"][0]["detail"].startswith("Goods for €")
    assert told["codes"] == [
        {"code": "save10", "promotions": [save10.public_id], "reason": "", "detail": ""},
        {
            "code": "NOPE",
            "promotions": [],
            "reason": "code_unknown",
            "detail": "No promotion has the code NOPE.",
        },
    ]
    assert told["program"].startswith("pgm_")
    with scopes_disabled():
        assert not Order.objects.exists()
        assert PromotionCounter.objects.get(scope="all").uses == 0


def test_reasons_are_told_in_the_language_asked_for(api: ApiClient, save10) -> None:
    body = cart(codes=["NOPE"], language="zh-hans")
    answer = api.call("POST", "/quotes/cart", body)
    assert not answer.json()["codes"][0]["detail"].isascii()


def test_a_cart_without_promotions_has_the_listings_prices(api: ApiClient) -> None:
    told = api.call("POST", "/quotes/cart", cart(codes=["X"])).json()
    assert (told["total"], told["program"]) == (eur("98.00"), "")
    assert [one["reason"] for one in told["codes"]] == ["code_unknown"]


@pytest.mark.parametrize(
    ("change", "attr", "code"),
    [
        ({"market": "XX"}, "market", "markets.unknown"),
        ({"lines": [{"sku": "NONE", "quantity": 1}]}, "lines.0.sku", "orders.not_listed"),
        ({"codes": [""]}, "codes.0", "invalid"),
        (
            {"shipping": {"amount": "1.00", "currency": "USD"}},
            "shipping.currency",
            "money.currency",
        ),
    ],
)
def test_a_cart_that_does_not_fit_is_named(api: ApiClient, change, attr, code) -> None:
    answer = api.call("POST", "/quotes/cart", cart(**change))
    assert answer.status_code == 422, answer.content
    assert [(one["attr"], one["code"]) for one in answer.json()["errors"]] == [(attr, code)]


def test_a_cold_quote_takes_five_statements(api: ApiClient, merchant) -> None:
    make_promotion(merchant, now=utc_now(), rule={"value": {"percent": "5"}, "limits": {"uses": 9}})
    request = OrderRequest("", "DE", BuyerRequest("", "DE"), (LineRequest("LAMP", 1),), utc_now())
    with scope(merchant=merchant):
        programs.forget_programs()
        for allowed in (5, 4):
            with CaptureQueriesContext(connection) as found:
                quote_cart(request, merchant=merchant, now=utc_now())
            assert len(found) == allowed


def test_an_order_tells_what_its_codes_came_to(api: ApiClient, save10) -> None:
    body = {**new_order(), "codes": ["SAVE10"], "expected_total": eur("88.20")}
    answer = api.call("POST", "/orders", body)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["total"] == eur("88.20")
    assert [one["promotion"] for one in told["promotions"]] == [save10.public_id]
    assert [one["reason"] for one in told["codes"]] == [""]
    again = api.call("POST", "/orders", body)
    assert again.json() == {**told, "is_new": False}


def test_another_price_is_refused_with_what_it_is_made_of(api: ApiClient, save10) -> None:
    api.call("POST", "/orders", {**new_order("A"), "codes": ["SAVE10"]})
    body = {**new_order("B"), "codes": ["SAVE10"], "expected_total": eur("88.20")}
    answer = api.call("POST", "/orders", body)
    assert answer.status_code == 409
    told = answer.json()
    assert told["errors"][0]["code"] == "orders.price_changed"
    price = told["price"]
    assert (price["shown_total"], price["due_total"]) == (eur("88.20"), eur("98.00"))
    assert [(one["code"], one["reason"]) for one in price["codes"]] == [("SAVE10", "used_up")]
    assert price["codes"][0]["detail"] == "All of its uses are taken (1)."
    with scopes_disabled():
        assert Order.objects.count() == 1


def test_a_batch_names_the_orders_whose_price_changed(api: ApiClient, save10) -> None:
    orders = [
        {**new_order("A"), "expected_total": eur("1.00")},
        {**new_order("B"), "codes": ["SAVE10"], "expected_total": eur("88.20")},
    ]
    told = api.call("POST", "/orders/batch", {"orders": orders}).json()
    assert (told["accepted"], told["refused"]) == (1, 1)
    error = told["items"][0]["error"]
    assert (error["code"], error["price"]["due_total"]) == ("orders.price_changed", eur("98.00"))


def test_codes_beside_prices_are_refused(api: ApiClient, save10) -> None:
    line = {"sku": "LAMP", "quantity": 1, "unit_price": eur("45.00")}
    answer = api.call("POST", "/orders", {**new_order(), "lines": [line], "codes": ["SAVE10"]})
    assert answer.status_code == 422
    assert [(one["attr"], one["code"]) for one in answer.json()["errors"]] == [
        ("codes", "orders.codes_with_prices")
    ]
