"""The list of listings and the search of products over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scopes_disabled

from apps.catalog.models import Listing
from apps.common.clock import utc_now
from apps.partners.api.structs.common import money_view
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.markets import MarketFactory
from tests.factories.partners import ApiClient, api_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(merchant) -> ApiClient:
    """The company's app."""
    return api_client(merchant)


@pytest.fixture
def listings(merchant):
    """Three products, each in Germany and the United States, the second refused there."""
    markets = [MarketFactory(), MarketFactory(code="US", currency="USD", locale="en_US")]
    made = []
    for title in ("Rattan lamp", "藤编吊灯", "Oak shelf"):
        variant = VariantFactory(product__merchant=merchant, product__title=title)
        made += [ListingFactory(variant=variant, market=market) for market in markets]
    with scopes_disabled():
        Listing.objects.filter(pk=made[3].pk).update(status="rejected", refusal="missing:hs_code")
    return made


def ids(api: ApiClient, query: str) -> list[str]:
    """Return the ids of a page."""
    return [item["id"] for item in api.call("GET", f"/listings?{query}").json()["items"]]


def test_a_listing_is_told_with_the_names_of_its_product(api, listings):
    [item] = api.call("GET", "/listings?status=rejected").json()["items"]
    variant = listings[3].variant

    assert item.pop("updated_at")
    assert item == {
        "id": listings[3].public_id,
        "product_id": variant.product.public_id,
        "variant_id": variant.public_id,
        "sku": variant.sku,
        "title": "藤编吊灯",
        "option": "",
        "market": "US",
        "status": "rejected",
        "model": "direct",
        "price": {"amount": "49.00", "currency": "EUR"},
        "price_source": "explicit",
        "refusal": "Missing: HS code.",
    }


def test_filters_of_listings(api, listings):
    made = [listing.public_id for listing in listings]

    assert ids(api, "") == made[::-1]
    assert ids(api, "market=US") == [made[5], made[3], made[1]]
    assert ids(api, "market=US&status=live") == [made[5], made[1]]
    assert ids(api, "market=FR") == []
    assert ids(api, "q=lamp") == [made[0], made[1]]
    assert ids(api, "q=%E5%90%8A%E7%81%AF&market=DE") == [made[2]]
    assert ids(api, f"q={listings[4].variant.sku}") == [made[4], made[5]]
    assert ids(api, "q=nothing") == []


def test_those_who_follow_changes_get_the_oldest_first_and_miss_none(api, listings):
    start = utc_now() - timedelta(hours=6)
    order = [4, 0, 5, 2, 1, 3]
    with scopes_disabled():
        for hour, at in enumerate(order):
            moment = start + timedelta(hours=hour)
            Listing.objects.filter(pk=listings[at].pk).update(updated_at=moment)
    since = (start + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    first = api.call("GET", f"/listings?updated_since={since}&limit=3").json()
    second = ids(api, f"updated_since={since}&limit=3&cursor={first['next_cursor']}")

    seen = [item["id"] for item in first["items"]] + second
    assert seen == [listings[at].public_id for at in order[2:]]
    assert api.call("GET", "/listings?updated_since=1999-01-01T00:00:00Z").status_code == 400


@pytest.mark.parametrize("query", ["", "q=a", "status=live", "q=a&market=DE"])
def test_pages_of_listings_hold_each_once(api, merchant, query):
    for _ in range(3):
        product = ProductFactory(merchant=merchant, title="A thing")
        for _variant in range(2):
            variant = VariantFactory(product=product)
            for code in ("DE", "US"):
                ListingFactory(variant=variant, market=MarketFactory(code=code))
    seen, cursor = [], ""
    while True:
        page = api.call("GET", f"/listings?{query}&limit=3&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break

    with scopes_disabled():
        wanted = Listing.objects.filter(market__code="DE") if "market" in query else Listing.objects
        assert sorted(seen) == sorted(wanted.values_list("public_id", flat=True))


def test_listings_of_another_company_are_not_there(api, stranger, listings):
    ListingFactory(variant__product__merchant=stranger, market=listings[0].market)

    assert len(ids(api, "")) == len(listings)
    assert ids(api, "q=pendant") == []


def test_an_unchanged_page_is_a_304(api, listings):
    tag = api.call("GET", "/listings").headers["ETag"]

    again = api.call("GET", "/listings", headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "query", ["status=odd", "market=Germany", "updated_since=2026-01-01", "x=1"]
)
def test_unusable_filters_are_a_400(api, query):
    assert api.call("GET", f"/listings?{query}").status_code == 400


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/listings", 2),
        ("/listings?market=DE&status=live", 2),
        ("/listings?q=lamp", 4),
        ("/products", 2),
        ("/products?status=active", 2),
        ("/products?q=lamp", 4),
    ],
)
def test_pages_take_a_fixed_number_of_statements(
    api, merchant, listings, path, statements, django_assert_num_queries
):
    api.call("GET", "/listings")
    with django_assert_num_queries(statements):
        assert api.call("GET", path).status_code == 200


def test_products_are_found_by_text(api, merchant, listings):
    def titles(query: str) -> list[str]:
        return [item["title"] for item in api.call("GET", f"/products?{query}").json()["items"]]

    assert titles("q=lamp") == ["Rattan lamp"]
    assert titles("q=%E5%90%8A") == ["藤编吊灯"]
    assert titles(f"q={listings[4].variant.sku}") == ["Oak shelf"]
    assert titles("q=lamp&status=archived") == []
    assert titles("") == ["Oak shelf", "藤编吊灯", "Rattan lamp"]


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (4900, "EUR", "49.00"),
        (5, "USD", "0.05"),
        (0, "EUR", "0.00"),
        (1200, "JPY", "1200"),
        (1, "KWD", "0.001"),
        (-105, "EUR", "-1.05"),
    ],
)
def test_money_is_written_with_the_digits_of_its_currency(minor, currency, amount):
    assert money_view(minor, currency).amount == amount
