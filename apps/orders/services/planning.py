"""Planning an intake: what is known already, what it costs, and which stock serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from apps.catalog.selectors import Offer, find_offers
from apps.common.bulk import select_rows, slots
from apps.common.errors import DomainError
from apps.common.formatting import join_words
from apps.inventory.rules import Assignment, Demand, Supply, assign
from apps.inventory.selectors import list_supplies
from apps.merchants.models import Merchant
from apps.orders.requests import LineRequest, OrderRequest, Receipt
from apps.orders.rules import MAX_TOTAL_MINOR

_KNOWN = """
SELECT channel, external_ref, request_mark, id, public_id, number, status, total_minor, currency
FROM orders_order
WHERE merchant_id = %s AND channel IN ({channels}) AND external_ref IN ({refs})
"""


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line with its offer, the price paid and the balance that serves it."""

    request: LineRequest
    offer: Offer
    unit_price_minor: int
    supply: Supply


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order that can be written as it is."""

    request: OrderRequest
    lines: tuple[PlannedLine, ...]

    @property
    def items_minor(self) -> int:
        """The sum of the lines in minor units."""
        return sum(line.unit_price_minor * line.request.quantity for line in self.lines)


def find_known(waiting: Mapping[int, OrderRequest], merchant: Merchant) -> dict[int, Receipt]:
    """Return receipts of requests whose reference is an order already, and of repeats in the batch."""
    if not waiting:
        return {}
    refs = sorted({request.external_ref for request in waiting.values()})
    channels = sorted({request.channel for request in waiting.values()})
    statement = _KNOWN.format(channels=slots(channels), refs=slots(refs))
    rows = select_rows(statement, (merchant.pk, *channels, *refs))
    known = {(row[0], row[1]): row[2:] for row in rows}
    receipts: dict[int, Receipt] = {}
    seen: set[tuple[str, str]] = set()
    for index, request in waiting.items():
        key = (request.channel, request.external_ref)
        if key in known:
            mark, *facts = known[key]
            same = mark == request.mark
            receipts[index] = (
                Receipt(request.external_ref, *facts)
                if same
                else Receipt(request.external_ref, error=_reference_reused())
            )
        elif key in seen:
            receipts[index] = Receipt(request.external_ref, error=_reference_reused())
        seen.add(key)
    return receipts


def plan_orders(
    waiting: Mapping[int, OrderRequest], merchant: Merchant
) -> tuple[dict[int, OrderPlan], dict[int, Receipt]]:
    """Return the plans of what can be accepted and the receipts of what cannot.

    Two statements: the offers of all SKUs, and the stock of their variants. Stock planned for an
    earlier request of the batch is not planned again.
    """
    if not waiting:
        return {}, {}
    pairs = {(line.sku, item.market) for item in waiting.values() for line in item.lines}
    offers = find_offers(merchant, pairs)
    wanted = {offer.variant_id for offer in offers.values()}
    shelf = {supply.balance_id: supply for supply in list_supplies(merchant.pk, wanted)}
    plans: dict[int, OrderPlan] = {}
    refused: dict[int, Receipt] = {}
    for index, request in waiting.items():
        try:
            plans[index] = _plan(request, offers, shelf)
        except DomainError as error:
            refused[index] = Receipt(request.external_ref, error=error)
    return plans, refused


def _plan(
    request: OrderRequest,
    offers: Mapping[tuple[str, str], Offer],
    shelf: dict[int, Supply],
) -> OrderPlan:
    found = [offers.get((line.sku, request.market)) for line in request.lines]
    missing = {
        f"lines.{index}.sku": _("%(sku)s is not on sale in %(market)s.")
        % {"sku": line.sku[:64], "market": request.market}
        for index, (line, offer) in enumerate(zip(request.lines, found, strict=True))
        if offer is None
    }
    if missing:
        raise DomainError(
            "orders.not_listed",
            _("Some items are not on sale in this market."),
            status=422,
            fields=missing,
        )
    usable = [offer for offer in found if offer is not None]
    demands = [
        Demand(offer.variant_id, line.quantity)
        for line, offer in zip(request.lines, usable, strict=True)
    ]
    assigned = _take(demands, shelf, request.lines)
    lines = tuple(
        PlannedLine(
            line,
            offer,
            offer.price_minor if line.unit_price_minor is None else line.unit_price_minor,
            item.supply,
        )
        for line, offer, item in zip(request.lines, usable, assigned, strict=True)
    )
    plan = OrderPlan(request, lines)
    if plan.items_minor > MAX_TOTAL_MINOR:
        sentence = _("The order is too large.")
        raise DomainError("orders.too_large", sentence, status=422, fields={"lines": sentence})
    return plan


def _take(
    demands: list[Demand], shelf: dict[int, Supply], lines: Sequence[LineRequest]
) -> list[Assignment]:
    wanted = {demand.variant_id for demand in demands}
    supplies = [supply for supply in shelf.values() if supply.variant_id in wanted]
    node_order = list(dict.fromkeys(supply.node_id for supply in supplies))
    result = assign(demands, supplies, node_order)
    served = [item for item in result if isinstance(item, Assignment)]
    if len(served) < len(demands):
        short = {item.variant_id for item in result if isinstance(item, Demand)}
        raise out_of_stock(
            [
                line
                for line, demand in zip(lines, demands, strict=True)
                if demand.variant_id in short
            ]
        )
    for item in served:
        balance = shelf[item.supply.balance_id]
        left = balance.available - item.demand.quantity
        shelf[balance.balance_id] = replace(balance, available=left)
    return served


def out_of_stock(lines: Sequence[LineRequest]) -> DomainError:
    """Return the error that names the SKUs of which there is not enough."""
    skus = join_words(dict.fromkeys(line.sku[:64] for line in lines))
    return DomainError(
        "orders.out_of_stock", _("Not enough stock of %(skus)s.") % {"skus": skus[:300]}
    )


def _reference_reused() -> DomainError:
    return DomainError(
        "orders.reference_reused",
        _("This external_ref already belongs to another order. Use a new one."),
    )
