"""Order intake – the hot path – and the orders themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.idempotency import Keyed, StoredAnswer
from apps.merchants.models import Merchant, Store
from apps.orders import selectors
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest, Receipt
from apps.orders.services import buyers
from apps.orders.services.pricing import PriceChangedError
from apps.partners.api.base import PartnerView, stored_answer
from apps.partners.api.crowd import Asked, answer_in_crowd
from apps.partners.api.explained import (
    applied_views,
    code_views,
    gift_views,
    price_change_view,
)
from apps.partners.api.input import field_error, to_minor, to_utc
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import ItemError, money_view
from apps.partners.api.structs.orders import (
    BuyerLabel,
    BuyerView,
    Cancellation,
    HoldView,
    LineView,
    NewLine,
    NewOrder,
    NewOrders,
    OrderOutcome,
    OrderOutcomes,
    OrderReceipt,
    OrderView,
)
from apps.partners.api.views.order_list import OrderListView


class OrdersView(OrderListView):
    """The orders of the company."""

    @operation(
        "orders.create",
        scope="orders:write",
        body=NewOrder,
        answers={201: OrderReceipt, 200: OrderReceipt},
    )
    def post(self, call: Call[Nothing, NewOrder]) -> Answer:
        """Send one order.

        Its stock is reserved before the answer. 201 for a new order, 200 when the same
        `external_ref` was accepted before with the same content, 409 with other content, when
        there is not enough stock, or when the total is not `expected_total`.
        """
        request = _request(call.body, call.grant.currencies, now=call.now)
        receipt = orders.place_order(
            request,
            merchant=call.merchant,
            store=_store(call, call.body.store),
            actor=call.actor,
            now=call.now,
        )
        return _receipt_answer(receipt)

    def answer(
        self, call: Call[Any, Any], keyed: Keyed, effect: Callable[[], StoredAnswer]
    ) -> StoredAnswer:
        """Answer the call together with those that wait for the same store, if many do."""

        def alone() -> StoredAnswer:
            return super(OrdersView, self).answer(call, keyed, effect)

        try:
            request = _request(call.body, call.grant.currencies, now=call.now)
            store = _store(call, call.body.store)
        except DomainError:
            # A repeat gets the stored answer even if the request would be refused by now.
            return alone()
        asked = Asked(keyed, request, call.merchant, store, call.actor, call.now, _stored_receipt)
        return answer_in_crowd(asked, alone=alone)


class OrderBatchView(PartnerView):
    """Many orders at once."""

    @operation(
        "orders.create_batch", scope="orders:write", body=NewOrders, answers={200: OrderOutcomes}
    )
    def post(self, call: Call[Nothing, NewOrders]) -> Answer:
        """Send up to 500 orders; each is accepted or refused on its own."""
        outcomes: dict[int, OrderOutcome] = {}
        by_store: dict[str, list[tuple[int, OrderRequest]]] = {}
        currencies = call.grant.currencies
        for index, item in enumerate(call.body.orders):
            try:
                request = _request(item, currencies, now=call.now)
                by_store.setdefault(item.store or "", []).append((index, request))
            except DomainError as error:
                outcomes[index] = _refused(index, item.external_ref, error)
        for store_id, pairs in by_store.items():
            outcomes |= _place(call, store_id, pairs)
        items = [outcomes[index] for index in range(len(call.body.orders))]
        accepted = sum(item.error is None for item in items)
        return Answer(OrderOutcomes(accepted, len(items) - accepted, items))


class OneOrderView(PartnerView):
    """One order."""

    @operation("orders.get", scope="orders:read", answers={200: OrderView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one order by its id or its number."""
        return Answer(_one(call, call.path["order_id"]))


class OrderBuyerView(PartnerView):
    """The buyer of one order."""

    @operation("orders.buyer", scope="buyers:read", answers={200: BuyerView}, errors=(410,))
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the buyer's name and address; every call is recorded in the journal."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        try:
            buyer = buyers.reveal_buyer(order, actor=call.actor, now=call.now)
        except buyers.UnreadableError as error:
            sentence = _("The buyer's data was erased.")
            raise DomainError("orders.buyer_erased", sentence, status=410) from error
        view = BuyerView(
            name=buyer.name,
            country=buyer.country,
            street=buyer.street,
            city=buyer.city,
            region=buyer.region,
            postal_code=buyer.postal_code,
            phone=buyer.phone,
            email=buyer.email,
        )
        return Answer(view, is_secret=True)


class CancelOrderView(PartnerView):
    """Cancelling."""

    @operation("orders.cancel", scope="orders:write", body=Cancellation, answers={200: OrderView})
    def post(self, call: Call[Nothing, Cancellation]) -> Answer:
        """Cancel an order that has not left; its stock becomes available again."""
        order = selectors.get_order(call.merchant, call.path["order_id"])
        orders.cancel_order(
            order, reason=call.body.reason, code=call.body.code, actor=call.actor, now=call.now
        )
        return Answer(_one(call, order.public_id))


def _store(call: Call[Nothing, NewOrder] | Call[Nothing, NewOrders], wanted: str | None) -> Store:
    default = call.grant.store
    if default is not None and wanted in {None, "", default.public_id}:
        return default
    found: Store | None = None
    if wanted:
        found = Store.objects.filter(merchant=call.merchant, public_id=wanted).first()
    if found is None:
        raise field_error("orders.unknown_store", "store", _("This company has no such store."))
    return found


