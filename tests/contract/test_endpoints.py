"""The four tests of every API call, for all calls there are: a new one without a row here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django_scopes import scope, scopes_disabled

from apps.catalog.models import Category
from apps.catalog.services import RuleDraft, save_rule
from apps.common.clock import utc_now
from apps.compliance.publishing.reading import Wanted
from apps.compliance.publishing.services import start_publishing
from apps.imports.models import ImportRun
from apps.journal.actors import system_actor
from apps.markets.selectors import list_markets
from apps.markets.services import load_rule_book, quote_landed_cost
from apps.merchants.models import Merchant, Store
from apps.orders import services as order_services
from apps.orders.models import Order
from apps.partners import services
from apps.partners.api.schema import declared_operations
from apps.partners.scopes import SCOPES
from tests.catalog.conftest import load_tree
from tests.contract import case_bodies, inbound_bodies, promotion_bodies, stock_bodies
from tests.factories.catalog import (
    ListingFactory,
    ListingTextFactory,
    PartyFactory,
    ProductFactory,
    VariantFactory,
)
from tests.factories.fulfillment import make_parcel
from tests.factories.inventory import NodeFactory, put_stock
from tests.factories.markets import MarketFactory
from tests.factories.merchants import StoreFactory
from tests.factories.orders import make_order
from tests.factories.partners import ApiClient, Form, api_client, make_endpoint
from tests.factories.rules import make_sale


@dataclass
class World:
    """One company with one of everything."""

    merchant: Merchant
    store: Store
    sku: str = ""
    node: str = ""
    parcel_number: str = ""
    delivery: str = ""
    ids: dict[str, str] = field(default_factory=dict)


Body = Callable[[World], object]


@dataclass(frozen=True)
class Row:
    """How one call is made well: its body, its status, and ids that its body names."""

    status: int
    body: Body | None = None
    # Bodies that name an id of somebody else, and what must come of it.
    foreign_body: Callable[[World, World], object] | None = None
    foreign_status: int = 404
    # What must have happened to the world before.
    prepare: Callable[[World], None] | None = None


def _order(world: World) -> dict[str, object]:
    return {
        "external_ref": "NEW-1",
        "market": "DE",
        "buyer": {"name": "Jonas Weber", "country": "DE"},
        "lines": [{"sku": world.sku, "quantity": 1}],
        "placed_at": "2026-11-20T08:30:00Z",
    }


def _product(world: World) -> dict[str, object]:
    return {"title": "Lamp", "variants": [{"sku": "NEW-SKU", "weight_g": 500}]}


def _price(sku: str) -> dict[str, object]:
    price = {"amount": "12.50", "currency": "EUR"}
    return {"listings": [{"sku": sku, "market": "DE", "price": price}]}


def _count(sku: str, node: str) -> dict[str, object]:
    return {"items": [{"sku": sku, "node": node, "available": 7}]}


def _tracking(number: str) -> dict[str, object]:
    event = {
        "tracking_number": number,
        "code": "picked_up",
        "occurred_at": "2026-11-21T08:30:00Z",
    }
    return {"events": [event]}


def _sheet() -> Form:
    file = SimpleUploadedFile("lamps.csv", b"sku,title\nL-1,Lamp\n")
    return Form({"kind": "products", "columns": '{"sku": "sku", "title": "title"}', "file": file})


def _basket() -> dict[str, object]:
    price = {"amount": "40.00", "currency": "GBP"}
    item = {"unit_price": price, "hs_code": "610910", "origin_country": "CN", "quantity": 2}
    return {"country": "GB", "currency": "GBP", "items": [item]}


def _cart(sku: str) -> dict[str, object]:
    return {"market": "DE", "lines": [{"sku": sku, "quantity": 2}]}


HOOK = {"url": "https://9.9.9.9/hook", "events": ["order.placed"]}
PARTY = {
    "kind": "manufacturer",
    "name": "Lanling Lamps Ltd",
    "address": "8 Deng Road, Linyi",
    "country": "CN",
    "email": "quality@lanling.example",
}

ROWS: dict[str, Row] = {
    "account.me": Row(200),
    "markets.list": Row(200),
    "products.list": Row(200),
    "listings.list": Row(200),
    "products.create": Row(201, _product),
    "products.get": Row(200),
    "products.update": Row(200, lambda world: {"title": "Other"}),
    "products.update_facts": Row(
        200,
        lambda world: {"battery": "none", "manufacturer": world.ids["party_id"]},
        lambda own, foreign: {"manufacturer": foreign.ids["party_id"]},
        422,
    ),
    "products.put_text": Row(200, lambda world: {"title": "Lampe"}),
    "products.list_market_texts": Row(200),
    "products.put_market_text": Row(200, lambda world: {"title": "Korbleuchte"}),
    "products.decide_market_text": Row(200, lambda world: {"field": "title", "decision": "keep"}),
    "products.preview": Row(
        200,
        lambda world: {"product": {"title": "Other"}, "weights": {world.sku: 900}},
        lambda own, foreign: {"weights": {foreign.sku: 900}},
        422,
    ),
    "categories.list": Row(200),
    "categories.attributes": Row(200),
    "parties.list": Row(200),
    "parties.create": Row(201, lambda world: PARTY),
    "parties.update": Row(200, lambda world: {"name": "Other Ltd"}),
    "products.add_variant": Row(201, lambda world: {"sku": "NEW-SKU", "weight_g": 500}),
    "products.update_variant": Row(200, lambda world: {"weight_g": 900, "is_active": True}),
    "products.put_listings": Row(
        200, lambda world: _price(world.sku), lambda own, foreign: _price(foreign.sku), 422
    ),
    "products.publish_answers": Row(200),
    "products.publish": Row(202, lambda world: {"markets": [{"market": "DE"}]}),
    "jobs.get": Row(200),
    "price_rules.list": Row(200),
    "price_rules.put": Row(
        200,
        lambda world: {"currency": "CNY", "percent": "12.5"},
        lambda own, foreign: {"currency": "CNY", "product": foreign.ids["product_id"]},
        422,
    ),
    "price_rules.delete": Row(204),
    "listings.prices": Row(200),
    "quotes.create_cart": Row(200, lambda world: _cart(world.sku)),
    "quotes.create_landed": Row(201, lambda world: _basket()),
    "quotes.get_landed": Row(200),
    "imports.list": Row(200),
    "imports.create": Row(202, lambda world: _sheet()),
    "imports.get": Row(200),
    "imports.issues": Row(200),
    "imports.set_columns": Row(202, lambda world: {"columns": {"sku": "sku", "title": "title"}}),
    "imports.apply": Row(202),
    "imports.undo": Row(202, prepare=lambda world: mark_applied(world)),
    "imports.template": Row(200),
    "promotions.list": Row(200),
    "promotions.create": Row(201, lambda world: promotion_bodies.promotion_of(("SAVE10",))),
    "promotions.get": Row(200),
    "promotions.put": Row(200, lambda world: promotion_bodies.promotion_of()),
    "promotions.delete": Row(204),
    "promotions.publish": Row(200, lambda world: {"accepts_loss": True}),
    "promotions.pause": Row(200),
    "promotions.end": Row(200),
    "promotions.list_codes": Row(200),
    "promotions.add_codes": Row(201, lambda world: {"codes": ["SAVE20"], "uses_limit": 5}),
    "promotions.performance": Row(200),
    "promotions.simulate": Row(200, lambda world: promotion_bodies.promotion_of()),
    "campaigns.list": Row(200),
    "campaign_entries.list": Row(200),
    "campaign_entries.submit": Row(
        201,
        lambda world: promotion_bodies.entry_of(world.ids),
        lambda own, foreign: promotion_bodies.entry_of(foreign.ids),
        422,
    ),
    "campaign_entries.get": Row(200),
    "campaign_entries.withdraw": Row(200),
    "price_floors.put": Row(
        200,
        lambda world: promotion_bodies.floor_of(world.sku),
        lambda own, foreign: promotion_bodies.floor_of(foreign.sku),
        422,
    ),
    "stock.nodes": Row(200),
    "stock.list": Row(200),
    "stock.set": Row(200, lambda world: _count(world.sku, world.node)),
    "stock.adjust": Row(
        201,
        lambda world: stock_bodies.adjustment_of(world.sku, world.node),
        lambda own, foreign: stock_bodies.adjustment_of(foreign.sku, own.node),
        422,
    ),
    "stock.transfer": Row(
        201,
        lambda world: stock_bodies.transfer_of(world.sku, world.node, world.ids["other_node"]),
        lambda own, foreign: stock_bodies.transfer_of(own.sku, own.node, foreign.node),
        422,
    ),
    "stock.history": Row(200),
    "reservations.create": Row(
        201,
        lambda world: stock_bodies.cart_of(world.sku),
        lambda own, foreign: stock_bodies.cart_of(foreign.sku),
        422,
    ),
    "reservations.get": Row(200),
    "reservations.release": Row(200),
    "orders.list": Row(200),
    "orders.create": Row(
        201,
        _order,
        lambda own, foreign: {**_order(own), "store": foreign.store.public_id},
        422,
    ),
    "orders.create_batch": Row(200, lambda world: {"orders": [_order(world)]}),
    "orders.get": Row(200),
    "orders.buyer": Row(200),
    "orders.cancel": Row(200, lambda world: {"reason": "Buyer changed their mind"}),
    "orders.cancel_units": Row(
        200, lambda world: {"lines": [{"position": 1, "quantity": 1}], "code": "damaged"}
    ),
    "orders.change_shipping": Row(
        200, lambda world: {"shipping": {"amount": "1.00", "currency": "EUR"}}
    ),
    "orders.swap_variant": Row(200, lambda world: {"position": 1, "sku": "SWAP"}),
    "orders.split": Row(201, lambda world: {"lines": [{"position": 1, "quantity": 1}]}),
    "orders.joinable": Row(200),
    "orders.join": Row(
        200,
        lambda world: {"order": world.ids["other_order"]},
        lambda own, foreign: {"order": foreign.ids["order_id"]},
    ),
    "orders.changes": Row(200),
    "orders.undo_join": Row(201),
    "cancel_requests.list": Row(200),
    "cancel_requests.create": Row(
        201, lambda world: {"party": "buyer", "code": "changed_mind", "note": "Not needed"}
    ),
    "cancel_requests.accept": Row(200),
    "cancel_requests.refuse": Row(200, lambda world: {"note": "It is at the carrier."}),
    "shipments.divide": Row(201, lambda world: {"lines": [{"position": 1, "quantity": 1}]}),
    "exceptions.list": Row(200),
    "exceptions.get": Row(200),
    "exceptions.resolve": Row(200, lambda world: {"resolution": "compensated", "note": "Paid"}),
    "shipments.list": Row(200),
    "shipments.get": Row(200),
    "shipments.label": Row(200),
    "shipments.hand_over": Row(200),
    "tracking.push": Row(200, lambda world: _tracking(world.parcel_number)),
    "webhooks.list": Row(200),
    "webhooks.create": Row(201, lambda world: HOOK),
    "webhooks.get": Row(200),
    "webhooks.update": Row(200, lambda world: {"events": ["*"], "is_active": False}),
    "webhooks.delete": Row(204),
    "webhooks.secret": Row(200),
    "webhooks.rotate_secret": Row(200),
    "webhooks.test": Row(202),
    "webhooks.deliveries": Row(200),
    "webhooks.replay": Row(
        202,
        lambda world: {"delivery_id": world.delivery},
        lambda own, foreign: {"delivery_id": foreign.delivery},
    ),
}
ROWS |= inbound_bodies.rows(Row)
QUERIES = {
    "imports.template": "?kind=prices",
    "categories.list": "?q=lamps",
    "categories.attributes": "?code=900012",
}
CALLS = {
    declared.name: (path, method, declared) for path, method, declared in declared_operations()
}
NAMES = sorted(CALLS)


def make_world(merchant: Merchant) -> World:
    """Make one of everything a call can be about."""
    now = utc_now()
    MarketFactory()
    world = World(merchant, StoreFactory(merchant=merchant))
    product = ProductFactory(merchant=merchant)
    variant = VariantFactory(product=product)
    listing = ListingFactory(variant=variant)
    load_rule_book(now=now)
    quote = quote_landed_cost(
        make_sale(), tenant_id=merchant.pk, actor=system_actor("tests"), now=now
    )
    node = NodeFactory(merchant=merchant)
    put_stock(variant, 50, now=now, node=node)
    parcel = make_parcel(merchant, now=now)
    order = make_order(merchant, now=now)
    endpoint, _secret = make_endpoint(merchant)
    with scope(merchant=merchant):
        world.delivery = services.send_test(endpoint, now=now).public_id
        rule = save_rule(
            RuleDraft(currency="CNY"), merchant=merchant, actor=system_actor("tests"), now=now
        )
        job = start_publishing(
            product,
            {"DE": Wanted("own", 4900)},
            actor=system_actor("tests"),
            now=now,
            markets=list_markets(),
        )
    world.sku, world.node, world.parcel_number = variant.sku, node.code, parcel.tracking_number
    ListingTextFactory(product=product, market=MarketFactory())
    if not Category.objects.exists():
        load_tree()
    world.ids = (
        stock_bodies.add_stock(variant)
        | inbound_bodies.add_inbound(variant)
        | promotion_bodies.add_promotions(merchant)
        | case_bodies.add_case(merchant)
        | {
            "party_id": PartyFactory(merchant=merchant).public_id,
            "market_code": "DE",
            "locale": "de",
            "product_id": product.public_id,
            "variant_id": variant.public_id,
            "order_id": order.public_id,
            "shipment_id": parcel.shipment.public_id,
            "endpoint_id": endpoint.public_id,
            "listing_id": listing.public_id,
            "quote_id": quote.public_id,
            "rule_id": rule.public_id,
            "job_id": job.public_id,
            "import_id": _make_import(merchant).public_id,
            # Real ones only for the calls that need them (``add_changes``).
            "change_id": "chg_none",
            "request_id": "crq_none",
            "other_order": "ord_none",
        }
    )
    return world


def _make_import(merchant: Merchant) -> ImportRun:
    """Make a sheet that was checked, with one good row."""
    run: ImportRun = ImportRun(merchant=merchant, kind="products", file_name="lamps.csv")
    run.header, run.row_count, run.new_count, run.status = ["sku", "title"], 1, 1, "checked"
    run.save()
    return run


def mark_applied(world: World) -> None:
    """Let the import have been applied, so that it can be undone."""
    with scopes_disabled():
        own = ImportRun.objects.filter(public_id=world.ids["import_id"])
        own.update(status="applied", undo_until=utc_now() + timedelta(days=1), applied_rows=1)


CHANGES = frozenset(
    name for name in ROWS if name.startswith(("cancel_requests.", "orders.change"))
) | {"orders.swap_variant", "orders.joinable", "orders.join", "orders.undo_join"}


def add_changes(world: World) -> None:
    """Make what calls about changed orders need: a fee, a twin, a joined order, an open request."""
    now, actor = utc_now(), system_actor("tests")
    with scope(merchant=world.merchant):
        order = make_order(world.merchant, now=now, shipping_minor=599)
        joined, other = (make_order(world.merchant, now=now) for _turn in range(2))
        line = order.lines.select_related("variant__product", "node").get()
        twin = VariantFactory(product=line.variant.product, sku="SWAP")
        ListingFactory(variant=twin)
        put_stock(twin, 5, now=now, node=line.node)
        order_services.merge_orders(order, joined, actor=actor, now=now)
        labelled = Order.objects.get(shipments__public_id=world.ids["shipment_id"])
        asked = order_services.ask_to_cancel(
            labelled, party="buyer", code="changed_mind", actor=actor, now=now
        )
        world.ids |= {
            "order_id": order.public_id,
            "change_id": order.changes.get().public_id,
            "request_id": asked.public_id,
            "other_order": other.public_id,
        }


def complete(made: World, request: pytest.FixtureRequest) -> World:
    """Return a company with what the tested call needs."""
    spec = getattr(request.node, "callspec", None)
    if spec is not None and spec.params.get("name") in CHANGES:
        add_changes(made)
    return made


@pytest.fixture
def world(worlds: tuple[World, World], request: pytest.FixtureRequest) -> World:
    """The caller's company."""
    return complete(worlds[0], request)


