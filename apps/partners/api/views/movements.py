"""Stock moved by hand or sent elsewhere, and the history that explains its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from apps.catalog import selectors as catalog
from apps.catalog.models import Variant
from apps.inventory import selectors as inventory
from apps.inventory import services
from apps.inventory.models import Node, StockAdjustment, StockBalance
from apps.merchants.models import Merchant
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.stock import (
    AdjustmentView,
    HistoryPage,
    HistoryQuery,
    MovementView,
    NewAdjustment,
    NewTransfer,
)

OUTSIDE = "outside"


class AdjustmentsView(PartnerView):
    """Stock moved by hand."""

    @operation(
        "stock.adjust", scope="stock:write", body=NewAdjustment, answers={201: AdjustmentView}
    )
    def post(self, call: Call[Nothing, NewAdjustment]) -> Answer:
        """Move units from one condition to another with a reason, all or nothing.

        Sent again with the same `reference` it changes nothing and answers the first adjustment.
        409 when a node holds fewer units than that.
        """
        body, merchant = call.body, call.merchant
        variants = find_variants(merchant, [item.sku for item in body.items], "items")
        nodes = find_nodes(merchant)
        changes = [
            services.Change(
                variants[item.sku],
                named_node(nodes, item.node, f"items.{index}.node"),
                item.quantity,
            )
            for index, item in enumerate(body.items)
        ]
        adjustment = services.adjust_stock(
            merchant,
            changes=changes,
            reason=body.reason,
            source=_side(body.source),
            target=_side(body.target),
            note=body.note,
            reference=body.reference,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_adjustment(adjustment), 201)


class TransfersView(PartnerView):
    """Stock sent from one node to another."""

    @operation(
        "stock.transfer", scope="stock:write", body=NewTransfer, answers={201: AdjustmentView}
    )
    def post(self, call: Call[Nothing, NewTransfer]) -> Answer:
        """Send available units to another node, where they are in transit until they arrive.

        Say what came by an adjustment with the reason `arrived` from `in_transit` to `available`.
        """
        body, merchant = call.body, call.merchant
        variants = find_variants(merchant, [item.sku for item in body.items], "items")
        nodes = find_nodes(merchant)
        quantities: dict[Variant, int] = {}
        for item in body.items:
            variant = variants[item.sku]
            quantities[variant] = quantities.get(variant, 0) + item.quantity
        adjustment = services.transfer_stock(
            merchant,
            source=named_node(nodes, body.source, "source"),
            target=named_node(nodes, body.target, "target"),
            quantities=quantities,
            note=body.note,
            reference=body.reference,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_adjustment(adjustment), 201)


class StockHistoryView(PartnerView):
    """Why the stock of a SKU is what it is."""

    @operation("stock.history", scope="stock:read", query=HistoryQuery, answers={200: HistoryPage})
    def get(self, call: Call[HistoryQuery, Nothing]) -> Answer:
        """List the movements of a SKU at a node, the newest first, with the units after each.

        A SKU with signs that an address cannot carry is named by the id of its variant.
        """
        variant = catalog.get_named_variant(call.merchant, call.path["sku"])
        balance = _balance(call, variant)
        if balance is None:
            return Answer(HistoryPage(variant.sku, call.query.node, [], None))
        page = inventory.page_of_history(
            call.merchant, balance, cursor=call.query.cursor, size=call.query.limit
        )
        items = [_movement(step) for step in page.rows]
        return Answer(HistoryPage(variant.sku, balance.node.code, items, page.next_cursor or None))


def find_variants(merchant: Merchant, skus: Sequence[str], path: str) -> dict[str, Variant]:
    """Return the variants by SKU; 422 names the first SKU that is not the company's."""
    found = Variant.objects.filter(merchant=merchant, sku__in=set(skus))
    known = {variant.sku: variant for variant in found}
    for index, sku in enumerate(skus):
        if sku not in known:
            sentence = _("There is no such %(name)s.") % {"name": "sku"}
            raise field_error("stock.unknown_sku", f"{path}.{index}.sku", sentence)
    return known


def find_nodes(merchant: Merchant) -> dict[str, Node]:
    """Return the nodes in use by code and by id."""
    nodes = list(inventory.list_nodes(merchant))
    return {node.code: node for node in nodes} | {node.public_id: node for node in nodes}


def named_node(nodes: Mapping[str, Node], name: str, path: str) -> Node:
    """Return a node by code or id; 422 names the path of one that is not the company's."""
    if name not in nodes:
        raise field_error(
            "stock.unknown_node", path, _("There is no such %(name)s.") % {"name": "node"}
        )
    return nodes[name]


def _side(name: str) -> str:
    return "" if name == OUTSIDE else name


def _balance(call: Call[HistoryQuery, Nothing], variant: Variant) -> StockBalance | None:
    held = list(inventory.list_balances(call.merchant).filter(variant=variant))
    if call.query.node:
        held = [item for item in held if call.query.node in {item.node.code, item.node.public_id}]
    if len(held) > 1:
        sentence = _("Several nodes hold this SKU. Name one.")
        raise field_error("stock.which_node", "node", sentence, status=400)
    return held[0] if held else None


def _movement(step: inventory.Step) -> MovementView:
    return MovementView(
        step.at,
        step.reason,
        step.source or OUTSIDE,
        step.target or OUTSIDE,
        step.quantity,
        step.reference,
        step.adjustment.note if step.adjustment else "",
        dict(step.after),
    )


def _adjustment(adjustment: StockAdjustment) -> AdjustmentView:
    return AdjustmentView(
        adjustment.public_id,
        adjustment.reference,
        adjustment.reason,
        adjustment.note,
        adjustment.made_at,
    )
