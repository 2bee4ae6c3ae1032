"""What a person keeps of the order list: views, columns, the view it opens with, and its export."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.sheets import CSV, XLSX
from apps.common.web.access import WRITE, find_or_404, member_page
from apps.dashboard import exports, services
from apps.dashboard.columns import move_column
from apps.dashboard.selectors import order_list
from apps.dashboard.selectors.list_choice import get_choice
from apps.dashboard.selectors.list_state import ListState, read_state
from apps.dashboard.selectors.saved_views import forget_views
from apps.jobs import services as jobs
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.orders import selectors as orders
from apps.orders.models import SavedView
from apps.orders.services import views as saved_views


def list_state(request: MemberRequest) -> ListState:
    """Return the list's own state from a form: never what it does not know."""
    return read_state(QueryDict(request.POST.get("query", "")))


def back_to_list(query: str) -> HttpResponse:
    """Lead back to the list as it was."""
    return redirect(f"{reverse('dashboard:orders')}?{query}")


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def save_view(request: MemberRequest) -> HttpResponse:
    """Keep the filter of the list under a name."""
    view = saved_views.save_view(
        request.member.merchant,
        owner_id=request.user.public_id,
        name=request.POST.get("name", ""),
        query=list_state(request).as_query(),
        is_shared=request.POST.get("is_shared") == "on",
        actor=user_actor(request.user),
        now=utc_now(),
    )
    forget_views(request.member.merchant)
    messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return back_to_list(view.query)


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def change_view(request: MemberRequest, view_id: str) -> HttpResponse:
    """Give one of the person's own views another name, share it or keep it for themselves."""
    view = saved_views.change_view(
        _visible_view(request, view_id),
        owner_id=request.user.public_id,
        name=request.POST.get("name", ""),
        is_shared=request.POST.get("is_shared") == "on",
        actor=user_actor(request.user),
        now=utc_now(),
    )
    forget_views(request.member.merchant)
    messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return back_to_list(view.query)


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def delete_view(request: MemberRequest, view_id: str) -> HttpResponse:
    """Delete one of the person's own views."""
    view = _visible_view(request, view_id)
    saved_views.delete_view(
        view, owner_id=request.user.public_id, actor=user_actor(request.user), now=utc_now()
    )
    forget_views(request.member.merchant)
    if get_choice(request.member).start_query == view.query:
        services.choose_start(request.member, "")
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("dashboard:orders")


def _visible_view(request: MemberRequest, view_id: str) -> SavedView:
    visible = orders.list_saved_views(request.member.merchant, request.user.public_id)
    view: SavedView = find_or_404(visible.get, public_id=view_id)
    return view


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def start_with(request: MemberRequest) -> HttpResponse:
    """Open the list with this filter from now on, or with the open orders again."""
    query = list_state(request).as_query()
    is_reset = request.POST.get("reset") == "1"
    services.choose_start(request.member, "" if is_reset else query)
    told = _("The list opens with the open orders.") if is_reset else _("The list opens like this.")
    messages.success(request, told)
    return back_to_list(query)


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def choose_columns(request: MemberRequest) -> HttpResponse:
    """Keep the columns of the list: the ticked ones, one moved, or the usual ones again."""
    shown = tuple(request.POST.getlist("columns"))
    earlier, later = request.POST.get("earlier", ""), request.POST.get("later", "")
    if earlier or later:
        shown = move_column(shown, earlier or later, -1 if earlier else 1)
    is_reset = request.POST.get("reset") == "1"
    services.choose_columns(request.member, () if is_reset else shown)
    return back_to_list(list_state(request).as_query())


@member_page(*WRITE, permission=permissions.ORDERS_VIEW)
def export(request: MemberRequest) -> HttpResponse:
    """Answer the list as CSV or XLSX, or start a job for more than 2,000 rows.

    The file has the columns the person sees.
    """
    now = utc_now()
    merchant = request.member.merchant
    form = XLSX if request.POST.get("form") == XLSX else CSV
    columns = get_choice(request.member).columns
    query = list_state(request).as_query()
    selection = order_list.selection_of_view(merchant, query, left_out=())
    chosen = order_list.selected_orders(merchant, selection, now=now)
    count = chosen.count()
    if count <= exports.DIRECT_ROWS:
        return exports.answer(merchant, chosen, now=now, form=form, columns=columns)
    job = jobs.start_job(
        exports.JOB_KIND,
        title=_("Export %(count)s orders") % {"count": count},
        parameters={
            **selection.as_parameters(),
            "form": form,
            "columns": ",".join(columns),
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
