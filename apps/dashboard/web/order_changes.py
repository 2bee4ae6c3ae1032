"""The page on which an order without a label is changed, and the answers to requests to cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.formatting import parse_amount
from apps.common.web.access import READ, WRITE, back, find_or_404, member_page
from apps.dashboard.selectors import order_page
from apps.dashboard.selectors.order_changes import reason_choices, tell_changes
from apps.dashboard.selectors.order_rows import badge_of, photo_url
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.order import listed_order
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services as fulfillment_services
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders import family_selectors as families
from apps.orders import services as orders
from apps.orders.duties import Bundle, DutyComparison, compare_duties
from apps.orders.models import Order, OrderLine
from apps.orders.states import CHANGEABLE

MAX_TEXT = 200
_FIELD = "units_"


@member_page(*READ, permission=permissions.ORDERS_MANAGE)
def change(request: MemberRequest, number: str) -> HttpResponse:
    """Show what can be changed; with units in the address also what splitting does at the border."""
    return _show(request, listed_order(request, number), units=_units(request.GET))


def _show(
    request: MemberRequest,
    order: Order,
    *,
    units: Mapping[int, int],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = utc_now()
    lines = order_page.list_lines(order)
    changes = families.list_changes(order)
    context = {
        "section": "orders",
        "order": order,
        "badge_name": badge_of(order),
        "is_changeable": order.status in CHANGEABLE,
        "lines": [
            (line, photo_url(line.variant.product), units.get(line.position, 0)) for line in lines
        ],
        "reasons": reason_choices(),
        "proposals": families.list_merge_proposals(order, now=now),
        "undoable": families.find_undoable_merges(order, changes),
        "changes": tell_changes(changes, order.currency),
        "preview": _preview(order, lines, units) if units else None,
        "errors": errors or {},
    }
    return render(request, "dashboard/order_change.html", context, status=status)


def _preview(
    order: Order, lines: list[OrderLine], units: Mapping[int, int]
) -> DutyComparison | None:
    """Return what the border takes of the order whole and split; the fee stays in one of them."""
    moved = [_with(line, units[line.position]) for line in lines if units.get(line.position)]
    kept = [_with(line, line.quantity - units.get(line.position, 0)) for line in lines]
    kept = [line for line in kept if line.quantity > 0]
    if not moved or not kept:
        return None
    bundles = [Bundle(order, kept, order.shipping_minor), Bundle(order, moved, 0)]
    return compare_duties(bundles, on=utc_now().date())


def _with(line: OrderLine, quantity: int) -> OrderLine:
    """Return a copy of a line, not saved, with some of its units."""
    copy = OrderLine(
        node=line.node,
        sku=line.sku,
        quantity=max(min(quantity, line.quantity), 0),
        hs_code=line.hs_code,
        origin_country=line.origin_country,
        customs_name=line.customs_name,
        unit_weight_g=line.unit_weight_g,
    )
    copy.total_minor = line.total_minor * copy.quantity // line.quantity
    return copy


def _units(data: Mapping[str, str]) -> dict[int, int]:
    """Return position → units of a form; fields that are empty, 0 or not a number do not count."""
    found: dict[int, int] = {}
    for name, text in data.items():
        position = name.removeprefix(_FIELD)
        if name.startswith(_FIELD) and position.isdecimal() and text.strip().isdecimal():
            found[int(position[:6])] = int(text.strip()[:7])
    return {position: count for position, count in found.items() if count}


def _try(request: MemberRequest, order: Order, step: Callable[[], str]) -> HttpResponse:
    """Do a step; a refusal is told on the page, with what was typed still there."""
    try:
        text = step()
    except DomainError as error:
        if error.status != 422:
            raise
        shown = error.fields or {"form": error.message}
        units = _units(request.POST)
        return _show(request, order, units=units, errors=shown, status=error.status)
    forget_facts(request.member.merchant)
    messages.success(request, text)
    return back(request, reverse("dashboard:order", args=[order.number]))


def _note(request: MemberRequest) -> str:
    return request.POST.get("note", "").strip()[:MAX_TEXT]


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def cancel_units(request: MemberRequest, number: str) -> HttpResponse:
    """Cancel the units chosen."""
    order = listed_order(request, number)

    def step() -> str:
        orders.cancel_units(
            order,
            _units(request.POST),
            code=request.POST.get("code", ""),
            note=_note(request),
            actor=user_actor(request.user),
            now=utc_now(),
        )
        return _("Units cancelled. They are on sale again.")

    return _try(request, order, step)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def split(request: MemberRequest, number: str) -> HttpResponse:
    """Move the units chosen to an order of their own."""
    order = listed_order(request, number)

    def step() -> str:
        child = orders.split_order(
            order,
            _units(request.POST),
            note=_note(request),
            actor=user_actor(request.user),
            now=utc_now(),
        )
        return _("Order %(number)s was made of these units.") % {"number": child.number}

    return _try(request, order, step)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def change_shipping(request: MemberRequest, number: str) -> HttpResponse:
    """Lower the shipping fee."""
    order = listed_order(request, number)

    def step() -> str:
        try:
            fee = parse_amount(request.POST.get("fee", ""), order.currency)
        except ValueError:
            sentence = _("Write the fee as an amount in %(currency)s.") % {
                "currency": order.currency
            }
            raise DomainError(
                "orders.shipping", sentence, status=422, fields={"fee": sentence}
            ) from None
        orders.change_shipping(
            order,
            shipping_minor=fee,
            note=_note(request),
            actor=user_actor(request.user),
            now=utc_now(),
        )
        return _("Shipping fee lowered. The buyer gets the difference back.")

    return _try(request, order, step)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def swap(request: MemberRequest, number: str) -> HttpResponse:
    """Send another variant for one line."""
    order = listed_order(request, number)
    position = request.POST.get("position", "")

    def step() -> str:
        orders.swap_variant(
            order,
            position=int(position) if position.isdecimal() and len(position) < 6 else 0,
            sku=request.POST.get("sku", ""),
            note=_note(request),
            actor=user_actor(request.user),
            now=utc_now(),
        )
        return _("Variant swapped. The stock of both is right.")

    return _try(request, order, step)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def join(request: MemberRequest, number: str) -> HttpResponse:
    """Join the order with another one of the same buyer and address."""
    order = listed_order(request, number)
    other = listed_order(request, request.POST.get("other", ""))
    staying = orders.merge_orders(
        order, other, note=_note(request), actor=user_actor(request.user), now=utc_now()
    )
    forget_facts(request.member.merchant)
    messages.success(request, _("Both are order %(number)s now.") % {"number": staying.number})
    return back(request, reverse("dashboard:order", args=[staying.number]))


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def undo_join(request: MemberRequest, number: str, change_id: str) -> HttpResponse:
    """Take the lines of a joined order out again."""
    order = listed_order(request, number)
    found = find_or_404(families.get_change, order, change_id)

    def step() -> str:
        child = orders.undo_merge(found, actor=user_actor(request.user), now=utc_now())
        return _("Order %(number)s was made of these units.") % {"number": child.number}

    return _try(request, order, step)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def answer_request(request: MemberRequest, number: str, request_id: str) -> HttpResponse:
    """Grant or refuse a request to cancel."""
    order = listed_order(request, number)
    found = find_or_404(
        families.list_cancel_requests(order.merchant).filter(order=order).get,
        public_id=request_id,
    )
    actor, now = user_actor(request.user), utc_now()
    if request.POST.get("do") == "accept":
        orders.accept_request(found, actor=actor, now=now)
        text = _("Order %(number)s cancelled.") % {"number": order.number}
    else:
        note = request.POST.get("note", "")[:MAX_TEXT]
        orders.refuse_request(found, note=note, actor=actor, now=now)
        text = _("Request refused. The order goes on.")
    forget_facts(order.merchant)
    messages.success(request, text)
    return back(request, reverse("dashboard:order", args=[order.number]))


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def divide_shipment(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Divide a shipment that has not left: the units chosen get a label of their own."""
    found = find_or_404(fulfillment.get_shipment, request.member.merchant, shipment_id)
    first, _rest = fulfillment_services.divide_shipment(
        found, _units(request.POST), actor=user_actor(request.user), now=utc_now()
    )
    messages.success(request, _("Two labels now take the place of one."))
    return back(request, reverse("dashboard:shipment", args=[first.public_id]))


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def ship_part(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Hand one shipment over; the order is shipped with its last one."""
    found = find_or_404(fulfillment.get_shipment, request.member.merchant, shipment_id)
    fulfillment_services.hand_over(found, actor=user_actor(request.user), now=utc_now())
    forget_facts(request.member.merchant)
    messages.success(request, _("Shipment handed over."))
    return back(request, reverse("dashboard:shipment", args=[found.public_id]))
