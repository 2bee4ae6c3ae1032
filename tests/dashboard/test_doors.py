"""The four tests of every page and action: works, not yours, not allowed, wrong method.

Every route of the dashboard has a row in ``ROUTES``; a new one without a row fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from apps.catalog.models import ListingText, Party, ProductDocument, ProductImage
from apps.common.clock import utc_now
from apps.compliance.hs.selectors import get_library
from apps.dashboard.web.urls import urlpatterns
from apps.inventory.models import Node, StockBalance
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from apps.orders import services as orders
from apps.promotions.models import Campaign, CampaignEntry, Promotion, PromotionMarket
from apps.promotions.services.drafts import NO_END
from tests.dashboard.conftest import ACTOR, World, sign_in_as
from tests.factories.catalog import (
    DocumentFactory,
    ListingFactory,
    ListingTextFactory,
    PartyFactory,
    VariantFactory,
    draw_picture,
)
from tests.factories.inventory import put_stock
from tests.factories.orders import make_order
from tests.factories.promotions import make_campaign

pytestmark = pytest.mark.django_db

NOBODY: tuple[Role, ...] = ()
Body = Callable[[World], dict[str, object]]


@dataclass(frozen=True)
class Route:
    """What one address asks for and answers."""

    name: str
    method: str = "GET"
    parts: Callable[[World], list[str]] = lambda world: []
    body: Body = lambda world: {}
    works: int = 200
    refused: tuple[Role, ...] = NOBODY
    other_methods: tuple[str, ...] = field(default=("PUT", "DELETE"))
    query: str = ""
    # The record belongs to the platform: every company sees it.
    is_shared: bool = False


def _order(world: World) -> list[str]:
    return [world.order.number]


def _ready(world: World) -> list[str]:
    return [world.ready.number]


def _with_fee(world: World) -> list[str]:
    return [make_order(world.merchant, now=utc_now(), shipping_minor=599).number]


def _other(world: World) -> dict[str, object]:
    return {"other": make_order(world.merchant, now=utc_now()).number}


def _swap(world: World) -> dict[str, object]:
    with scopes_disabled():
        line = world.order.lines.select_related("variant__product", "node").get()
        twin = VariantFactory(product=line.variant.product, sku=f"SWAP-{world.order.pk}")
        ListingFactory(variant=twin)
    put_stock(twin, 5, now=utc_now(), node=line.node)
    return {"position": "1", "sku": twin.sku}


def _joined(world: World) -> list[str]:
    first, second = (make_order(world.merchant, now=utc_now()) for _turn in range(2))
    with scope(merchant=world.merchant):
        orders.merge_orders(first, second, actor=ACTOR, now=utc_now())
        return [first.number, first.changes.get().public_id]


def _asked(world: World) -> list[str]:
    with scope(merchant=world.merchant):
        request = orders.ask_to_cancel(
            world.ready, party="buyer", code="too_slow", actor=ACTOR, now=utc_now()
        )
    return [world.ready.number, request.public_id]


def _product(world: World) -> list[str]:
    return [world.product.public_id]


def _variant(world: World) -> str:
    with scopes_disabled():
        return world.product.variants.get().sku


def _product_variant(world: World) -> list[str]:
    with scopes_disabled():
        return [world.product.public_id, world.product.variants.get().public_id]


def _image(world: World) -> list[str]:
    with scopes_disabled():
        product = world.product
        image = product.images.first()
        if image is None:  # by hand: a service would write the fact the tests look for
            image = ProductImage(merchant=world.merchant, product=product, position=0)
            image.file.save("lamp.png", ContentFile(draw_picture()))
    return [product.public_id, image.public_id]


def _price(world: World) -> dict[str, object]:
    return {"sku": _variant(world), "market": "DE", "price": "51,90"}


def _hot(world: World) -> dict[str, object]:
    return {"sku": _variant(world), "is_hot": "1"}


def _stock(world: World) -> dict[str, object]:
    with scopes_disabled():
        node = world.shipment.node.__class__.objects.filter(merchant=world.merchant).first()
    return {"sku": _variant(world), "node": node.public_id, "quantity": "7"}


def _variant_id(world: World) -> list[str]:
    with scopes_disabled():
        return [world.product.variants.get().public_id]


def _nodes(world: World) -> list[str]:
    """Return the places, that of the product's stock first."""
    with scopes_disabled():
        held = list(StockBalance.objects.filter(variant__product=world.product).values_list("node"))
        nodes = Node.objects.filter(merchant=world.merchant).order_by("pk")
        return [n.public_id for n in sorted(nodes, key=lambda node: (node.pk,) not in held)]


