"""The product list as a sheet: what its products are, their prices, or their stock."""

from __future__ import annotations

import io
import zoneinfo
from itertools import islice

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.sheets import CONTENT_TYPES
from apps.common.web.access import WRITE, may, member_page
from apps.dashboard.runners import PRODUCTS_EXPORT
from apps.dashboard.selectors import product_list
from apps.imports import exporting
from apps.imports.models import ImportRun
from apps.jobs import services as jobs
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

DIRECT_PRODUCTS = 1000
# More chunks than that many products can fill, however few a chunk holds.
_DIRECT_CHUNKS = 1001


@member_page(*WRITE, permission=permissions.PRODUCTS_VIEW)
def export(request: MemberRequest) -> HttpResponse:
    """Answer the products of the list as CSV or XLSX, or start a job for over 1,000 of them."""
    merchant, now = request.member.merchant, utc_now()
    kind, form = request.POST.get("kind", ""), request.POST.get("form", "csv")
    if kind not in ImportRun.Kind.values or form not in CONTENT_TYPES:
        raise DomainError("imports.unknown_kind", _("This export does not exist."), status=400)
    state = product_list.read_state(QueryDict(request.POST.get("query", "")))
    has_cost = may(request, permissions.MONEY_VIEW)
    chunks = list(islice(product_list.iterate_keys(merchant, state), _DIRECT_CHUNKS))
    zone = zoneinfo.ZoneInfo(request.user.time_zone)
    if sum(map(len, chunks)) <= DIRECT_PRODUCTS:
        out = io.BytesIO()
        for _number in exporting.write_sheet(
            out, chunks, merchant=merchant, kind=kind, form=form, has_cost=has_cost
        ):
            pass
        name = exporting.file_name(kind, form, now.astimezone(zone))
        response = HttpResponse(out.getvalue(), content_type=CONTENT_TYPES[form])
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    job = jobs.start_job(
        PRODUCTS_EXPORT,
        title=_("Export products"),
        parameters={
            "kind": kind,
            "form": form,
            "query": state.as_query(),
            "has_cost": has_cost,
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
