"""The order list: views, search, filters, saved views and the export."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.formatting import currency_symbol
from apps.common.money import precision
from apps.common.pagination import PAGE_SIZES
from apps.common.sheets import CSV, XLSX
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard import exports
from apps.dashboard.selectors import order_list
from apps.dashboard.selectors.order_list import ListState, OpenCounts
from apps.dashboard.selectors.order_rows import rows_of
from apps.jobs import services as jobs
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders import selectors as orders
from apps.orders.models import SavedView
from apps.orders.services import views as saved_views
from apps.orders.states import OrderStatus


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One tab above the list."""

    label: str
    url: str
    is_current: bool
    count: int = 0
    is_hot: bool = False


@member_page(*READ, permission=permissions.ORDERS_VIEW)
def order_list_page(request: MemberRequest) -> HttpResponse:
    """Show one page of orders; an exact number opens its record."""
    now = utc_now()
    merchant = request.member.merchant
    state = order_list.read_state(request.GET)
    if state.query:
        exact = order_list.find_exact(merchant, state.query)
        if exact is not None:
            return redirect("dashboard:order", exact.number)
    page = order_list.page_of_orders(merchant, state, now=now)
    counts = order_list.count_open(merchant, now=now)
    own = list(orders.list_saved_views(merchant, request.user.public_id))
    tabs = _tabs(state, counts, own)
    total = order_list.total_of(merchant, state, page, counts, now=now)
    context = {
        "section": "orders",
        "state": state,
        "page": page,
        "rows": rows_of(merchant, page.rows),
        "total": total,
        # Choosing the whole view makes sense only when the page does not show it all.
        "unseen_total": total if total > len(page.rows) else 0,
        "counts": counts,
        "tabs": tabs,
        "current_tab": next((tab for tab in tabs if tab.is_current), tabs[0]),
        "own_views": [view for view in own if view.owner_id == request.user.public_id],
        "ship_hint": _ship_hint(counts),
        "market_choices": [(code, code) for code in order_list.list_own_markets(merchant)],
        "status_choices": [(value, str(label)) for value, label in OrderStatus.choices],
        "due_choices": _due_labels(),
        "due_label": dict(_due_labels()).get(state.due, ""),
        "sizes": PAGE_SIZES,
        "base_symbol": currency_symbol(merchant.base_currency),
        "base_digits": precision(merchant.base_currency),
        "can_manage": may(request, permissions.ORDERS_MANAGE),
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
    }
    return render(request, "dashboard/orders.html", context)


def _tabs(state: ListState, counts: OpenCounts, own: list[SavedView]) -> list[ViewTab]:
    numbers = {
        "open": (counts.open, False),
        "due": (counts.due, counts.due > 0),
        "hold": (counts.hold, False),
    }
    current = state.as_query()
    is_saved = any(view.query == current for view in own)
    base = reverse("dashboard:orders")
    tabs = [
        ViewTab(
            label,
            f"{base}?view={slug}",
            state.view == slug and not is_saved,
            *numbers.get(slug, (0, False)),
        )
        for slug, label in _view_labels()
    ]
    return tabs + [
        ViewTab(view.name, f"{base}?{view.query}", view.query == current) for view in own
    ]


def _view_labels() -> list[tuple[str, str]]:
    return [
        ("all", _("All")),
        ("open", _("Open")),
        ("due", _("Due today")),
        ("hold", _("On hold")),
        ("transit", _("In transit")),
        ("delivered", _("Delivered")),
        ("cancelled", _("Cancelled")),
    ]


def _ship_hint(counts: OpenCounts) -> str:
    if not counts.to_ship:
        return _("Nothing waits to be handed over.")
    text = ngettext("%(count)s to ship.", "%(count)s to ship.", counts.to_ship)
    text %= {"count": counts.to_ship}
    if not counts.to_ship_today:
        return text
    today = ngettext(
        "%(count)s must leave today.", "%(count)s must leave today.", counts.to_ship_today
    )
    return f"{text} {today % {'count': counts.to_ship_today}}"


def _due_labels() -> list[tuple[str, str]]:
    return [
        ("late", _("Late")),
        ("today", _("Today")),
        ("tomorrow", _("Until tomorrow")),
        ("week", _("Next 7 days")),
    ]


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def save_view(request: MemberRequest) -> HttpResponse:
    """Keep the filter of the list under a name."""
    state = order_list.read_state(QueryDict(request.POST.get("query", "")))
    view = saved_views.save_view(
        request.member.merchant,
        owner_id=request.user.public_id,
        name=request.POST.get("name", ""),
        query=state.as_query(),
        is_shared=request.POST.get("is_shared") == "on",
        actor=user_actor(request.user),
        now=utc_now(),
    )
    messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return redirect(f"{reverse('dashboard:orders')}?{view.query}")


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def delete_view(request: MemberRequest, view_id: str) -> HttpResponse:
    """Delete one of the person's own views."""
    visible = orders.list_saved_views(request.member.merchant, request.user.public_id)
    view: SavedView = find_or_404(visible.get, public_id=view_id)
    saved_views.delete_view(
        view, owner_id=request.user.public_id, actor=user_actor(request.user), now=utc_now()
    )
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("dashboard:orders")


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def export(request: MemberRequest) -> HttpResponse:
    """Answer the list as CSV or XLSX, or start a job for more than 2,000 rows."""
    now = utc_now()
    merchant = request.member.merchant
    form = XLSX if request.POST.get("form") == XLSX else CSV
    state = order_list.read_state(QueryDict(request.POST.get("query", "")))
    selection = order_list.selection_of_view(merchant, state.as_query(), left_out=())
    chosen = order_list.selected_orders(merchant, selection, now=now)
    count = chosen.count()
    if count <= exports.DIRECT_ROWS:
        return exports.answer(merchant, chosen, now=now, form=form)
    job = jobs.start_job(
        exports.JOB_KIND,
        title=_("Export %(count)s orders") % {"count": count},
        parameters={
            **selection.as_parameters(),
            "form": form,
            "language": request.LANGUAGE_CODE,
            "time_zone": request.user.time_zone,
        },
        tenant_id=merchant.pk,
        total=count,
        actor=user_actor(request.user),
        now=now,
    )
    messages.success(request, _("The file is being made. You can leave this page."))
    return redirect("jobs:job", job.public_id)