def _by_hand(world: World, **changes: str) -> dict[str, object]:
    source, target = _nodes(world)[:2]
    places = {"node": source, "source": source, "target": target}
    return {**places, "quantity": "2", "reference": "frm_1", **changes}


def _hs(world: World) -> dict[str, object]:
    version = get_library().index.version
    return {"q": "knitted pullover of cotton", "code": "611020", "version": version}


def _document(world: World) -> list[str]:
    with scopes_disabled():
        held = ProductDocument.objects.filter(product=world.product).first()
    held = held or DocumentFactory(product=world.product)
    return [world.product.public_id, held.public_id]


def _party(world: World) -> list[str]:
    with scopes_disabled():
        held = Party.objects.filter(merchant=world.merchant).first()
    return [(held or PartyFactory(merchant=world.merchant)).public_id]


def _campaign(world: World) -> list[str]:
    return [_open_campaign(world).public_id]


def _open_campaign(world: World) -> Campaign:
    """Return a campaign, made by hand: a service would write the fact the tests look for."""
    found = Campaign.objects.first()
    facts = {"now": utc_now(), "is_open": False, "status": "open"}
    return found or make_campaign(**facts, markets=[world.listing.market])


def _entry(world: World) -> list[str]:
    with scopes_disabled():
        held = CampaignEntry.objects.filter(merchant=world.merchant).first()
        if held is None:
            held = CampaignEntry.objects.create(
                merchant=world.merchant,
                campaign=_open_campaign(world),
                variant=world.listing.variant,
                market=world.listing.market,
                sku=world.listing.variant.sku,
                currency="EUR",
                price_minor=3900,
                units=10,
                listed_minor=4900,
                lowest_minor=4900,
            )
    return [held.public_id]


def _market_text(world: World) -> list[str]:
    with scopes_disabled():
        held = ListingText.objects.filter(product=world.product).first()
    held = held or ListingTextFactory(product=world.product, market=world.listing.market)
    return [world.product.public_id, held.market.code]


def _promotion(world: World) -> list[str]:
    """Return a draft, made by hand: a service would write the fact the tests look for."""
    with scopes_disabled():
        held = Promotion.objects.filter(merchant=world.merchant).first()
        if held is None:
            held = Promotion.objects.create(
                merchant=world.merchant,
                name="Autumn",
                kind="product_discount",
                rule={"value": {"percent": "5"}},
                starts_local="2026-11-01T00:00",
            )
            PromotionMarket.objects.create(
                merchant=world.merchant,
                promotion=held,
                market=world.listing.market,
                starts_at=utc_now(),
                ends_at=NO_END,
            )
    return [held.public_id]


_PARTY = {"name": "Maker", "address": "2 Road", "country": "CN", "email": "qa@maker.example"}
_SEES_NO_PRODUCTS = (Role.WAREHOUSE,)
_NO_ORDER_WORK = (Role.READ_ONLY, Role.FINANCE, Role.WAREHOUSE)
_NO_SHIPPING = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE)
_NO_STOCK_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE)
_NO_PRODUCT_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE)
_NO_PROMOTION_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE)
_SALE = {
    "kind": "product_discount",
    "name": "Sale",
    "markets": ["DE"],
    "starts": "2026-12-01T00:00",
    "value_type": "percent",
    "percent": "10",
}
_EDIT = {"title": "Lamp", "status": "active", "origin_country": "CN", "hs_code": "9405.11"}

