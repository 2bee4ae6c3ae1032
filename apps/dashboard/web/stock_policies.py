"""What people keep back from sale and set aside for markets and channels."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, member_page
from apps.dashboard.web.fact_forms import tell
from apps.dashboard.web.stock import found_variant, show_sku
from apps.dashboard.web.stock_forms import AllocationForm, KeepBackForm
from apps.inventory import selectors as inventory
from apps.inventory import services
from apps.inventory.services import AllocationDraft
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def keep_back(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Keep units of a SKU, or of every SKU without its own figure, back from sale."""
    variant = found_variant(request, variant_id)
    form = KeepBackForm(request.POST)
    if not form.is_valid():
        return show_sku(request, variant, keep_form=form, status=422)
    is_own = form.cleaned_data["scope"] == "sku"
    services.keep_back(
        request.member.merchant,
        form.cleaned_data["units"],
        variant=variant if is_own else None,
        actor=user_actor(request.user),
        now=utc_now(),
    )
    return _saved(request, variant)


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def set_aside(request: MemberRequest, variant_id: str) -> HttpResponse:
    """Add an allocation to a SKU, change that of the same market and channel, or remove one."""
    variant, merchant = found_variant(request, variant_id), request.member.merchant
    kept = {
        (item.market, item.channel): AllocationDraft(
            item.market, item.channel, item.mode, item.units or item.percent
        )
        for item in inventory.list_allocations(merchant, variant)
    }
    form = AllocationForm(request.POST, markets=list_markets())
    gone = request.POST.get("remove", "")
    if gone:
        market, _sep, channel = gone.partition("/")
        kept.pop((market, channel), None)
    elif form.is_valid():
        draft = AllocationDraft(**form.cleaned_data)
        kept[draft.market, draft.channel] = draft
    else:
        return show_sku(request, variant, aside_form=form, status=422)
    try:
        services.allocate_stock(
            merchant, variant, list(kept.values()), actor=user_actor(request.user), now=utc_now()
        )
    except DomainError as error:
        tell(form, error)
        return show_sku(request, variant, aside_form=form, status=error.status)
    return _saved(request, variant)


def _saved(request: MemberRequest, variant: Variant) -> HttpResponse:
    messages.success(request, _("Saved. The next sale counts with it."))
    return redirect("dashboard:stock_sku", variant.public_id)