@pytest.fixture
def foreign(worlds: tuple[World, World], request: pytest.FixtureRequest) -> World:
    """Another company."""
    return complete(worlds[1], request)


def address(path: str, ids: dict[str, str]) -> str:
    """Return the address of a call with the ids put in."""
    made = path.removeprefix("/api/v1")
    for name, value in ids.items():
        made = made.replace(f"<id:{name}>", value)
    assert "<" not in made, f"make_world must know the id in {path}"
    return made


def send(api: ApiClient, name: str, ids: dict[str, str], body: object = None) -> HttpResponse:
    """Make the call."""
    path, method, _declared = CALLS[name]
    return api.call(method, address(path, ids) + QUERIES.get(name, ""), body)


def body_of(name: str, world: World) -> object:
    """Return the good body of a call."""
    made = ROWS[name].body
    return made(world) if made is not None else None


def prepare(name: str, world: World) -> None:
    """Let happen what must have happened before the call."""
    if (happen := ROWS[name].prepare) is not None:
        happen(world)


def everything(merchant: Merchant | None = None) -> dict[str, list[Any]]:
    """Return all business rows, of one company or of all."""
    kept: dict[str, list[Any]] = {}
    with scopes_disabled():
        for model in apps.get_models():
            if not model.__module__.startswith("apps."):
                continue
            rows = model._base_manager.order_by("pk")
            names = {item.name for item in model._meta.get_fields()}
            if merchant is not None and "merchant" in names:
                rows = rows.filter(merchant=merchant)
            elif merchant is not None:
                continue
            columns = [
                item.attname
                for item in model._meta.concrete_fields
                if item.attname != "last_used_at"
            ]
            kept[model._meta.label] = list(rows.values_list(*columns))
    return kept


