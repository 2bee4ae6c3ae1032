"""Stock and the places that hold it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.inventory import buckets, services
from apps.inventory import selectors as inventory
from apps.inventory.models import Disposition, Node, StockBalance
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.catalog import (
    NewStock,
    NewStocks,
    NodeList,
    NodeView,
    StockOutcome,
    StockOutcomes,
    StockPage,
    StockQuery,
    StockView,
)
from apps.partners.api.structs.common import ItemError


class NodesView(PartnerView):
    """The places of the company."""

    @operation("stock.nodes", scope="stock:read", answers={200: NodeList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List the places that hold stock."""
        return Answer(
            NodeList(
                [
                    NodeView(node.public_id, node.code, node.name, node.kind, node.country)
                    for node in inventory.list_nodes(call.merchant)
                ]
            )
        )


class StocksView(PartnerView):
    """The stock of the company."""

    @operation("stock.list", scope="stock:read", query=StockQuery, answers={200: StockPage})
    def get(self, call: Call[StockQuery, Nothing]) -> Answer:
        """List stock by SKU and node."""
        query = call.query
        balances = inventory.list_balances(call.merchant)
        if query.sku:
            balances = balances.filter(variant__sku=query.sku)
        if query.node:
            balances = balances.filter(Q(node__public_id=query.node) | Q(node__code=query.node))
        page = paginate(
            balances,
            key="id",
            cursor=query.cursor,
            size=query.limit,
            descending=False,
            is_time=False,
        )
        buckets.fold(page.rows)
        items = [stock_view(balance) for balance in page.rows]
        return Answer(StockPage(items, page.next_cursor or None))

    @operation("stock.set", scope="stock:write", body=NewStocks, answers={200: StockOutcomes})
    def put(self, call: Call[Nothing, NewStocks]) -> Answer:
        """Set what is available after a count; each item is done or refused on its own.

        Units that are reserved for orders are not part of `available` and stay untouched.
        """
        items = call.body.items
        variants = _variants(call, items)
        nodes = _nodes(call)
        outcomes: dict[int, StockOutcome] = {}
        # In the order of the SKUs, so that two calls never wait for each other in a circle.
        for index in sorted(range(len(items)), key=lambda at: (items[at].sku, items[at].node)):
            item = items[index]
            outcomes[index] = _set(call, index, item, variants.get(item.sku), nodes.get(item.node))
        return Answer(StockOutcomes([outcomes[index] for index in range(len(items))]))


def _variants(call: Call[Nothing, NewStocks], items: list[NewStock]) -> dict[str, Variant]:
    found = Variant.objects.filter(merchant=call.merchant, sku__in={item.sku for item in items})
    return {variant.sku: variant for variant in found}


def _nodes(call: Call[Nothing, NewStocks]) -> dict[str, Node]:
    nodes = list(inventory.list_nodes(call.merchant))
    return {node.code: node for node in nodes} | {node.public_id: node for node in nodes}


def _set(
    call: Call[Nothing, NewStocks],
    index: int,
    item: NewStock,
    variant: Variant | None,
    node: Node | None,
) -> StockOutcome:
    if variant is None or node is None:
        name = "sku" if variant is None else "node"
        sentence = _("There is no such %(name)s.") % {"name": name}
        error = ItemError(f"stock.unknown_{name}", sentence, {name: sentence})
        return StockOutcome(index, None, error)
    try:
        with transaction.atomic():
            balance = services.set_available(
                call.merchant,
                node=node,
                variant=variant,
                quantity=item.available,
                reason="count",
                actor=call.actor,
                now=call.now,
            )
    except DomainError as error:
        return StockOutcome(index, None, ItemError(error.code, error.message, error.fields))
    balance.variant, balance.node = variant, node
    return StockOutcome(index, stock_view(balance), None)


def stock_view(balance: StockBalance) -> StockView:
    """Return a balance as the API writes it; variant and node must be loaded."""
    figures = {name: getattr(balance, name) for name in Disposition.values}
    return StockView(sku=balance.variant.sku, node=balance.node.code, **figures)
