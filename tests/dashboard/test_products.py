"""Product pages: making, changing, pricing, stock, photos."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope
from PIL import Image

from apps.catalog.models import Listing, Product
from apps.catalog.services import update_product
from apps.catalog.services.images import make_smaller
from apps.common.clock import utc_now
from apps.inventory.models import StockBalance, StockPosting
from apps.journal.actors import Actor
from apps.merchants.models import Role
from tests.dashboard.conftest import sign_in, sign_in_as
from tests.factories.catalog import make_image
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MemberFactory, MerchantFactory
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


NEW = {
    "title": "Linen cushion",
    "sku": "CSH-1",
    "origin_country": "cn",
    "hs_code": "6304.92",
    "customs_name": "Cushion cover of linen",
    "weight_g": "180",
    "cost": "15,00",
    "quantity": "40",
    "price_DE": "12,50",
    "price_US": "",
}


@pytest.fixture
def markets(db):
    """Germany and the United States."""
    MarketFactory(code="DE")
    MarketFactory(code="US", currency="USD", locale="en_US", time_zone="America/New_York")


def test_one_page_makes_product_listing_and_stock(client, world, markets):
    with scope(merchant=world.merchant):
        node = world.shipment.node.public_id
    response = client.post("/products/new/", {**NEW, "node": node})

    with scope(merchant=world.merchant):
        product = Product.objects.get(title="Linen cushion")
        listing = Listing.objects.get(variant__product=product)
        variant = product.variants.get()
        assert (listing.price_minor, listing.currency, listing.status) == (1250, "EUR", "live")
        assert (variant.cost_minor, variant.cost_currency) == (1500, "CNY")
        assert StockBalance.objects.get(variant=variant).available == 40
    assert (product.hs_code, product.origin_country) == ("630492", "CN")
    assert response.url == reverse("dashboard:product", args=[product.public_id])


def test_first_product_opens_the_first_shelf(markets):
    member = MemberFactory(merchant=MerchantFactory(), user__language="en")
    sign_in(member).post("/products/new/", NEW)

    with scope(merchant=member.merchant):
        assert StockBalance.objects.select_related("node").get().node.code == "MAIN"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"sku": ""}, "sku"),
        ({"hs_code": "12"}, "hs_code"),
        ({"origin_country": "QQ"}, "origin_country"),
        ({"price_DE": "cheap"}, "price_DE"),
        ({"gtin": "4006381333932"}, "gtin"),
        ({"weight_g": "-1"}, "weight_g"),
    ],
)
def test_unusable_product_keeps_the_form_and_makes_nothing(client, world, markets, change, field):
    with scope(merchant=world.merchant):
        node, before = world.shipment.node.public_id, Product.objects.count()
    response = client.post("/products/new/", {**NEW, "node": node, **change})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    with scope(merchant=world.merchant):
        assert Product.objects.count() == before


def test_taken_sku_is_said_beside_the_field(client, world, markets):
    with scope(merchant=world.merchant):
        node, sku = world.shipment.node.public_id, world.product.variants.get().sku
    response = client.post("/products/new/", {**NEW, "node": node, "sku": sku})

    assert response.context["form"].errors["sku"] == [f"SKU {sku} exists already."]


def test_completing_customs_data_tries_refused_listings_again(client, world):
    with scope(merchant=world.merchant):
        Listing.objects.filter(pk=world.listing.pk).update(
            status="rejected", refusal="missing:hs_code"
        )
    body = {"title": "Lamp", "status": "active", "origin_country": "CN", "hs_code": "940511"}
    client.post(f"/products/{world.product.public_id}/edit/", {**body, "customs_name": "Lamp"})

    world.listing.refresh_from_db()
    assert (world.listing.status, world.listing.refusal) == ("live", "")


def test_price_is_read_as_people_write_it(client, world):
    with scope(merchant=world.merchant):
        sku = world.product.variants.get().sku
    url = f"/products/{world.product.public_id}/price/"

    client.post(url, {"sku": sku, "market": "DE", "price": "1.234,50 €"})

    world.listing.refresh_from_db()
    assert world.listing.price_minor == 123450
    assert client.post(url, {"sku": sku, "market": "DE", "price": "x"}).status_code == 422
    assert client.post(url, {"sku": sku, "market": "ZZ", "price": "1"}).status_code == 422
    assert client.post(url, {"sku": "NOPE", "market": "DE", "price": "1"}).status_code == 404


def test_a_price_the_gate_refuses_is_saved_and_says_why(client, world):
    with scope(merchant=world.merchant):
        sku = world.product.variants.get().sku
    url = f"/products/{world.product.public_id}/price/"

    page = client.post(url, {"sku": sku, "market": "DE", "price": "49"}, follow=True)

    assert "Price saved, but not on sale: " in page.content.decode()
    world.listing.refresh_from_db()
    assert (world.listing.status, world.listing.price_minor) == ("suppressed", 4900)


def test_counted_stock_is_a_movement_with_its_reason(client, world):
    with scope(merchant=world.merchant):
        variant = world.product.variants.get()
        node = StockBalance.objects.get(variant=variant).node
    client.post(
        f"/products/{world.product.public_id}/stock/",
        {"sku": variant.sku, "node": node.public_id, "quantity": "12"},
    )
    page = client.get(f"/products/{world.product.public_id}/")

    with scope(merchant=world.merchant):
        assert StockBalance.objects.get(variant=variant).available == 12
        assert StockPosting.objects.filter(reason="count").count() == 1
    assert ("Counted", -86) in [(item.text, item.quantity) for item in page.context["changes"]]


def test_listing_takes_only_steps_people_may_take(client, world):
    url = f"/products/{world.product.public_id}/listings/{world.listing.public_id}/"

    assert client.post(url, {"following": "suppressed"}).status_code == 400
    assert client.post(url, {"following": "paused"}).status_code == 302
    assert client.post(url, {"following": "paused"}).status_code == 409


def _picture(kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (1600, 900), "#b07a3c").save(out, kind)
    return SimpleUploadedFile("photo.png", out.getvalue(), "image/png")


def test_photo_is_made_small_and_shown_to_members_only(client, world, rival):
    url = f"/products/{world.product.public_id}/photo/"
    added = f"/products/{world.product.public_id}/images/"
    assert client.post(added, {"photo": _picture()}).status_code == 302

    response = client.get(url)

    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.getvalue()[8:12] == b"WEBP"
    assert sign_in(rival.member).get(url).status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"", b"\x89PNG\r\n\x1a\nrest"])
def test_file_that_is_no_picture_is_refused(client, world, content):
    url = f"/products/{world.product.public_id}/images/"
    file = SimpleUploadedFile("photo.png", content, "image/png")

    assert client.post(url, {"photo": file}).status_code == 422
    world.product.refresh_from_db()
    assert not world.product.image


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("view=selling", 2),
        ("view=unlisted", 0),
        ("view=rejected", 0),
        ("view=sold_out", 0),
        ("view=archived", 0),
        ("q=rattan", 2),
        ("q=nothing", 0),
        ("view=odd", 2),
    ],
)
def test_product_views_and_search(client, world, query, count):
    assert len(client.get(f"/products/?{query}").context["rows"]) == count


def test_product_list_needs_the_same_statements_for_any_number(
    client, world, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    for _ in range(20):
        make_order(world.merchant, now=utc_now())
    client.get("/products/")

    with django_assert_num_queries(5 + 3):  # the list, and the frame around every page
        assert len(client.get("/products/").context["rows"]) == 22


def test_shipment_list_needs_the_same_statements_for_any_number(
    client, world, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.get("/shipping/")

    with django_assert_num_queries(6):
        client.get("/shipping/")


def _variant_url(world, variant, step=""):
    return f"/products/{world.product.public_id}/variants/{variant.public_id}/{step}"


def _only_variant(world):
    with scope(merchant=world.merchant):
        return world.product.variants.get()


def test_product_page_adds_a_variant(client, world):
    url = f"/products/{world.product.public_id}/variants/"
    body = {"sku": "LMP-BLUE", "option": "Blue", "weight_g": "900", "cost": "12,50"}

    assert client.post(url, body).status_code == 302

    with scope(merchant=world.merchant):
        made = world.product.variants.get(sku="LMP-BLUE")
    assert (made.option, made.weight_g) == ("Blue", 900)
    assert (made.cost_minor, made.cost_currency) == (1250, world.merchant.base_currency)


def test_refused_variant_keeps_what_was_typed_beside_the_reason(client, world):
    taken = _only_variant(world).sku
    url = f"/products/{world.product.public_id}/variants/"

    response = client.post(url, {"sku": taken, "option": "Blue"})

    form = response.context["add_form"]
    assert response.status_code == 422
    assert form.errors["sku"] == [f"SKU {taken} exists already."]
    assert form["option"].value() == "Blue"


def test_variant_row_saves_and_says_what_is_wrong(client, world):
    variant = _only_variant(world)
    url = _variant_url(world, variant)

    assert client.post(url, {"weight_g": "900", "cost": "61.00"}).status_code == 302
    variant.refresh_from_db()
    assert (variant.weight_g, variant.cost_minor, variant.length_mm) == (900, 6100, 0)
    refused = client.post(url, {"weight_g": "900", "gtin": "4006381333932"})
    [card] = refused.context["variants"]
    assert refused.status_code == 422
    assert card.form.errors["gtin"] == ["The check digit of this GTIN is wrong."]
    assert card.is_open


def test_who_may_not_see_money_keeps_the_cost_as_it_is(world):
    variant = _only_variant(world)
    operations = sign_in_as(world, Role.OPERATIONS)

    page = operations.get(f"/products/{world.product.public_id}/")
    operations.post(_variant_url(world, variant), {"weight_g": "900", "cost": "1.00"})

    [card] = page.context["variants"]
    variant.refresh_from_db()
    assert "cost" not in card.form.fields
    assert (variant.weight_g, variant.cost_minor) == (900, 6100)


def test_withdrawn_variant_leaves_the_prices_and_can_return(client, world):
    variant = _only_variant(world)
    url = _variant_url(world, variant, "offer/")
    assert client.post(url, {"is_active": "0"}).status_code == 409
    client.post(f"/products/{world.product.public_id}/variants/", {"sku": "LMP-BLUE"})

    client.post(url, {"is_active": "0"})
    page = client.get(f"/products/{world.product.public_id}/")
    assert page.context["listings"] == []
    assert "Withdrawn" in page.content.decode()

    client.post(url, {"is_active": "1"})
    variant.refresh_from_db()
    assert variant.is_active


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("market=DE", 2),
        ("market=US", 0),
        ("view=selling&market=DE", 2),
        ("view=rejected&market=DE", 0),
        ("model=direct", 2),
        ("model=custody", 0),
        ("brand=Nobody", 0),
        ("market=DE&model=direct&q=rattan", 2),
        ("market=odd&model=odd&cursor=", 2),
    ],
)
def test_product_filters(client, world, query, count):
    assert len(client.get(f"/products/?{query}").context["rows"]) == count


def test_brand_and_market_filters_offer_what_there_is(client, world):
    with scope(merchant=world.merchant):
        update_product(
            world.product, {"brand": "Lamu & Co"}, actor=Actor("user", "u"), now=utc_now()
        )

    page = client.get("/products/?brand=Lamu %26 Co")

    assert [row.product.pk for row in page.context["rows"]] == [world.product.pk]
    assert page.context["brand_choices"] == [("Lamu & Co", "Lamu & Co")]
    assert page.context["market_choices"] == [("DE", "Germany · 2")]


def test_view_counts_follow_changes(client, world):
    def counts() -> dict[str, int]:
        tabs = client.get("/products/").context["tabs"]
        return {tab["label"]: tab["count"] for tab in tabs}

    others = {"Refused": 0, "Not on sale": 0, "Archived": 0}
    assert counts() == {"All": 2, "Selling": 2, "Sold out": 0, **others}
    variant = _only_variant(world)
    with scope(merchant=world.merchant):
        node = StockBalance.objects.select_related("node").get(variant=variant).node.public_id
    body = {"sku": variant.sku, "node": node, "quantity": "0"}
    client.post(f"/products/{world.product.public_id}/stock/", body)
    assert counts()["Sold out"] == 1
    url = f"/products/{world.product.public_id}/listings/{world.listing.public_id}/"
    client.post(url, {"following": "paused"})
    assert (counts()["Selling"], counts()["Sold out"]) == (1, 0)


def test_views_keep_the_search_and_the_filters(client, world):
    tabs = client.get("/products/?q=rattan&market=DE&view=selling").context["tabs"]

    assert tabs[3]["url"] == "/products/?view=rejected&q=rattan&market=DE"
    assert [tab["label"] for tab in tabs if tab["is_current"]] == ["Selling"]


def test_a_long_list_without_a_hit_leads_on(client, world, monkeypatch):
    from apps.dashboard.selectors import product_list

    monkeypatch.setattr(product_list, "SOLD_OUT_WINDOW", 1)
    monkeypatch.setattr("apps.catalog.search.walk.COUNT_LIMIT", 1)
    page = client.get("/products/?view=sold_out")

    assert page.context["is_partial"]
    assert "Look further" in page.content.decode()
    cursor = page.context["page"].next_cursor
    last = client.get(f"/products/?view=sold_out&cursor={cursor}")
    assert last.status_code == 200


def test_filtered_product_list_needs_the_same_statements_for_any_number(
    client, world, settings, django_assert_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    for _ in range(20):
        make_order(world.merchant, now=utc_now())
    client.get("/products/")

    with django_assert_num_queries(6 + 3):  # the list, and the frame around every page
        page = client.get("/products/?view=selling&market=DE&q=rattan")

    assert len(page.context["rows"]) == 22


def _image_url(image, step=""):
    return f"/products/{image.product.public_id}/images/{image.public_id}/{step}"


def test_pictures_are_described_moved_and_deleted_on_the_page(client, world):
    one, two = make_image(world.product, 1), make_image(world.product, 2)

    assert client.post(_image_url(one), {"alt": "Over a table"}).status_code == 302
    assert client.post(_image_url(two, "move/"), {"step": "first"}).status_code == 302
    page = client.get(f"/products/{world.product.public_id}/")
    assert [(item.pk, item.alt) for item in page.context["images"]] == [
        (two.pk, ""),
        (one.pk, "Over a table"),
    ]
    assert 'alt="Over a table"' in page.content.decode()
    assert client.post(_image_url(two, "delete/")).status_code == 302
    assert client.get(_image_url(two, "file/")).status_code == 404


def test_a_picture_belongs_to_its_product(client, world):
    image = make_image(world.product)
    with scope(merchant=world.merchant):
        other = Product.objects.exclude(pk=world.product.pk).first()
    wrong = f"/products/{other.public_id}/images/{image.public_id}/"

    assert client.post(wrong + "delete/").status_code == 404
    assert client.get(wrong + "file/").status_code == 404
    assert client.post(_image_url(image, "move/"), {"step": "odd"}).status_code == 400


def test_a_picture_is_answered_in_the_size_there_is(client, world):
    image = make_image(world.product, size=(900, 900))

    def side(url: str) -> int:
        return Image.open(io.BytesIO(client.get(url).getvalue())).width

    small = f"/products/{world.product.public_id}/photo/?size=small"
    assert (side(small), side(_image_url(image, "file/?size=medium"))) == (900, 900)
    with scope(merchant=world.merchant):
        make_smaller(world.product.public_id)
    assert (side(small), side(_image_url(image, "file/?size=medium"))) == (160, 480)
    assert side(_image_url(image, "file/")) == 900


def test_page_names_the_product_with_the_same_picture(client, world, rival):
    with scope(merchant=world.merchant):
        other = Product.objects.exclude(pk=world.product.pk).first()
    make_image(world.product, 5)
    make_image(rival.product, 5)
    assert client.get(f"/products/{world.product.public_id}/").context["copies"] == []

    copy = make_image(other, 5)

    page = client.get(f"/products/{world.product.public_id}/")
    assert page.context["copies"] == [copy]
    assert f"/products/{other.public_id}/" in page.content.decode()
