"""A product's SKU for a flash sale: ready for many buyers, and back."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.common.web.access import WRITE, find_or_404, member_page
from apps.dashboard.web.products import found_product, saved
from apps.inventory import hot
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def set_hot(request: MemberRequest, product_id: str) -> HttpResponse:
    """Spread the units of a SKU over buckets (``is_hot`` 1), or bring them back to one row."""
    found = found_product(request, product_id)
    merchant = request.member.merchant
    variant: Variant = find_or_404(found.variants.get, sku=request.POST.get("sku", ""))
    is_hot = request.POST.get("is_hot") == "1"
    change = hot.heat_balances if is_hot else hot.cool_balances
    change(merchant, variants=[variant], actor=user_actor(request.user), now=utc_now())
    names = {"sku": variant.sku}
    if is_hot:
        return saved(request, found, _("%(sku)s is ready for many buyers.") % names)
    return saved(request, found, _("%(sku)s is sold at the usual pace.") % names)