ROUTES = [
    Route("home"),
    Route("markets", refused=(Role.WAREHOUSE,)),
    Route("orders"),
    Route(
        "orders_bulk",
        "POST",
        body=lambda w: {"action": "hold", "ids": [w.ready.public_id]},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route("orders_undo", "POST", works=302, refused=_NO_ORDER_WORK),
    Route("orders_at_risk"),
    Route(
        "orders_duplicates",
        "POST",
        body=lambda w: {"minutes": "15"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route("orders_columns", "POST", body=lambda w: {"columns": ["status"]}, works=302),
    Route("orders_start", "POST", body=lambda w: {"query": "view=hold"}, works=302),
    Route(
        "view_change",
        "POST",
        parts=lambda w: [w.view.public_id],
        body=lambda w: {"name": "Mine"},
        works=302,
    ),
    Route("order_address_accept", "POST", parts=_order, works=409, refused=_NO_ORDER_WORK),
    Route("orders_export", "POST", body=lambda w: {"query": "view=all"}),
    Route("view_save", "POST", body=lambda w: {"query": "view=all", "name": "Mine"}, works=302),
    Route("view_delete", "POST", parts=lambda w: [w.view.public_id], works=302),
    Route("order", parts=_order),
    Route(
        "order_reveal", "POST", parts=_order, refused=(Role.READ_ONLY, Role.FINANCE, Role.WAREHOUSE)
    ),
    Route("order_ship", "POST", parts=_ready, works=302, refused=_NO_SHIPPING),
    Route("order_label", parts=_ready, refused=_NO_SHIPPING),
    Route("order_change", parts=_order, refused=_NO_ORDER_WORK),
    Route(
        "order_units",
        "POST",
        parts=_order,
        body=lambda w: {"units_1": "1", "code": "damaged"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "order_split",
        "POST",
        parts=_order,
        body=lambda w: {"units_1": "1"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "order_shipping",
        "POST",
        parts=_with_fee,
        body=lambda w: {"fee": "1.00"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "order_swap",
        "POST",
        parts=_order,
        body=_swap,
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route("order_join", "POST", parts=_order, body=_other, works=302, refused=_NO_ORDER_WORK),
    Route("order_undo_join", "POST", parts=_joined, works=302, refused=_NO_ORDER_WORK),
    Route(
        "order_request",
        "POST",
        parts=_asked,
        body=lambda w: {"do": "refuse", "note": "It has left."},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "shipment_divide",
        "POST",
        parts=lambda w: [w.shipment.public_id],
        body=lambda w: {"units_1": "1"},
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route(
        "shipment_ship",
        "POST",
        parts=lambda w: [w.shipment.public_id],
        works=302,
        refused=_NO_SHIPPING,
    ),
    Route("order_hold", "POST", parts=_ready, works=302, refused=_NO_ORDER_WORK),
    Route(
        "order_release",
        "POST",
        parts=lambda w: [w.order.number, w.hold.public_id],
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "order_cancel",
        "POST",
        parts=_order,
        body=lambda w: {"reason": "Sold out"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route(
        "order_address",
        "POST",
        parts=_order,
        body=lambda w: {"street": "Sonnenallee 215"},
        works=302,
        refused=_NO_ORDER_WORK,
    ),
    Route("order_note", "POST", parts=_order, body=lambda w: {"text": "Call"}, works=302),
    Route("products", refused=_SEES_NO_PRODUCTS),
    Route(
        "products_export",
        "POST",
        body=lambda w: {"query": "view=all", "kind": "prices", "form": "xlsx"},
        refused=_SEES_NO_PRODUCTS,
    ),
    Route("product_new", refused=_NO_PRODUCT_WORK),
    Route("product", parts=_product, refused=_SEES_NO_PRODUCTS),
    Route(
        "product_edit",
        "POST",
        parts=_product,
        body=lambda w: _EDIT,
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_hs", parts=_product, refused=_NO_PRODUCT_WORK),
    Route(
        "product_hs_confirm",
        "POST",
        parts=_product,
        body=_hs,
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("publish", refused=_NO_PRODUCT_WORK),
    Route("product_publish", parts=_product, refused=_NO_PRODUCT_WORK),
    Route(
        "publish_start",
        "POST",
        parts=_product,
        body=lambda w: {"markets": ["DE"], "price_DE": "51,90"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "publish_rule",
        "POST",
        parts=_product,
        body=lambda w: {"scope": "product", "percent": "10", "ending": "99", "hysteresis": "1"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "publish_facts",
        "POST",
        parts=_product,
        body=lambda w: {"reg_EPR-DE-PKG_DE": "DE1000000000001"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_photo", parts=_product, works=404, refused=_SEES_NO_PRODUCTS),
    Route("image_add", "POST", parts=_product, works=422, refused=_NO_PRODUCT_WORK),
    Route(
        "image_describe",
        "POST",
        parts=_image,
        body=lambda w: {"alt": "A lamp over a table"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "image_move",
        "POST",
        parts=_image,
        body=lambda w: {"step": "first"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("image_delete", "POST", parts=_image, works=302, refused=_NO_PRODUCT_WORK),
    Route("image_file", parts=_image, refused=_SEES_NO_PRODUCTS),
    Route(
        "variant_add",
        "POST",
        parts=_product,
        body=lambda w: {"sku": "LMP-BLUE", "option": "Blue"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "variant_edit",
        "POST",
        parts=_product_variant,
        body=lambda w: {"option": "Blue", "weight_g": "900"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "variant_offer",
        "POST",
        parts=_product_variant,
        body=lambda w: {"is_active": "1"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "product_price", "POST", parts=_product, body=_price, works=302, refused=_NO_PRODUCT_WORK
    ),
    Route(
        "product_stock",
        "POST",
        parts=_product,
        body=_stock,
        works=302,
        refused=(Role.READ_ONLY, Role.FINANCE, Role.SERVICE),
    ),
    Route(
        "product_hot",
        "POST",
        parts=_product,
        body=_hot,
        works=302,
        refused=(Role.READ_ONLY, Role.FINANCE, Role.SERVICE),
    ),
    Route(
        "listing_change",
        "POST",
        parts=lambda w: [w.product.public_id, w.listing.public_id],
        body=lambda w: {"following": "paused"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_category", parts=_product, refused=_SEES_NO_PRODUCTS, query="?q=lamp"),
    Route(
        "product_category_choose",
        "POST",
        parts=_product,
        body=lambda w: {"code": ""},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_attributes", "POST", parts=_product, works=302, refused=_NO_PRODUCT_WORK),
    Route("product_facts", parts=_product, refused=_SEES_NO_PRODUCTS),
    Route(
        "product_facts_save",
        "POST",
        parts=_product,
        body=lambda w: {"battery": "none", "has_magnet": "on"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_document_add", "POST", parts=_product, works=422, refused=_NO_PRODUCT_WORK),
    Route("product_document", parts=_document, refused=_SEES_NO_PRODUCTS),
    Route(
        "product_document_withdraw",
        "POST",
        parts=_document,
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("product_texts", parts=_product, refused=_SEES_NO_PRODUCTS),
    Route(
        "product_text_save",
        "POST",
        parts=_product,
        body=lambda w: {"locale": "de", "title": "Lampe"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "product_market_text",
        "POST",
        parts=_market_text,
        body=lambda w: {"title": "Korbleuchte"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "product_market_text_decide",
        "POST",
        parts=_market_text,
        body=lambda w: {"field": "title", "decision": "keep"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "product_preview",
        "POST",
        parts=_product,
        body=lambda w: _EDIT,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("campaigns", refused=_SEES_NO_PRODUCTS),
    Route("campaign", parts=_campaign, refused=_SEES_NO_PRODUCTS, is_shared=True),
    Route(
        "campaign_submit",
        "POST",
        parts=_campaign,
        body=lambda w: {"listings": w.listing.public_id},
        works=422,
        refused=_NO_PRODUCT_WORK,
        is_shared=True,
    ),
    Route("entry_withdraw", "POST", parts=_entry, works=302, refused=_NO_PRODUCT_WORK),
    Route("parties", refused=_SEES_NO_PRODUCTS),
    Route(
        "party_add",
        "POST",
        body=lambda w: {**_PARTY, "kind": "manufacturer"},
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route(
        "party_save",
        "POST",
        parts=_party,
        body=lambda w: _PARTY,
        works=302,
        refused=_NO_PRODUCT_WORK,
    ),
    Route("stock"),
    Route("stock_export", "POST", body=lambda w: {"query": "view=all", "form": "xlsx"}),
    Route("stock_count", refused=_NO_STOCK_WORK),
    Route("stock_sku", parts=_variant_id),
    Route(
        "stock_adjust",
        "POST",
        parts=_variant_id,
        body=lambda w: _by_hand(w, move="damage:available:damaged"),
        works=302,
        refused=_NO_STOCK_WORK,
    ),
    Route(
        "stock_transfer",
        "POST",
        parts=_variant_id,
        body=_by_hand,
        works=302,
        refused=_NO_STOCK_WORK,
    ),
    Route(
        "stock_lot",
        "POST",
        parts=_variant_id,
        body=lambda w: _by_hand(w, code="L-1", expires_on="2099-01-31"),
        works=302,
        refused=_NO_STOCK_WORK,
    ),
    Route(
        "stock_keep",
        "POST",
        parts=_variant_id,
        body=lambda w: {"units": "5", "scope": "sku"},
        works=302,
        refused=_NO_STOCK_WORK,
    ),
    Route(
        "stock_aside",
        "POST",
        parts=_variant_id,
        body=lambda w: {"market": "DE", "mode": "manual", "amount": "5"},
        works=302,
        refused=_NO_STOCK_WORK,
    ),
    Route("stock_history", parts=lambda w: [*_variant_id(w), _nodes(w)[0]]),
    Route("promos", refused=_SEES_NO_PRODUCTS),
    Route("promo_new", refused=_NO_PROMOTION_WORK),
    Route("promo_check", "POST", body=lambda w: _SALE, refused=_NO_PROMOTION_WORK),
    Route("promo_create", "POST", body=lambda w: _SALE, works=302, refused=_NO_PROMOTION_WORK),
    Route("promo", parts=_promotion, refused=_SEES_NO_PRODUCTS),
    Route("promo_edit", parts=_promotion, refused=_NO_PROMOTION_WORK),
    Route(
        "promo_recheck",
        "POST",
        parts=_promotion,
        body=lambda w: _SALE,
        refused=_NO_PROMOTION_WORK,
    ),
    Route(
        "promo_save",
        "POST",
        parts=_promotion,
        body=lambda w: _SALE,
        works=302,
        refused=_NO_PROMOTION_WORK,
    ),
    Route(
        "promo_publish",
        "POST",
        parts=_promotion,
        body=lambda w: {"accepts_loss": "1"},
        works=302,
        refused=_NO_PROMOTION_WORK,
    ),
    Route(
        "promo_step",
        "POST",
        parts=_promotion,
        body=lambda w: {"step": "duplicate"},
        works=302,
        refused=_NO_PROMOTION_WORK,
    ),
    Route("promo_codes", parts=_promotion, refused=_SEES_NO_PRODUCTS),
    Route(
        "promo_codes_add",
        "POST",
        parts=_promotion,
        body=lambda w: {"codes": "SAVE10"},
        works=302,
        refused=_NO_PROMOTION_WORK,
    ),
    Route(
        "promo_codes_draw",
        "POST",
        parts=_promotion,
        body=lambda w: {"count": "3"},
        refused=_NO_PROMOTION_WORK,
    ),
    Route("shipments"),
    Route("shipment", parts=lambda w: [w.shipment.public_id]),
    Route("shipment_label", parts=lambda w: [w.shipment.public_id], refused=_NO_SHIPPING),
    Route("search", query="?q=lamp"),
    Route("palette", query="?q=lamp"),
    Route("live", works=204),
    Route("live_poll"),
    Route("inbox"),
    Route("inbox_read", "POST", works=302),
]
_BOTH = {"product_new", "stock_count"}
_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def _ready_to_ask(client: Client, route: Route, owner: World, method: str = ""):
    """Return the call with everything it needs made before, so that facts can be counted."""
    url = reverse(f"dashboard:{route.name}", args=route.parts(owner)) + route.query
    verb = getattr(client, (method or route.method).lower())
    if not method and route.method == "POST":
        return partial(verb, url, route.body(owner))
    return partial(verb, url)


def _ask(client: Client, route: Route, owner: World, method: str = ""):
    return _ready_to_ask(client, route, owner, method)()


def test_every_route_is_in_the_table():
    assert {pattern.name for pattern in urlpatterns} == {route.name for route in ROUTES}


@_ROUTE
def test_owner_gets_what_is_asked_for(client, world, route):
    assert _ask(client, route, world).status_code == route.works


@_ROUTE
def test_stranger_is_sent_to_sign_in(world, route):
    response = _ask(Client(), route, world)

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if not route.is_shared
        and "<" in str(next(p for p in urlpatterns if p.name == route.name).pattern)
    ],
    ids=lambda route: route.name,
)
def test_another_companys_record_is_not_there(client, rival, route):
    ask = _ready_to_ask(client, route, rival)
    before = JournalEntry.objects.count()

    assert ask().status_code == 404
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    ("route", "role"),
    [(route, role) for route in ROUTES for role in route.refused],
    ids=lambda value: getattr(value, "name", None),
)
def test_role_without_the_permission_changes_nothing(world, route, role):
    client = sign_in_as(world, role)
    ask = _ready_to_ask(client, route, world)
    before = JournalEntry.objects.count()

    assert ask().status_code == 403
    assert JournalEntry.objects.count() == before


@_ROUTE
def test_wrong_method_is_refused(client, world, route):
    wrong = "POST" if route.method == "GET" and route.name not in _BOTH else "PUT"

    assert _ask(client, route, world, wrong).status_code == 405
    if route.method == "POST":
        assert _ask(client, route, world, "GET").status_code == 405


@_ROUTE
def test_person_without_a_company_is_led_to_make_one(world, route, django_user_model):
    from tests.factories.accounts import UserFactory

    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    response = _ask(client, route, world)

    assert (response.status_code, response.url) == (302, reverse("merchants:create"))
