"""Facts, attributes, texts, categories and previews through the API."""

from __future__ import annotations

import pytest
from django_scopes import scope, scopes_disabled

from apps.catalog import services
from apps.catalog.models import ListingText, Party, ProductFacts
from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from tests.catalog.conftest import load_tree
from tests.factories.catalog import (
    DocumentFactory,
    ListingFactory,
    ListingTextFactory,
    PartyFactory,
    VariantFactory,
)
from tests.factories.partners import ACTOR, ApiClient, api_client


@pytest.fixture
def tree(db: None) -> None:
    """The category tree."""
    load_tree()


@pytest.fixture
def api(merchant: Merchant) -> ApiClient:
    """A key that may do everything."""
    return api_client(merchant)


@pytest.fixture
def product(merchant: Merchant):
    """A lamp on sale in Germany."""
    return ListingFactory(variant__product__merchant=merchant).variant.product


def errors_of(answer) -> dict[str, str]:
    """Return field → sentence of a refusal."""
    return {error["attr"]: error["detail"] for error in answer.json()["errors"]}


def test_categories_are_found_by_words_and_number(tree, api):
    found = api.call("GET", "/categories?q=house%20lamps").json()["items"]
    assert [item["code"] for item in found] == ["900011", "900012"]
    assert found[1] == {
        "code": "900012",
        "name": "Pendant Lamps",
        "path": "House Things > Lamps > Pendant Lamps",
        "depth": 3,
        "is_leaf": True,
    }
    assert api.call("GET", "/categories?q=lamps&limit=1").json()["items"][0]["code"] == "900021"
    assert api.call("GET", "/categories").json() == {"items": []}
    assert api.call("GET", "/categories?limit=0").status_code == 400


def test_attributes_of_a_category_are_told_with_where_they_come_from(tree, api):
    items = api.call("GET", "/categories/attributes?code=900012").json()["items"]
    power = next(item for item in items if item["key"] == "power")

    assert (power["type"], power["unit"], power["min"], power["max"]) == (
        "number",
        "W",
        "0.5",
        "2000",
    )
    assert (power["category"], power["required"], "DE" in power["markets"]) == (
        "900011",
        True,
        True,
    )
    assert api.call("GET", "/categories/attributes?code=4711").status_code == 404
    assert api.call("GET", "/categories/attributes").status_code == 400


def test_a_product_tells_everything_known_about_it(tree, api, merchant, product):
    party = PartyFactory(merchant=merchant)
    DocumentFactory(product=product)
    path = f"/products/{product.public_id}"
    body = {
        "category_code": "900012",
        "attributes": {"power": 40, "material": ["Rattan"], "is_dimmable": False},
        "battery": "ion_packed",
        "battery_wh": "7.40",
        "battery_count": 2,
        "dangerous": "yes",
        "un_number": "1950",
        "hazard_class": "2.1",
        "manufacturer": party.public_id,
    }
    answer = api.call("PATCH", f"{path}/facts", body)
    assert answer.status_code == 200, answer.content
    api.call("PUT", f"{path}/texts/de", {"title": "Lampe"})

    told = api.call("GET", path).json()
    assert told["category_code"] == "900012"
    assert told["attributes"] == {"power": "40", "material": ["Rattan"], "is_dimmable": False}
    assert told["lacking"] == {"DE": []}
    assert told["facts"]["battery_wh"] == "7.4"
    assert told["facts"]["un_number"] == "UN1950"
    assert told["facts"]["manufacturer"]["id"] == party.public_id
    assert told["facts"]["importer"] is None
    assert told["texts"] == [{"locale": "de", "title": "Lampe", "description": ""}]
    assert [(item["kind"], item["state"]) for item in told["documents"]] == [
        ("test_report", "current")
    ]
    assert told["title"] == "Rattan pendant lamp"


def test_what_a_market_requires_and_lacks_is_told(tree, api, product):
    path = f"/products/{product.public_id}"
    api.call("PATCH", f"{path}/facts", {"category_code": "900012"})

    assert api.call("GET", path).json()["lacking"] == {"DE": ["material", "power"]}


def test_a_refused_part_leaves_nothing_of_the_call(tree, api, product):
    body = {"category_code": "900012", "attributes": {"power": "0"}, "has_magnet": True}
    before = JournalEntry.objects.count()
    answer = api.call("PATCH", f"/products/{product.public_id}/facts", body)

    assert answer.status_code == 422
    assert errors_of(answer) == {"attributes.power": "At least 0.5."}
    product.refresh_from_db()
    assert product.category_ref is None
    with scopes_disabled():
        assert not ProductFacts.objects.exists()
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"category_code": "4711"}, "category_code"),
        ({"attributes": {"power": 1}}, "attributes.power"),
        ({"battery": "ion_alone"}, "battery_wh"),
        ({"battery": "nuclear"}, "battery"),
        ({"battery_wh": "1e3"}, "battery_wh"),
        ({"attributes": {"power": 1.5}}, "attributes"),
        ({"manufacturer": "pty_NOBODY"}, "manufacturer"),
        ({"unknown": 1}, "body"),
    ],
)
def test_a_wrong_fact_names_its_field(tree, api, product, body, field):
    answer = api.call("PATCH", f"/products/{product.public_id}/facts", body)

    assert answer.status_code == 422
    assert {attr.removesuffix("....") for attr in errors_of(answer)} >= {field}