def _request(item: NewOrder, currencies: Mapping[str, str], *, now: datetime) -> OrderRequest:
    currency = currencies.get(item.market)
    if currency is None:
        raise field_error("markets.unknown", "market", _("This market is not open."))
    lines = tuple(_line(line, index, currency) for index, line in enumerate(item.lines))
    buyer = item.buyer
    return OrderRequest(
        external_ref=item.external_ref,
        market=item.market,
        buyer=BuyerRequest(
            name=buyer.name,
            country=buyer.country,
            street=buyer.street,
            city=buyer.city,
            region=buyer.region,
            postal_code=buyer.postal_code,
            phone=buyer.phone,
            email=buyer.email,
        ),
        lines=lines,
        placed_at=to_utc(item.placed_at, "placed_at", now=now),
        channel=item.channel,
        shipping_minor=to_minor(item.shipping, currency, "shipping") if item.shipping else 0,
        content_ref=item.content_ref,
        reservation=item.reservation,
        shipping_method=item.shipping_method,
        codes=tuple(item.codes),
        expected_total_minor=(
            to_minor(item.expected_total, currency, "expected_total")
            if item.expected_total
            else None
        ),
        is_follower=item.is_follower,
        buyer_tags=tuple(item.buyer_tags),
    )


def _line(line: NewLine, index: int, currency: str) -> LineRequest:
    price = line.unit_price
    minor = to_minor(price, currency, f"lines.{index}.unit_price") if price is not None else None
    return LineRequest(line.sku, line.quantity, minor)


def _place(
    call: Call[Nothing, NewOrders], store_id: str, pairs: Sequence[tuple[int, OrderRequest]]
) -> dict[int, OrderOutcome]:
    try:
        store = _store(call, store_id)
    except DomainError as error:
        return {index: _refused(index, item.external_ref, error) for index, item in pairs}
    receipts = orders.place_orders(
        [request for _index, request in pairs],
        merchant=call.merchant,
        store=store,
        actor=call.actor,
        now=call.now,
    )
    return {
        index: (
            _refused(index, receipt.external_ref, receipt.error)
            if receipt.error is not None
            else OrderOutcome(index, receipt.external_ref, _receipt(receipt), None)
        )
        for (index, _request), receipt in zip(pairs, receipts, strict=True)
    }


def _refused(index: int, external_ref: str, error: DomainError) -> OrderOutcome:
    told = ItemError(error.code, error.message, error.fields)
    if isinstance(error, PriceChangedError):
        told.price = price_change_view(error)
    return OrderOutcome(index, external_ref, None, told)


def _receipt_answer(receipt: Receipt) -> Answer:
    return Answer(_receipt(receipt), 201 if receipt.is_new else 200)


def _stored_receipt(receipt: Receipt) -> StoredAnswer:
    return stored_answer(_receipt_answer(receipt))


def _receipt(receipt: Receipt) -> OrderReceipt:
    return OrderReceipt(
        receipt.public_id,
        receipt.number,
        receipt.external_ref,
        receipt.status,
        money_view(receipt.total_minor, receipt.currency),
        receipt.is_new,
        applied_views(receipt.explanation),
        gift_views(receipt.explanation),
        code_views(receipt.explanation),
    )


def _one(call: Call[Nothing, Nothing] | Call[Nothing, Cancellation], wanted: str) -> OrderView:
    return full_view(call.merchant, selectors.get_order(call.merchant, wanted))


def full_view(merchant: Merchant, order: Order) -> OrderView:
    """Return an order of the company with everything the API tells of it, read anew."""
    found = selectors.with_lines_and_holds(selectors.list_orders(merchant))
    shown: Order = found.get(pk=order.pk)
    return _order_view(shown, selectors.tags_of(shown))


def _order_view(order: Order, tags: list[str]) -> OrderView:
    currency = order.currency
    holds = [
        HoldView(hold.public_id, hold.kind, hold.reason, hold.placed_at)
        for hold in order.open_holds  # type: ignore[attr-defined]
    ]
    return OrderView(
        id=order.public_id,
        number=order.number,
        channel=order.channel,
        external_ref=order.external_ref,
        content_ref=order.content_ref,
        market=order.market.code,
        status=order.status,
        model=order.model,
        items=money_view(order.items_minor, currency),
        shipping=money_view(order.shipping_minor, currency),
        discount=money_view(order.discount_minor, currency),
        total=money_view(order.total_minor, currency),
        buyer=BuyerLabel(order.buyer_label, order.ship_to_country),
        lines=[_line_view(line, currency) for line in order.lines.all()],
        holds=holds,
        placed_at=order.placed_at,
        ship_by_at=order.ship_by_at,
        confirmed_at=order.confirmed_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        completed_at=order.completed_at,
        cancelled_at=order.cancelled_at,
        cancel_reason=order.cancel_reason,
        cancel_code=order.cancel_code,
        cancelled_by=order.cancelled_by,
        tags=tags,
    )


def _line_view(line: OrderLine, currency: str) -> LineView:
    return LineView(
        line.position,
        line.sku,
        line.title,
        line.quantity,
        money_view(line.unit_price_minor, currency),
        money_view(line.discount_minor, currency),
        money_view(line.total_minor, currency),
        line.shipped_at,
    )
