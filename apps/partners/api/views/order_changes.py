"""Changing orders that have no label yet, and requests to cancel."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.common.pagination import paginate
from apps.merchants.models import Merchant
from apps.orders import family_selectors as families
from apps.orders import selectors
from apps.orders import services as orders
from apps.orders.duties import Border
from apps.orders.family_selectors import MergeProposal
from apps.orders.models import CancelRequest, Order, OrderChange
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, to_minor
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import money_view
from apps.partners.api.structs.order_changes import (
    BorderView,
    CancelRefusal,
    CancelRequestPage,
    CancelRequestQuery,
    CancelRequestView,
    ChangeView,
    Join,
    JoinProposal,
    JoinProposals,
    LineUnits,
    NewCancelRequest,
    NewFee,
    OrderHistory,
    RelatedOrder,
    Split,
    Swap,
    UnitsCancellation,
)
from apps.partners.api.structs.orders import OrderView
from apps.partners.api.views.orders import full_view


class UnitsView(PartnerView):
    """Units of an order."""

    @operation(
        "orders.cancel_units",
        scope="orders:write",
        body=UnitsCancellation,
        answers={200: ChangeView},
    )
    def post(self, call: Call[Nothing, UnitsCancellation]) -> Answer:
        """Cancel units of an order that has no label yet.

        The last units of a line go. Totals and discounts shrink by exactly their part; to cancel
        all units, cancel the order.
        """
        change = orders.cancel_units(
            selectors.get_order(call.merchant, call.path["order_id"]),
            to_units(call.body.lines),
            code=call.body.code,
            note=call.body.note,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_change_view(change, change.order.currency))


class FeeView(PartnerView):
    """The shipping fee of an order."""

    @operation(
        "orders.change_shipping", scope="orders:write", body=NewFee, answers={200: ChangeView}
    )
    def post(self, call: Call[Nothing, NewFee]) -> Answer:
        """Lower the shipping fee of an order that has no label yet; the difference goes back."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        change = orders.change_shipping(
            order,
            shipping_minor=to_minor(call.body.shipping, order.currency, "shipping"),
            note=call.body.note,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_change_view(change, order.currency))


class SwapView(PartnerView):
    """The variant of a line."""

    @operation("orders.swap_variant", scope="orders:write", body=Swap, answers={200: ChangeView})
    def post(self, call: Call[Nothing, Swap]) -> Answer:
        """Send another variant of the same product for a line, at its price or less."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        change = orders.swap_variant(
            order,
            position=call.body.position,
            sku=call.body.sku,
            note=call.body.note,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_change_view(change, order.currency))


class SplitView(PartnerView):
    """Splitting an order."""

    @operation("orders.split", scope="orders:write", body=Split, answers={201: OrderView})
    def post(self, call: Call[Nothing, Split]) -> Answer:
        """Move units to an order of their own; answers with the new order.

        Both together are exactly the order before: units, amounts, discounts, fee and stock. The
        new order has a reference of its own and is checked before it ships.
        """
        order = selectors.get_order(call.merchant, call.path["order_id"])
        fee = call.body.shipping
        child = orders.split_order(
            order,
            to_units(call.body.lines),
            note=call.body.note,
            shipping_minor=None if fee is None else to_minor(fee, order.currency, "shipping"),
            actor=call.actor,
            now=call.now,
        )
        return Answer(full_view(call.merchant, child), 201)


class JoinView(PartnerView):
    """Joining orders."""

    @operation("orders.joinable", scope="orders:read", answers={200: JoinProposals})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List the orders that can be joined with this one, with the duty of both ways."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        found = families.list_merge_proposals(order, now=call.now)
        return Answer(JoinProposals([_proposal_view(item) for item in found]))

    @operation("orders.join", scope="orders:write", body=Join, answers={200: OrderView})
    def post(self, call: Call[Nothing, Join]) -> Answer:
        """Join two orders of one buyer for one address; answers with the one that stays.

        The other one ends as cancelled with the reason `merged`.
        """
        order = selectors.get_order(call.merchant, call.path["order_id"])
        other = selectors.get_order(call.merchant, call.body.order)
        staying = orders.merge_orders(
            order, other, note=call.body.note, actor=call.actor, now=call.now
        )
        return Answer(full_view(call.merchant, staying))


class HistoryView(PartnerView):
    """The changes of an order."""

    @operation("orders.changes", scope="orders:read", answers={200: OrderHistory})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List what was changed about an order, and the orders it was split from or joined with."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        changes = [_change_view(change, order.currency) for change in families.list_changes(order)]
        family = [_related_view(order, other) for other in families.list_family(order)]
        return Answer(OrderHistory(changes, family))


class UndoJoinView(PartnerView):
    """Taking a joining back."""

    @operation("orders.undo_join", scope="orders:write", answers={201: OrderView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Take the lines of a joined order out again; answers with their new order."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        change = families.get_change(order, call.path["change_id"])
        child = orders.undo_merge(change, actor=call.actor, now=call.now)
        return Answer(full_view(call.merchant, child), 201)


class CancelRequestsView(PartnerView):
    """Requests to cancel, of all orders."""

    @operation(
        "cancel_requests.list",
        scope="orders:read",
        query=CancelRequestQuery,
        answers={200: CancelRequestPage},
    )
    def get(self, call: Call[CancelRequestQuery, Nothing]) -> Answer:
        """List requests to cancel, the newest first."""
        query = call.query
        found = families.list_cancel_requests(call.merchant, status=query.status)
        page = paginate(found, key="asked_at", cursor=query.cursor, size=query.limit)
        items = [_request_view(item) for item in page.rows]
        return Answer(CancelRequestPage(items, page.next_cursor or None))


class AskToCancelView(PartnerView):
    """A request to cancel one order."""

    @operation(
        "cancel_requests.create",
        scope="orders:write",
        body=NewCancelRequest,
        answers={201: CancelRequestView},
    )
    def post(self, call: Call[Nothing, NewCancelRequest]) -> Answer:
        """Ask to cancel an order.

        Before its label exists, and whenever the merchant asks, it is granted at once. Otherwise it
        waits for the merchant's answer and is granted by itself at `answer_by_at`. 409 once a part
        of the order has left.
        """
        request = orders.ask_to_cancel(
            selectors.get_order(call.merchant, call.path["order_id"]),
            party=call.body.party,
            code=call.body.code,
            note=call.body.note,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_request_view(request), 201)


class AcceptRequestView(PartnerView):
    """Granting a request to cancel."""

    @operation("cancel_requests.accept", scope="orders:write", answers={200: CancelRequestView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Grant a request: the order is cancelled."""
        request = _one_request(call.merchant, call.path["request_id"])
        return Answer(_request_view(orders.accept_request(request, actor=call.actor, now=call.now)))


