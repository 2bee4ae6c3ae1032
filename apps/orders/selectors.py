"""Reads of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from apps.catalog.models import Variant
from apps.common.crypto import blind_index
from apps.markets.selectors.market_book import market_keys
from apps.merchants.models import Merchant
from apps.orders.models import (
    IntakeSetting,
    Order,
    OrderHold,
    OrderLine,
    OrderPricing,
    OrderTag,
    SavedView,
)
from apps.promotions.explanation import Explanation

# From this length on the beginning of a number finds orders: the day and one character.
NUMBER_BEGINNING = 8
MAX_FOUND = 1000
Keys = QuerySet[Any, int]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the list shows; empty parts do not filter.

    ``query`` is a number, reference, id or SKU, or the whole e-mail address or phone number of a
    buyer. Amounts are minor units of ``currency`` and count only together with it.
    """

    statuses: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    query: str = ""
    is_open: bool = False
    on_hold: bool = False
    hold_kinds: tuple[str, ...] = ()
    model: str = ""
    store: str = ""
    channel: str = ""
    content: str = ""
    country: str = ""
    tag: str = ""
    currency: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None


def list_orders(merchant: Merchant, filters: OrderFilter | None = None) -> QuerySet[Order]:
    """Return the merchant's orders that match, with their market, in no particular order."""
    found = select_orders(merchant, filters or OrderFilter()).select_related("market")
    return found.defer("buyer_sealed", "buyer_key")


def select_orders(
    merchant: Merchant, wanted: OrderFilter, *, also: Keys | None = None
) -> QuerySet[Order]:
    """Return the orders that match as a query of their own table alone.

    ``also`` finds further keys by the text of ``query``: what only higher apps know.
    """
    orders: QuerySet[Order] = Order.objects.filter(merchant=merchant, **_equal(wanted))
    if wanted.is_open:
        orders = orders.filter(open_due_at__isnull=False)
    if wanted.statuses:
        orders = orders.filter(status__in=wanted.statuses)
    if wanted.markets:
        orders = orders.filter(market__in=market_keys(wanted.markets))
    if wanted.on_hold or wanted.hold_kinds:
        orders = orders.filter(pk__in=_held(merchant, wanted.hold_kinds))
    if wanted.tag:
        tagged = OrderTag.objects.filter(merchant=merchant, name=wanted.tag)
        orders = orders.filter(pk__in=tagged.values("order_id"))
    if wanted.query:
        orders = orders.filter(_match(merchant, wanted.query, also))
    return orders


def _equal(wanted: OrderFilter) -> dict[str, object]:
    """Return the conditions that compare one column with one value."""
    has_currency = bool(wanted.currency)
    asked: dict[str, object] = {
        "model": wanted.model,
        "store__public_id": wanted.store,
        "channel": wanted.channel,
        "content_ref": wanted.content,
        "ship_to_country": wanted.country,
        "currency": wanted.currency,
        "total_minor__gte": wanted.least_minor if has_currency else None,
        "total_minor__lte": wanted.most_minor if has_currency else None,
        "placed_at__gte": wanted.placed_from,
        "placed_at__lt": wanted.placed_before,
        "ship_by_at__gte": wanted.due_from,
        "ship_by_at__lt": wanted.due_before,
    }
    if wanted.is_open:
        # The column that the index of open orders walks.
        asked["open_due_at__gte"] = asked.pop("ship_by_at__gte")
        asked["open_due_at__lt"] = asked.pop("ship_by_at__lt")
    return {name: value for name, value in asked.items() if value not in {"", None}}


def _held(merchant: Merchant, kinds: tuple[str, ...]) -> QuerySet[OrderHold, int]:
    holds: QuerySet[OrderHold] = OrderHold.objects.filter(merchant=merchant)
    holds = holds.filter(open_kind__in=kinds) if kinds else holds.filter(open_kind__isnull=False)
    return holds.values_list("order_id", flat=True)


def _match(merchant: Merchant, text: str, also: Keys | None) -> Q:
    """Return the condition of a text; one or two statements look for what it names exactly.

    Keys first, orders after: an ``OR`` over several tables would read every order. A text that
    names no order is a SKU as the variant has it today, or nothing.
    """
    wanted = text.strip()
    found = find_keys(merchant, wanted, also=also, has_beginnings=True)
    if found:
        return Q(pk__in=found)
    variant = Variant.objects.filter(merchant=merchant, sku=wanted).values_list("pk", flat=True)
    key = variant.first()
    if key is None:
        return Q(pk__in=[])
    return Q(pk__in=OrderLine.objects.filter(variant=key).values("order_id"))


