"""What the addresses of the dashboard are opened for, and who is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django_scopes import scope, scopes_disabled

from apps.catalog.models import ListingText, Party, ProductDocument, ProductImage
from apps.catalog.services import RuleDraft, save_rule
from apps.common.clock import utc_now
from apps.compliance.hs.selectors import get_library
from apps.fulfillment.services import buy_label
from apps.inbound import services as inbound
from apps.inbound.models import InboundDiscrepancy, InboundShipment
from apps.inbound.requests import Scan
from apps.inventory.models import Node, StockBalance
from apps.merchants.models import Role
from apps.orders import services as orders
from apps.promotions.models import Campaign, CampaignEntry, Promotion, PromotionMarket
from apps.promotions.services.drafts import NO_END
from tests.dashboard.conftest import ACTOR, World
from tests.factories.carriers import make_account
from tests.factories.catalog import (
    DocumentFactory,
    ListingFactory,
    ListingTextFactory,
    PartyFactory,
    VariantFactory,
    draw_picture,
)
from tests.factories.inbound import WarehouseFactory, make_inbound
from tests.factories.inventory import put_stock
from tests.factories.orders import make_order
from tests.factories.promotions import make_campaign

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


def _carrier(world: World) -> dict[str, object]:
    account = make_account(world.merchant, now=utc_now())
    return {"account": account.public_id, "service": "standard"}


def _bought(world: World) -> list[str]:
    """Return the shipment of a label bought with a carrier of the company's own."""
    with scope(merchant=world.merchant):
        made = world.shipment.order.shipments.exclude(booking="").first()
        if made is None:
            account = make_account(world.merchant, now=utc_now())
            made = buy_label(world.shipment, account, "standard", actor=ACTOR, now=utc_now())
    return [made.public_id]


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


def _germany(world: World) -> list[str]:
    return ["DE"]


def _own_rule(world: World) -> list[str]:
    """Give the company a price rule of its own in Germany."""
    draft = RuleDraft(currency="EUR", percent=Decimal(10), market=world.listing.market)
    with scopes_disabled():
        save_rule(draft, merchant=world.merchant, actor=ACTOR, now=utc_now())
    return ["DE"]


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


def _inbound(status: str) -> Callable[[World], list[str]]:
    """Return a way to a delivery of twenty units in a state."""

    def parts(world: World) -> list[str]:
        variant = VariantFactory(product=world.product)
        node = WarehouseFactory(merchant=world.merchant, code=f"W{variant.pk}")
        made = make_inbound(variant, 20, status=status, now=utc_now(), node=node)
        return [made.public_id]

    return parts


def _difference(world: World) -> list[str]:
    """Return a delivery of which twenty units are missing, and that difference."""
    [public_id] = _inbound("arrived")(world)
    with scope(merchant=world.merchant):
        rows = InboundShipment.objects.select_related("merchant", "node")
        shipment = rows.get(public_id=public_id)
        sku = shipment.lines.get().variant.sku
        who = {"actor": ACTOR, "now": utc_now()}
        inbound.receive(shipment, [Scan(sku, 5)], reference="r1", **who)
        inbound.finish_receiving(shipment, **who)
        return [public_id, InboundDiscrepancy.objects.get(shipment=shipment).public_id]


def _delivery(world: World) -> dict[str, object]:
    with scopes_disabled():
        sku = world.product.variants.first().sku
        held = Node.objects.filter(merchant=world.merchant, kind=Node.Kind.OVERSEAS_WAREHOUSE)
        node = held.first()
    node = node or WarehouseFactory(merchant=world.merchant)
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    return {"node": node.public_id, "expected_on": day, "lines": f"{sku}\t40", "do": "draft"}


_PARTY = {"name": "Maker", "address": "2 Road", "country": "CN", "email": "qa@maker.example"}
_SEES_NO_PRODUCTS = (Role.WAREHOUSE,)
_NO_ORDER_WORK = (Role.READ_ONLY, Role.FINANCE, Role.WAREHOUSE)
_NO_SHIPPING = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE)
_NO_STOCK_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE)
_NO_PRODUCT_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE)
_NO_PROMOTION_WORK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE)
_NO_DELIVERIES = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE, Role.WAREHOUSE)
_NO_DOCK = (Role.READ_ONLY, Role.FINANCE, Role.SERVICE)
_SALE = {
    "kind": "product_discount",
    "name": "Sale",
    "markets": ["DE"],
    "starts": "2026-12-01T00:00",
    "value_type": "percent",
    "percent": "10",
}
_EDIT = {"title": "Lamp", "status": "active", "origin_country": "CN", "hs_code": "9405.11"}
