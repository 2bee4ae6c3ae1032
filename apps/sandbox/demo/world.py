"""One step of the demo world: buyers buy, the warehouse ships, the carrier scans, deadlines pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from django_scopes import scope

from apps.catalog.models import Listing
from apps.catalog.states import ListingStatus
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import Parcel
from apps.fulfillment.simulator import plan_journey
from apps.fulfillment.states import ShipmentStatus
from apps.inventory.models import StockBalance
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant, Store
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.requests import LineRequest, OrderRequest
from apps.orders.services import buyers
from apps.orders.states import OrderStatus
from apps.sandbox.demo.buyers import make_buyer

BUYERS = system_actor("demo-buyers")
WAREHOUSE = system_actor("demo-warehouse")
CARRIER = system_actor("demo-carrier")
SERVICE = system_actor("demo-service")
ANSWER_TIME = timedelta(hours=26)
PACKING_TIME = timedelta(hours=22)
SLOW_PACKING_TIME = timedelta(hours=66)
REPORTED = timedelta(hours=12)
TRACKED = (ShipmentStatus.TENDERED, ShipmentStatus.IN_TRANSIT)
_EVENTS_AT_ONCE = 1000
_CONTENT = ("", "", "live_warm_corner", "video_desk_tour", "")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A demo company and how many orders it gets in a day."""

    merchant: Merchant
    store: Store
    orders_a_day: float


def step(tenant: Tenant, *, now: datetime, since: datetime, chance: Random) -> None:
    """Live through the time from ``since`` to ``now`` for one company."""
    with scope(merchant=tenant.merchant):
        expected = tenant.orders_a_day * (now - since) / timedelta(days=1)
        count = int(expected) + (chance.random() < expected % 1)
        for number in range(count):
            _buy(tenant, f"{now:%Y%m%d%H%M%S}-{number}", now=now, chance=chance)
        _answer(tenant.merchant, now=now)
        _ship(tenant.merchant, now=now)
        _scan(tenant.merchant, now=now)


def _buy(tenant: Tenant, ident: str, *, now: datetime, chance: Random) -> None:
    listings = list(
        Listing.objects.filter(merchant=tenant.merchant, status=ListingStatus.LIVE)
        .select_related("market", "variant")
        .order_by("id")
    )
    stocked = set(
        StockBalance.objects.filter(merchant=tenant.merchant, available__gt=5).values_list(
            "variant_id", flat=True
        )
    )
    market = chance.choice(sorted({item.market.code for item in listings}))
    offers = [
        item for item in listings if item.market.code == market and item.variant_id in stocked
    ]
    if not offers:
        return
    chosen = chance.sample(offers, k=min(len(offers), chance.choice((1, 1, 1, 2, 3))))
    request = OrderRequest(
        external_ref=f"DEMO-{ident}",
        market=market,
        buyer=make_buyer(market, chance),
        lines=tuple(LineRequest(item.variant.sku, chance.choice((1, 1, 1, 2))) for item in chosen),
        placed_at=now,
        shipping_minor=0 if chance.random() < 0.5 else _shipping(chosen),
        content_ref=chance.choice(_CONTENT),
    )
    orders.place_orders(
        [request], merchant=tenant.merchant, store=tenant.store, actor=BUYERS, now=now
    )


def _shipping(listings: Sequence[Listing]) -> int:
    """Return a tenth of the dearest item, in whole major units where the currency has cents."""
    return max(item.price_minor for item in listings) // 1000 * 100


def _answer(merchant: Merchant, *, now: datetime) -> None:
    """Let buyers who forgot their house number answer after a day; a few never do."""
    asked = OrderHold.objects.filter(
        merchant=merchant, open_kind="address", placed_at__lte=now - ANSWER_TIME
    )
    for hold in asked.select_related("order").order_by("id")[:20]:
        if hold.order_id % 4 == 0:
            continue
        buyer = buyers.read_buyer(hold.order)
        answered = replace(buyer, street=f"{hold.order_id % 90 + 1} {buyer.street}")
        buyers.correct_buyer(hold.order, answered, actor=SERVICE, now=now)


def _ship(merchant: Merchant, *, now: datetime) -> None:
    """Hand over what is packed; one order in six waits for an item and leaves near its deadline."""
    ready = Order.objects.filter(
        merchant=merchant,
        status=OrderStatus.ALLOCATED,
        open_hold_count=0,
        allocated_at__lte=now - PACKING_TIME,
    )
    rows = ready.order_by("id").values_list("id", "public_id", "allocated_at")[:200]
    waiting = [
        public_id
        for key, public_id, allocated_at in rows
        if key % 6 or (allocated_at or now) <= now - SLOW_PACKING_TIME
    ]
    if waiting:
        fulfillment.hand_over_orders(merchant, waiting, actor=WAREHOUSE, now=now)


def _scan(merchant: Merchant, *, now: datetime) -> None:
    """Report the scans of the last days; the carrier repeats itself, tracking forgets repeats."""
    moving = Parcel.objects.filter(merchant=merchant, shipment__status__in=TRACKED)
    rows = moving.order_by("id").values_list(
        "tracking_number", "shipment__order__ship_to_country", "shipment__tendered_at"
    )
    due = [
        event
        for number, country, tendered_at in rows
        for event in plan_journey(number, country, tendered_at or now, 0)
        if now - REPORTED <= event.occurred_at <= now
    ]
    for start in range(0, len(due), _EVENTS_AT_ONCE):
        chunk = due[start : start + _EVENTS_AT_ONCE]
        fulfillment.record_tracking(merchant, chunk, actor=CARRIER, now=now)
