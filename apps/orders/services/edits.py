"""What else may change before an order's label exists: its shipping fee, the variant of a line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.catalog.selectors import find_offers
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory.rules import Demand, assign
from apps.inventory.selectors import list_supplies
from apps.inventory.services import StockShortError
from apps.journal.actors import Actor
from apps.orders.dividing import cap_runs
from apps.orders.models import Order, OrderChange, OrderLine
from apps.orders.rules import MAX_MINOR
from apps.orders.services.content import (
    Content,
    amounts_of,
    free_lines,
    open_content,
    reserve_lines,
    save_content,
)
from apps.orders.services.locking import lock_order
from apps.orders.services.shares import FOR_SHIPPING
from apps.orders.states import ChangeKind


@retry_transaction
def change_shipping(
    order: Order, *, shipping_minor: int, note: str, actor: Actor, now: datetime
) -> OrderChange:
    """Set the shipping fee the buyer pays, in minor units, never above what was agreed.

    A discount of the fee shrinks with it. Raises 422 for a higher fee – the buyer has not agreed to
    pay more – or the same one, and 409 once a label exists.
    """
    with transaction.atomic():
        content = open_content(lock_order(order))
        current = content.order.shipping_minor
        if not 0 <= shipping_minor <= MAX_MINOR or shipping_minor >= current:
            sentence = _("The fee can only become smaller: the buyer agreed to this one.")
            raise DomainError("orders.shipping", sentence, status=422, fields={"fee": sentence})
        before = amounts_of(content)
        _shrink_shipping_discount(content, shipping_minor)
        content.order.shipping_minor = shipping_minor
        return save_content(
            content,
            before,
            kind=ChangeKind.SHIPPING,
            touched=[FOR_SHIPPING],
            note=note,
            details={"before_minor": current},
            actor=actor,
            now=now,
        )


def _shrink_shipping_discount(content: Content, fee_minor: int) -> None:
    """Keep what was taken off the fee from being more than the fee."""
    content.runs[FOR_SHIPPING] = list(cap_runs(content.runs.get(FOR_SHIPPING, ()), fee_minor))
    content.shipping_discount_minor = min(content.shipping_discount_minor, fee_minor)


@retry_transaction
def swap_variant(
    order: Order, *, position: int, sku: str, note: str = "", actor: Actor, now: datetime
) -> OrderChange:
    """Send another variant of the same product for a line, at its price or less.

    The old units are on sale again, the new ones are reserved, in one transaction. The line keeps
    its price unless the other variant costs less; a discount never exceeds the line. Raises 422
    when the SKU is another product's, is dearer or not on sale in the order's market, and 409 when
    there is not enough of it or a label exists.
    """
    with transaction.atomic():
        content = open_content(lock_order(order))
        line = content.lines.get(position)
        if line is None:
            raise _not_swappable("position", _("The order has no such line."))
        before = amounts_of(content)
        was = (line.sku, line.unit_price_minor)
        variant, price = _find_swap(content.order, line, sku)
        free_lines(content, [line], now=now)
        _put_variant(content, line, variant, price)
        try:
            reserve_lines(content.order, [(line, _find_balance(line))], now=now)
        except StockShortError as error:
            raise _short(sku) from error
        line.save()
        return save_content(
            content,
            before,
            kind=ChangeKind.SWAP,
            touched=[position],
            note=note,
            details={
                "position": position,
                "before": {"sku": was[0], "unit_price_minor": was[1]},
                "sku": line.sku,
            },
            actor=actor,
            now=now,
        )


def _find_swap(order: Order, line: OrderLine, sku: str) -> tuple[Variant, int]:
    found = Variant.objects.filter(merchant_id=order.merchant_id, sku=sku.strip())
    variant = found.select_related("product").first()
    if variant is None or variant.product_id != line.variant.product_id or variant.sku == line.sku:
        raise _not_swappable("sku", _("Choose another variant of the same product."))
    offer = find_offers(order.merchant, {(variant.sku, order.market.code)}).get(
        (variant.sku, order.market.code)
    )
    if offer is None:
        raise _not_swappable("sku", _("This variant is not on sale in the order’s market."))
    if offer.price_minor > line.unit_price_minor:
        raise _not_swappable("sku", _("This variant costs more than the buyer paid."))
    return variant, offer.price_minor


def _put_variant(content: Content, line: OrderLine, variant: Variant, price: int) -> None:
    line.slot = content.next_number()
    line.variant, line.sku = variant, variant.sku
    line.unit_weight_g, line.unit_cost_minor = variant.weight_g, variant.cost_minor
    line.cost_currency = variant.cost_currency
    line.unit_price_minor = price
    gross = price * line.quantity
    if line.discount_minor > gross:
        runs = cap_runs(content.runs.get(line.position, ()), gross)
        content.runs[line.position] = list(runs)
        line.discount_minor = gross
    line.total_minor = gross - line.discount_minor


def _find_balance(line: OrderLine) -> int:
    supplies = list_supplies(line.merchant_id, {line.variant_id})
    nodes = list(dict.fromkeys([line.node_id, *(supply.node_id for supply in supplies)]))
    [found] = assign([Demand(line.variant_id, line.quantity)], supplies, nodes)
    if isinstance(found, Demand):
        raise _short(line.sku)
    line.node_id = found.supply.node_id
    return found.supply.balance_id


def _short(sku: str) -> DomainError:
    return DomainError("orders.out_of_stock", _("Not enough stock of %(skus)s.") % {"skus": sku})


def _not_swappable(field: str, sentence: str) -> DomainError:
    return DomainError("orders.swap", sentence, status=422, fields={field: sentence})
