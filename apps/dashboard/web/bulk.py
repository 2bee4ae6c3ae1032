"""What happens to many chosen orders: ship, print labels, hold, release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.common.web.access import WRITE, member_page, require
from apps.dashboard import runners
from apps.dashboard.selectors import order_list
from apps.dashboard.selectors.order_list import Selection
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.selectors.todos import in_base
from apps.dashboard.web.labels import labels_answer
from apps.fulfillment.models import Shipment
from apps.fulfillment.states import ShipmentStatus
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal.services import Json
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.states import OrderStatus

MAX_IDS = 200
MAX_ROWS = 20_000
DIRECT_ROWS = 50
KINDS = {"ship": runners.SHIP, "hold": runners.HOLD, "release": runners.RELEASE}
_PERMISSIONS = {
    "ship": permissions.SHIPMENTS_MANAGE,
    "labels": permissions.SHIPMENTS_MANAGE,
    "hold": permissions.ORDERS_MANAGE,
    "release": permissions.ORDERS_MANAGE,
}


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def bulk(request: MemberRequest) -> HttpResponse:
    """Do one action to the chosen orders; shipping first shows its check sheet."""
    action = request.POST.get("action", "")
    if action not in _PERMISSIONS:
        raise DomainError("orders.unknown_action", _("This action does not exist."), status=400)
    require(request, _PERMISSIONS[action])
    now = utc_now()
    merchant = request.member.merchant
    selection = _selection(request, merchant)
    chosen = order_list.selected_orders(merchant, selection, now=now)
    if action == "labels":
        return labels_answer(request, chosen)
    if action == "ship" and request.POST.get("confirmed") != "1":
        sheet = check_sheet(merchant, chosen, now=now)
        context = {
            "section": "orders",
            "sheet": sheet,
            "selection": selection,
            "return_query": _list_query(request),
            "back_url": f"{reverse('dashboard:orders')}?{_list_query(request)}",
        }
        return render(request, "dashboard/ship.html", context)
    return _start(request, action, chosen, now)


def _selection(request: MemberRequest, merchant: Merchant) -> Selection:
    """Return what was chosen: the ticked rows, or the whole view less the rows left out."""
    ids = [value for value in request.POST.getlist("ids") if value]
    query = _list_query(request)
    if request.POST.get("all") == "1":
        upto = request.POST.get("upto", "")
        left_out = tuple(request.POST.getlist("left_out"))
        if upto.isdigit():
            return Selection("view", left_out, query, int(upto))
        return order_list.selection_of_view(merchant, query, left_out=left_out)
    if not ids:
        raise DomainError("orders.nothing_chosen", _("Choose orders first."), status=422)
    if len(ids) > MAX_IDS:
        raise DomainError(
            "orders.too_many",
            _("Choose at most %(limit)s rows, or the whole view.") % {"limit": MAX_IDS},
            status=422,
        )
    return Selection("ids", tuple(dict.fromkeys(ids)))


def _start(
    request: MemberRequest, action: str, chosen: QuerySet[Order], now: datetime
) -> HttpResponse:
    if action == "ship":
        chosen = ready_to_ship(chosen)
    keys = list(chosen.order_by("ship_by_at", "pk").values_list("pk", flat=True)[: MAX_ROWS + 1])
    if len(keys) > MAX_ROWS:
        raise DomainError(
            "orders.too_many",
            _("Choose at most %(limit)s orders at once.") % {"limit": MAX_ROWS},
            status=422,
        )
    if action == "hold" and len(keys) <= DIRECT_ROWS:
        return _hold_now(request, list(chosen), now)
    titles = {
        "ship": ngettext("Ship %(count)s order", "Ship %(count)s orders", len(keys)),
        "hold": ngettext("Hold %(count)s order", "Hold %(count)s orders", len(keys)),
        "release": ngettext("Release %(count)s order", "Release %(count)s orders", len(keys)),
    }
    job: Job = jobs.start_job(
        KINDS[action],
        title=titles[action] % {"count": len(keys)},
        parameters={"orders": list[Json](keys), "reason": _held_by(request)},
        tenant_id=request.member.merchant.pk,
        total=len(keys),
        actor=user_actor(request.user),
        now=now,
    )
    messages.success(
        request, _("Started: %(title)s. You can leave this page.") % {"title": job.title}
    )
    return _back_to_list(request)


def _hold_now(request: MemberRequest, chosen: list[Order], now: datetime) -> HttpResponse:
    """Hold a few orders at once, and offer to take it back."""
    placed, refused = [], 0
    for order in chosen:
        try:
            hold = orders.place_hold(
                order,
                kind=runners.MANUAL,
                reason=_held_by(request),
                actor=user_actor(request.user),
                now=now,
            )
        except DomainError:
            refused += 1
        else:
            placed.append(hold.public_id)
    forget_facts(request.member.merchant)
    if placed:
        text = ngettext("%(count)s order held.", "%(count)s orders held.", len(placed))
        undo = f"{reverse('dashboard:orders_undo_hold')}?holds={','.join(placed)}"
        messages.success(request, text % {"count": len(placed)}, extra_tags=f"undo:{undo}")
    if refused:
        text = ngettext(
            "%(count)s order has left and cannot be held.",
            "%(count)s orders have left and cannot be held.",
            refused,
        )
        messages.warning(request, text % {"count": refused})
    return _back_to_list(request)


@member_page(*WRITE, permission=permissions.ORDERS_MANAGE)
def undo_hold(request: MemberRequest) -> HttpResponse:
    """Release holds that were just placed; those released meanwhile stay as they are."""
    wanted = request.GET.get("holds", "").split(",")[:DIRECT_ROWS]
    merchant = request.member.merchant
    found = OrderHold.objects.filter(
        merchant=merchant, public_id__in=wanted, open_kind=runners.MANUAL
    )
    for hold in found.select_related("order"):
        orders.release_hold(hold, actor=user_actor(request.user), now=utc_now())
    forget_facts(merchant)
    messages.success(request, _("Undone."))
    return redirect("dashboard:orders")


def _held_by(request: MemberRequest) -> str:
    return _("Held by %(name)s.") % {"name": request.user.full_name or request.user.short_name}


def _list_query(request: MemberRequest) -> str:
    """Return the list's own query string from the form: never what it does not know."""
    return order_list.read_state(QueryDict(request.POST.get("query", ""))).as_query()