def test_every_call_has_a_row() -> None:
    assert sorted(ROWS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_works(name: str, world: World, merchant: Merchant) -> None:
    _path, _method, declared = CALLS[name]
    scopes = [declared.scope] if declared.scope else [next(iter(SCOPES))]
    prepare(name, world)
    answer = send(api_client(merchant, scopes=scopes), name, world.ids, body_of(name, world))
    assert answer.status_code == ROWS[name].status, answer.content
    assert answer.status_code in declared.answers
    told = answer.content.decode("utf-8", "replace")
    assert '"error":{' not in told
    assert "RateLimit" in answer.headers
    assert "X-Request-ID" in answer.headers


@pytest.mark.parametrize("name", [name for name in NAMES if "<id:" in CALLS[name][0]])
def test_what_is_another_companys_is_not_there(
    name: str, world: World, foreign: World, merchant: Merchant
) -> None:
    api = api_client(merchant)
    before = everything()
    answer = send(api, name, foreign.ids, body_of(name, world))
    assert answer.status_code == 404, answer.content
    assert answer.json()["errors"][0]["code"] == "not_found"
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in NAMES if ROWS[name].foreign_body])
def test_a_body_cannot_name_what_is_another_companys(
    name: str, world: World, foreign: World, merchant: Merchant
) -> None:
    row, api = ROWS[name], api_client(merchant)
    before = everything()
    answer = send(api, name, world.ids, row.foreign_body(world, foreign))
    assert answer.status_code == row.foreign_status, answer.content
    assert everything() == before