def find_keys(
    merchant: Merchant, text: str, *, also: Keys | None = None, has_beginnings: bool = False
) -> list[int]:
    """Return the keys of at most 1,000 orders that a text names exactly; one statement.

    Number, outward id, the app's reference, and the buyer's whole e-mail address or phone number;
    with ``has_beginnings`` also the first eight characters or more of a number.
    """
    own: QuerySet[Order] = Order.objects.filter(merchant=merchant)
    is_beginning = has_beginnings and len(text) >= NUMBER_BEGINNING
    number = text.upper()
    # A span, not LIKE: MariaDB uses no index for Django's comparison of beginnings.
    named = (
        {"number__gte": number, "number__lt": f"{number}\uffff"}
        if is_beginning
        else {"number": number}
    )
    parts = [
        own.filter(public_id=text),
        own.filter(external_ref=text),
        own.filter(buyer_index=blind_index(text)),
    ]
    keys = [part.values_list("pk", flat=True) for part in parts] + ([] if also is None else [also])
    first = own.filter(**named).values_list("pk", flat=True)
    return list(dict.fromkeys(first.union(*keys, all=True)[:MAX_FOUND]))


def with_lines_and_holds(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add lines and open holds, two more statements for any number of orders."""
    open_holds = OrderHold.objects.filter(open_kind__isnull=False).order_by("placed_at")
    return orders.prefetch_related(
        Prefetch("lines", queryset=OrderLine.objects.order_by("position")),
        Prefetch("holds", queryset=open_holds, to_attr="open_holds"),
    )


def get_order(merchant: Merchant, public_id: str) -> Order:
    """Return one order of the merchant by outward id or number; raises ``Order.DoesNotExist``."""
    order: Order = Order.objects.select_related("market", "store", "merchant").get(
        Q(public_id=public_id) | Q(number=public_id), merchant=merchant
    )
    return order


def find_order(merchant: Merchant, *, channel: str, external_ref: str) -> Order | None:
    """Return the order of a channel's reference, or nothing."""
    order: Order | None = Order.objects.filter(
        merchant=merchant, channel=channel, external_ref=external_ref
    ).first()
    return order


def find_explanation(order: Order) -> Explanation | None:
    """Return why the order costs what it costs; nothing where no promotion had a say."""
    stored = OrderPricing.objects.filter(order=order).values_list("explanation", flat=True).first()
    return None if stored is None else Explanation.from_json(stored)


def list_holds(order: Order) -> QuerySet[OrderHold]:
    """Return all holds of an order, the newest first."""
    holds: QuerySet[OrderHold] = OrderHold.objects.filter(order=order)
    return holds.order_by("-placed_at", "-id")


def get_hold(merchant: Merchant, public_id: str) -> OrderHold:
    """Return one hold of the merchant; raises ``OrderHold.DoesNotExist``."""
    hold: OrderHold = OrderHold.objects.select_related("order").get(
        merchant=merchant, public_id=public_id
    )
    return hold


def list_saved_views(merchant: Merchant, owner_id: str) -> QuerySet[SavedView]:
    """Return the person's own views and the shared ones, by name."""
    views: QuerySet[SavedView] = SavedView.objects.filter(merchant=merchant)
    return views.filter(Q(owner_id=owner_id) | Q(is_shared=True)).order_by("name", "id")


def list_tags(merchant: Merchant, *, limit: int = 50) -> list[str]:
    """Return the tags in use, by name, at most ``limit``."""
    own = OrderTag.objects.filter(merchant=merchant).order_by("name")
    return list(own.values_list("name", flat=True).distinct()[:limit])


def tags_of(order: Order) -> list[str]:
    """Return the tags of one order, by name; no statement when it has none."""
    if not order.tag_count:
        return []
    return list(
        OrderTag.objects.filter(order=order).order_by("name").values_list("name", flat=True)
    )


def duplicate_minutes(merchant_id: int) -> int:
    """Return how near two equal orders of one buyer must be to be held; 0: the check is off."""
    kept = IntakeSetting.objects.filter(merchant=merchant_id)
    minutes: int | None = kept.values_list("duplicate_minutes", flat=True).first()
    return IntakeSetting.DUPLICATE_MINUTES if minutes is None else minutes