def _back_to_list(request: MemberRequest) -> HttpResponse:
    return redirect(f"{reverse('dashboard:orders')}?{_list_query(request)}")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Orders of a selection that cannot ship, and why."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """What shipping a selection will do, before it does it."""

    count: int
    worth: Money | None
    postage: Money | None
    markets: tuple[tuple[str, int], ...]
    skipped: tuple[Skipped, ...]

    @property
    def skipped_count(self) -> int:
        """How many orders stay."""
        return sum(item.count for item in self.skipped)


def check_sheet(merchant: Merchant, chosen: QuerySet[Order], *, now: datetime) -> CheckSheet:
    """Return how many orders will leave, their worth and postage, and which stay and why."""
    rows = list(
        chosen.order_by()
        .values("status", "currency", "market__code", "open_hold_count")
        .annotate(units=Count("pk"), money=Sum("total_minor"))
    )
    markets: dict[str, int] = {}
    money: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for row in rows:
        reason = _why_not(str(row["status"]), bool(row["open_hold_count"]))
        if reason:
            skipped[reason] = skipped.get(reason, 0) + row["units"]
            continue
        code, currency = str(row["market__code"]), str(row["currency"])
        markets[code] = markets.get(code, 0) + row["units"]
        money[currency] = money.get(currency, 0) + row["money"]
    return CheckSheet(
        count=sum(markets.values()),
        worth=in_base(merchant, money, now),
        postage=_postage(merchant, chosen, now),
        markets=tuple(sorted(markets.items(), key=lambda item: (-item[1], item[0]))),
        skipped=tuple(Skipped(count, reason) for reason, count in skipped.items()),
    )


def ready_to_ship(chosen: QuerySet[Order]) -> QuerySet[Order]:
    """Return those of the chosen orders that can be handed over now."""
    return chosen.filter(status=OrderStatus.ALLOCATED, open_hold_count=0)


def _why_not(status: str, is_held: bool) -> str:
    if status in {OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.ALLOCATED} and is_held:
        return _("on hold: release the hold first")
    reasons = {
        OrderStatus.PENDING: _("still being checked"),
        OrderStatus.CONFIRMED: _("waiting for their label"),
        OrderStatus.ALLOCATED: "",
        OrderStatus.CANCELLED: _("cancelled"),
    }
    return reasons.get(OrderStatus(status), _("already shipped"))


def _postage(merchant: Merchant, chosen: QuerySet[Order], now: datetime) -> Money | None:
    ready = ready_to_ship(chosen).order_by()
    booked = Shipment.objects.filter(
        merchant=merchant, status=ShipmentStatus.BOOKED, order__in=ready.values("pk")
    )
    sums = booked.values("currency").annotate(money=Sum("postage_minor")).order_by("currency")
    return in_base(merchant, dict(sums.values_list("currency", "money")), now)