@pytest.mark.parametrize("name", ["stock.set", "tracking.push", "orders.create_batch"])
def test_a_batch_cannot_touch_what_is_another_companys(
    name: str, world: World, foreign: World, merchant: Merchant, stranger: Merchant
) -> None:
    bodies = {
        "stock.set": _count(foreign.sku, foreign.node),
        "tracking.push": _tracking(foreign.parcel_number),
        "orders.create_batch": {"orders": [_order(foreign)]},
    }
    before = everything(stranger)
    answer = send(api_client(merchant), name, world.ids, bodies[name])
    assert answer.json()["items"][0]["error"] is not None
    assert everything(stranger) == before


@pytest.mark.parametrize("name", [name for name in NAMES if CALLS[name][2].scope])
def test_without_the_scope_nothing_changes(name: str, world: World, merchant: Merchant) -> None:
    _path, _method, declared = CALLS[name]
    api = api_client(merchant, scopes=set(SCOPES) - {declared.scope})
    before = everything()
    answer = send(api, name, world.ids, body_of(name, world))
    assert answer.status_code == 403
    error = answer.json()["errors"][0]
    assert error["code"] == "scope_missing"
    assert declared.scope in error["detail"]
    assert everything() == before


@pytest.mark.parametrize("name", NAMES)
def test_without_a_key_nothing_is_told(name: str, world: World) -> None:
    before = everything()
    answer = send(ApiClient("gsk_00000000_nobody"), name, world.ids, body_of(name, world))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert everything() == before


@pytest.mark.parametrize("path", sorted({path for path, _method, _declared in CALLS.values()}))
def test_a_wrong_method_is_refused(path: str, world: World, merchant: Merchant) -> None:
    api = api_client(merchant)
    allowed = {method for known, method, _declared in CALLS.values() if known == path}
    before = everything()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - allowed:
        answer = api.call(method, address(path, world.ids), {})
        assert answer.status_code == 405, method
        assert answer.json()["errors"][0]["code"] == "method_not_allowed"
        assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == allowed
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in NAMES if CALLS[name][1] != "GET"])
def test_a_repeat_is_answered_from_the_store(name: str, world: World, merchant: Merchant) -> None:
    path, method, _declared = CALLS[name]
    api, body = api_client(merchant), body_of(name, world)
    prepare(name, world)
    first = api.call(method, address(path, world.ids), body, idempotency_key="same")
    before = everything()
    second = api.call(method, address(path, world.ids), body, idempotency_key="same")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert everything() == before
