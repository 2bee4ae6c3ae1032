"""What people do to one order: ship, print, hold, release, cancel, correct, note."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, back, find_or_404, member_page
from apps.dashboard.bulk_actions import MANUAL
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.labels import pdf_answer
from apps.dashboard.web.order import listed_order, show
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services as fulfillment_services
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders import selectors as orders
from apps.orders import services as order_services
from apps.orders.models import Order
from apps.orders.services import notes
from apps.orders.services.buyers import correct_buyer, read_buyer
from apps.orders.services.cancelling import require_code
from apps.orders.states import CancelCode, Party

ADDRESS_FIELDS = ("name", "street", "city", "region", "postal_code", "phone")
MAX_TEXT = 200


def _page(order: Order) -> str:
    return reverse("dashboard:order", args=[order.number])


def _done(request: MemberRequest, order: Order, text: str, *, undo: str = "") -> HttpResponse:
    forget_facts(request.member.merchant)
    messages.success(request, text, extra_tags=f"undo:{undo}" if undo else "")
    return back(request, _page(order))


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def ship(request: MemberRequest, number: str) -> HttpResponse:
    """Hand the order's parcels over to the carrier now."""
    order = listed_order(request, number)
    [outcome] = fulfillment_services.hand_over_orders(
        order.merchant, [order.public_id], actor=user_actor(request.user), now=utc_now()
    )
    if outcome.error is not None:
        raise outcome.error
    return _done(request, order, _("Order %(number)s shipped.") % {"number": order.number})


@member_page(*READ, permission=permissions.SHIPMENTS_MANAGE)
def label(request: MemberRequest, number: str) -> HttpResponse:
    """Show the labels of the order's parcels as one file."""
    order = listed_order(request, number)
    parcels = fulfillment.list_parcels_to_print(order.merchant, [order.public_id])
    return pdf_answer(request, list(parcels))


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def hold(request: MemberRequest, number: str) -> HttpResponse:
    """Hold the order by hand; the message offers to take it back."""
    order = listed_order(request, number)
    reason = request.POST.get("reason", "").strip()[:MAX_TEXT]
    by = request.user.full_name or request.user.short_name
    placed = order_services.place_hold(
        order,
        kind=MANUAL,
        reason=reason or _("Held by %(name)s.") % {"name": by},
        actor=user_actor(request.user),
        now=utc_now(),
    )
    undo = f"{reverse('dashboard:orders_undo')}?holds={placed.public_id}"
    return _done(request, order, _("Order %(number)s held.") % {"number": order.number}, undo=undo)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def release(request: MemberRequest, number: str, hold_id: str) -> HttpResponse:
    """Release one hold of the order, with a note for the record."""
    order = listed_order(request, number)
    found = find_or_404(orders.list_holds(order).select_related("order").get, public_id=hold_id)
    note = request.POST.get("note", "").strip()[:MAX_TEXT]
    order_services.release_hold(found, note=note, actor=user_actor(request.user), now=utc_now())
    return _done(request, order, _("Hold released. The checks run again now."))


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def cancel(request: MemberRequest, number: str) -> HttpResponse:
    """Cancel the order; its units are on sale again."""
    order = listed_order(request, number)
    reason = request.POST.get("reason", "").strip()[:MAX_TEXT]
    if not reason:
        sentence = _("Say why, so that the buyer can be told.")
        return show(request, order, errors={"reason": sentence}, status=422)
    code = request.POST.get("code") or CancelCode.OTHER
    require_code(Party.MERCHANT, code)
    actor = user_actor(request.user)
    order_services.cancel_order(order, reason=reason, code=code, actor=actor, now=utc_now())
    return _done(request, order, _("Order %(number)s cancelled.") % {"number": order.number})


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def correct_address(request: MemberRequest, number: str) -> HttpResponse:
    """Replace parts of the buyer's address; parts left empty stay as they are."""
    order = listed_order(request, number)
    changes = {
        name: value
        for name in ADDRESS_FIELDS
        if (value := request.POST.get(name, "").strip()[:MAX_TEXT])
    }
    if not changes:
        sentence = _("Write the part that is wrong or missing.")
        return show(request, order, errors={"street": sentence}, status=422)
    if not order.buyer_sealed:
        raise DomainError("orders.buyer_erased", _("The buyer’s data was erased."))
    buyer = replace(read_buyer(order), **changes)
    correct_buyer(order, buyer, actor=user_actor(request.user), now=utc_now())
    return _done(request, order, _("Address corrected. It is being checked again."))


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def add_note(request: MemberRequest, number: str) -> HttpResponse:
    """Leave a note for the team."""
    order = listed_order(request, number)
    try:
        notes.add_note(
            order,
            text=request.POST.get("text", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return show(request, order, errors=error.fields, status=error.status)
    return _done(request, order, _("Note saved."))