class RefuseRequestView(PartnerView):
    """Refusing a request to cancel."""

    @operation(
        "cancel_requests.refuse",
        scope="orders:write",
        body=CancelRefusal,
        answers={200: CancelRequestView},
    )
    def post(self, call: Call[Nothing, CancelRefusal]) -> Answer:
        """Refuse a request with a sentence for the buyer; the order goes on."""
        request = _one_request(call.merchant, call.path["request_id"])
        refused = orders.refuse_request(
            request, note=call.body.note, actor=call.actor, now=call.now
        )
        return Answer(_request_view(refused))


def to_units(lines: Sequence[LineUnits]) -> dict[int, int]:
    """Return position → units; 422 when a position is there twice."""
    units = {line.position: line.quantity for line in lines}
    if len(units) < len(lines):
        raise field_error("orders.units", "lines", _("Name each line once."))
    return units


def _one_request(merchant: Merchant, wanted: str) -> CancelRequest:
    return families.list_cancel_requests(merchant).get(public_id=wanted)


def _change_view(change: OrderChange, currency: str) -> ChangeView:
    return ChangeView(
        id=change.public_id,
        kind=change.kind,
        code=change.code,
        note=change.note,
        items=money_view(change.items_minor, currency),
        shipping=money_view(change.shipping_minor, currency),
        discount=money_view(change.discount_minor, currency),
        total=money_view(change.total_minor, currency),
        other_order=change.other.public_id if change.other is not None else None,
        made_at=change.made_at,
    )


def _related_view(order: Order, other: Order) -> RelatedOrder:
    relation = families.relation_of(order, other)
    return RelatedOrder(other.public_id, other.number, other.status, relation)


def _proposal_view(item: MergeProposal) -> JoinProposal:
    duties = item.duties
    return JoinProposal(
        id=item.order.public_id,
        number=item.order.number,
        placed_at=item.order.placed_at,
        together=_border_view(duties.together),
        apart=_border_view(duties.apart),
        better=duties.better,
        why_not=duties.why_not,
    )


def _border_view(border: Border | None) -> BorderView | None:
    if border is None:
        return None
    return BorderView(
        money_view(border.duty.minor, border.duty.currency),
        money_view(border.charges.minor, border.charges.currency),
        border.tariff_lines,
        [*border.row_ids],
    )


def _request_view(request: CancelRequest) -> CancelRequestView:
    return CancelRequestView(
        id=request.public_id,
        order=request.order.public_id,
        order_number=request.order.number,
        party=request.party,
        code=request.code,
        note=request.note,
        status=request.status,
        asked_at=request.asked_at,
        answer_by_at=request.answer_by_at,
        answered_at=request.answered_at,
        answer_note=request.answer_note,
    )