def test_null_takes_an_attribute_away(tree, api, product):
    path = f"/products/{product.public_id}/facts"
    api.call("PATCH", path, {"category_code": "900012", "attributes": {"power": 40}})
    told = api.call("PATCH", path, {"attributes": {"power": None, "colour": "Black"}}).json()

    assert told["attributes"] == {"colour": "Black"}


def test_companies_are_made_listed_and_changed(api):
    body = {
        "kind": "eu_responsible",
        "name": "EU Rep GmbH",
        "address": "Ring 1, Berlin",
        "country": "DE",
        "website": "https://rep.example/contact",
    }
    made = api.call("POST", "/parties", body).json()
    refused = api.call("PATCH", f"/parties/{made['id']}", {"country": "US"})
    changed = api.call("PATCH", f"/parties/{made['id']}", {"is_active": False}).json()

    assert errors_of(refused) == {
        "country": "A responsible person in the EU has its address in an EU country."
    }
    assert (changed["name"], changed["is_active"]) == ("EU Rep GmbH", False)
    assert api.call("GET", "/parties").json()["items"] == [changed]
    assert api.call("POST", "/parties", {**body, "website": ""}).status_code == 422
    with scopes_disabled():
        assert Party.objects.count() == 1


def test_a_market_text_is_set_comes_into_conflict_and_is_decided(api, merchant, product):
    path = f"/products/{product.public_id}/market-texts"
    api.call("PUT", f"{path}/DE", {"title": "Korblampe"})
    with scope(merchant=merchant):
        services.update_product(product, {"title": "Woven lamp"}, actor=ACTOR, now=utc_now())
    row = api.call("GET", path).json()["items"][0]
    assert (row["market"], row["field"], row["state"]) == ("DE", "title", "conflict")
    assert (row["shown"], row["source"], row["source_was"]) == (
        "Korblampe",
        "Woven lamp",
        "Rattan pendant lamp",
    )

    body = {"field": "title", "decision": "keep"}
    stale = api.call("POST", f"{path}/DE/decide", {**body, "seen": "0" * 16})
    done = api.call("POST", f"{path}/DE/decide", {**body, "seen": row["seen"]})
    assert stale.status_code == 409
    assert {item["state"] for item in done.json()["items"]} == {"overridden", "inherited"}
    assert api.call("PUT", f"{path}/FR", {"title": "A"}).status_code == 404


def test_an_unknown_language_is_refused(api, product):
    answer = api.call("PUT", f"/products/{product.public_id}/texts/qq", {"title": "A"})

    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"locale"}


def test_a_preview_tells_what_would_change_and_saves_nothing(api, merchant, product):
    ListingTextFactory(product=product)
    with scopes_disabled():
        sku = product.variants.get().sku
    body = {
        "product": {"title": "Woven lamp", "hs_code": ""},
        "texts": {"de": {"description": "Aus Rattan"}},
        "weights": {sku: 900},
    }
    before = JournalEntry.objects.count()
    told = api.call("POST", f"/products/{product.public_id}/preview", body).json()

    assert told["markets"] == ["DE"]
    assert {(item["field"], item["sku"], item["after"]) for item in told["facts"]} == {
        ("title", "", "Woven lamp"),
        ("hs_code", "", ""),
        ("weight_g", sku, "900"),
    }
    assert [
        (item["field"], item["state_after"], item["shown_after"]) for item in told["texts"]
    ] == [
        ("title", "conflict", "Korblampe"),
        ("description", "inherited", "Aus Rattan"),
    ]
    assert told["listings"] == [
        {
            "sku": sku,
            "market": "DE",
            "status": "live",
            "missing": [],
            "missing_after": ["hs_code"],
        }
    ]
    product.refresh_from_db()
    assert (product.title, JournalEntry.objects.count()) == ("Rattan pendant lamp", before)
    refused = api.call("POST", f"/products/{product.public_id}/preview", {"weights": {"NO": 1}})
    assert errors_of(refused) == {"weights.NO": "This product has no such SKU."}


def test_a_product_is_read_in_a_fixed_number_of_statements(
    tree, api, merchant, product, django_assert_max_num_queries
):
    path = f"/products/{product.public_id}"
    api.call("PATCH", f"{path}/facts", {"category_code": "900012"})
    api.call("GET", path)
    with django_assert_max_num_queries(7) as few:
        api.call("GET", path)
    for index in range(4):
        ListingFactory(variant=VariantFactory(product=product))
        DocumentFactory(product=product, sha256=str(index) * 64)
    with django_assert_max_num_queries(len(few)):
        assert len(api.call("GET", path).json()["documents"]) == 4
    with scopes_disabled():
        assert not ListingText.objects.exists()


def test_categories_are_told_in_the_callers_language(tree, api):
    told = api.call("GET", "/categories?q=900012&language=zh-hans").json()
    rules = api.call("GET", "/categories/attributes?code=900010&language=zh-hans").json()

    assert [item["name"] for item in told["items"]] == ["吊灯"]
    assert [item["label"] for item in rules["items"]] == ["材质", "Colour"]
