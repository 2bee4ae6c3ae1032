"""Stock as sheets: the list as a file, and the sheet of a count."""

from __future__ import annotations

import zoneinfo

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.sheets import CONTENT_TYPES
from apps.common.web.access import BOTH, WRITE, member_page
from apps.dashboard import stock_exports
from apps.dashboard.selectors import stock_list
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.stock_forms import MAX_UNITS, new_reference
from apps.inventory import selectors as inventory
from apps.inventory import services
from apps.inventory.models import Node
from apps.jobs import services as jobs
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_PREFIX = "count-"


@member_page(*WRITE, permission=permissions.STOCK_VIEW)
def export(request: MemberRequest) -> HttpResponse:
    """Answer the SKUs of the list as CSV or XLSX, or start a job for over 2,000 of them."""
    merchant, now = request.member.merchant, utc_now()
    form = request.POST.get("form", "csv")
    if form not in CONTENT_TYPES:
        raise DomainError("stock.unknown_form", _("This export does not exist."), status=400)
    state = stock_list.read_state(QueryDict(request.POST.get("query", "")))
    direct = stock_exports.write_directly(merchant, state, now=now, form=form)
    if direct is not None:
        response = HttpResponse(direct, content_type=CONTENT_TYPES[form])
        zone = zoneinfo.ZoneInfo(request.user.time_zone)
        name = stock_exports.file_name(now.astimezone(zone), form)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    job = jobs.start_job(
        stock_exports.JOB_KIND,
        title=_("Export stock"),
        parameters={
            "form": form,
            "query": state.as_query(),
            "language": request.LANGUAGE_CODE,
            "time_zone": request.user.time_zone,
        },
        tenant_id=merchant.pk,
        total=0,
        actor=user_actor(request.user),
        now=now,
    )
    messages.success(request, _("The file is being made. You can leave this page."))
    return redirect("jobs:job", job.public_id)


@member_page(*BOTH, permission=permissions.STOCK_MANAGE)
def count(request: MemberRequest) -> HttpResponse:
    """Show the sheet of a count at one place, and set what was counted."""
    merchant = request.member.merchant
    nodes = list(inventory.list_nodes(merchant))
    state = stock_list.read_state(request.POST if request.method == "POST" else request.GET)
    node = _chosen(nodes, state.node)
    if request.method == "POST" and node is not None:
        try:
            return _apply(request, node)
        except DomainError as error:
            return _sheet(request, state, nodes, node, error=error)
    return _sheet(request, state, nodes, node)


def _chosen(nodes: list[Node], wanted: str) -> Node | None:
    if not wanted:
        return nodes[0] if nodes else None
    for node in nodes:
        if node.public_id == wanted:
            return node
    raise Http404


def _sheet(
    request: MemberRequest,
    state: stock_list.ListState,
    nodes: list[Node],
    node: Node | None,
    *,
    error: DomainError | None = None,
) -> HttpResponse:
    merchant, now = request.member.merchant, utc_now()
    page = stock_list.page_of_count(merchant, state, node=node, now=now)
    context = {
        "section": "stock",
        "state": state,
        "page": page,
        "rows": [
            (line, request.POST.get(f"{_PREFIX}{line.variant.public_id}", "")) for line in page.rows
        ],
        "nodes": [(item.public_id, item.name) for item in nodes],
        "node": node,
        "error": error,
        "note": request.POST.get("note", ""),
        "reference": request.POST.get("reference") or new_reference(),
    }
    return render(
        request, "dashboard/stock_count.html", context, status=error.status if error else 200
    )


def _apply(request: MemberRequest, node: Node) -> HttpResponse:
    merchant = request.member.merchant
    figures = {
        name.removeprefix(_PREFIX): _figure(text)
        for name, text in request.POST.items()
        if name.startswith(_PREFIX) and str(text).strip()
    }
    known = Variant.objects.filter(merchant=merchant, public_id__in=figures)
    variants = {variant.public_id: variant for variant in known}
    if len(variants) < len(figures):
        raise Http404
    if not figures:
        raise DomainError("stock.no_counts", _("Type at least one figure."), status=422)
    services.count_stock(
        merchant,
        counts=[
            services.Count(variants[key].pk, variants[key].sku, node, units)
            for key, units in sorted(figures.items())
        ],
        note=request.POST.get("note", ""),
        reference=request.POST.get("reference", "")[:64] or new_reference(),
        actor=user_actor(request.user),
        now=utc_now(),
    )
    forget_facts(merchant)
    messages.success(request, _("Count saved: %(count)s SKUs.") % {"count": len(figures)})
    return redirect(f"{reverse('dashboard:stock')}?node={node.public_id}")


def _figure(text: object) -> int:
    plain = str(text).strip()
    if not plain.isdecimal() or len(plain) > 9 or int(plain) > MAX_UNITS:
        raise DomainError(
            "stock.bad_figure",
            _("“%(text)s” is not a number of units.") % {"text": plain[:40]},
            status=422,
        )
    return int(plain)
