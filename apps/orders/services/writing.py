"""Writing planned orders: stock first, then order, lines, postings, deadlines and journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from apps.common.bulk import insert_rows, insert_rows_for_ids
from apps.common.crypto import blind_index, seal
from apps.common.ids import new_public_id
from apps.inventory import services as inventory
from apps.inventory.models import Disposition
from apps.jobs.deadlines import NewDeadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant, Store
from apps.orders import events
from apps.orders.models import Order, OrderLine
from apps.orders.requests import OrderRequest, Receipt
from apps.orders.rules import mask_name, new_number
from apps.orders.services.planning import OrderPlan
from apps.orders.states import OrderStatus

AUTO_CANCEL_AFTER = timedelta(days=7)
AUTO_CANCEL = "orders.auto_cancel"

_ORDER_COLUMNS = (
    "public_id",
    "number",
    "merchant",
    "store",
    "market",
    "channel",
    "external_ref",
    "request_mark",
    "content_ref",
    "status",
    "model",
    "currency",
    "items_minor",
    "shipping_minor",
    "discount_minor",
    "total_minor",
    "buyer_label",
    "buyer_index",
    "buyer_key",
    "buyer_sealed",
    "ship_to_country",
    "open_hold_count",
    "line_count",
    "unit_count",
    "placed_at",
    "ship_by_at",
    "cancel_reason",
    "created_at",
    "updated_at",
)
_LINE_COLUMNS = (
    "merchant",
    "order",
    "position",
    "variant",
    "node",
    "sku",
    "title",
    "quantity",
    "unit_price_minor",
    "discount_minor",
    "total_minor",
    "unit_weight_g",
    "unit_cost_minor",
    "cost_currency",
    "hs_code",
    "origin_country",
    "customs_name",
)
_Row = tuple[str | int | bytes | datetime | None, ...]


def write_orders(
    plans: Mapping[int, OrderPlan],
    *,
    merchant: Merchant,
    store: Store,
    actor: Actor,
    now: datetime,
) -> dict[int, Receipt]:
    """Reserve the stock of all plans and write them; six statements for any number of orders.

    The guarded stock update comes before every insert, because a child row first would lock its
    parent and deadlock. Raises ``StockShortError`` when a balance no longer covers its plans.
    """
    if not plans:
        return {}
    public_ids = {index: new_public_id("ord") for index in plans}
    _reserve(plans, public_ids, merchant_id=merchant.pk, now=now)
    rows = [
        _order_row(plan, public_ids[index], merchant, store, now) for index, plan in plans.items()
    ]
    keys = insert_rows_for_ids(Order, _ORDER_COLUMNS, rows, key="public_id")
    lines = [
        row
        for key, plan in zip(keys, plans.values(), strict=True)
        for row in _line_rows(plan, key, merchant.pk)
    ]
    insert_rows(OrderLine, _LINE_COLUMNS, lines)
    receipts = {
        index: _receipt(row, key) for (index, key, row) in zip(plans, keys, rows, strict=True)
    }
    _announce(plans, receipts, merchant=merchant, actor=actor, now=now)
    return receipts


def _reserve(
    plans: Mapping[int, OrderPlan],
    public_ids: Mapping[int, str],
    *,
    merchant_id: int,
    now: datetime,
) -> None:
    movements = [
        inventory.Movement(
            line.supply.balance_id,
            line.request.quantity,
            reserve_reference(public_ids[index], position),
            line.supply.is_hot,
        )
        for index, plan in plans.items()
        for position, line in enumerate(plan.lines, 1)
    ]
    inventory.move(
        movements,
        merchant_id=merchant_id,
        source=Disposition.AVAILABLE,
        target=Disposition.RESERVED,
        reason="order",
        now=now,
    )


def reserve_reference(public_id: str, position: int) -> str:
    """Return the posting reference of a line's reservation."""
    return f"reserve:{public_id}:{position}"


def _order_row(
    plan: OrderPlan, public_id: str, merchant: Merchant, store: Store, now: datetime
) -> _Row:
    request, first = plan.request, plan.lines[0].offer
    sealed = seal(asdict(request.buyer))
    contact = request.buyer.email or request.buyer.phone or request.buyer.name
    items = plan.items_minor
    return (
        public_id,
        new_number(now),
        merchant.pk,
        store.pk,
        first.market_id,
        request.channel,
        request.external_ref,
        request.mark,
        request.content_ref,
        OrderStatus.PENDING.value,
        first.model,
        first.currency,
        items,
        request.shipping_minor,
        0,
        items + request.shipping_minor,
        mask_name(request.buyer.name),
        blind_index(contact),
        sealed.key,
        sealed.text,
        request.buyer.country,
        0,
        len(plan.lines),
        sum(line.request.quantity for line in plan.lines),
        request.placed_at,
        now + timedelta(days=first.ship_within_days),
        "",
        now,
        now,
    )


def _line_rows(plan: OrderPlan, order_key: int, merchant_id: int) -> list[_Row]:
    return [
        (
            merchant_id,
            order_key,
            position,
            line.offer.variant_id,
            line.supply.node_id,
            line.request.sku,
            line.offer.title,
            line.request.quantity,
            line.unit_price_minor,
            0,
            line.unit_price_minor * line.request.quantity,
            line.offer.weight_g,
            line.offer.cost_minor,
            line.offer.cost_currency,
            line.offer.hs_code,
            line.offer.origin_country,
            line.offer.customs_name,
        )
        for position, line in enumerate(plan.lines, 1)
    ]


def _receipt(row: _Row, key: int) -> Receipt:
    named = dict(zip(_ORDER_COLUMNS, row, strict=True))
    return Receipt(
        external_ref=str(named["external_ref"]),
        order_id=key,
        public_id=str(named["public_id"]),
        number=str(named["number"]),
        status=str(named["status"]),
        total_minor=int(str(named["total_minor"])),
        currency=str(named["currency"]),
        is_new=True,
    )


def _announce(
    plans: Mapping[int, OrderPlan],
    receipts: Mapping[int, Receipt],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> None:
    cancel_at = {
        index: now + timedelta(days=plan.lines[0].offer.ship_within_days) + AUTO_CANCEL_AFTER
        for index, plan in plans.items()
    }
    set_deadlines(
        merchant.pk,
        [NewDeadline(AUTO_CANCEL, receipts[index].public_id, cancel_at[index]) for index in plans],
    )
    facts = [
        journal.Fact(
            events.ORDER_PLACED,
            "order",
            receipts[index].public_id,
            _payload(plan.request, receipts[index]),
        )
        for index, plan in plans.items()
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)


def _payload(request: OrderRequest, receipt: Receipt) -> dict[str, journal.Json]:
    return {
        "number": receipt.number,
        "market": request.market,
        "channel": request.channel,
        "external_ref": request.external_ref,
        "total_minor": receipt.total_minor,
        "currency": receipt.currency,
    }
