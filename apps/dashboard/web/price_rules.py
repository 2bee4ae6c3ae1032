"""Price rules of the company per market, with a live example, and the price history of a listing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import services
from apps.catalog.models import Listing, PriceRule
from apps.catalog.selectors_pricing import (
    find_lowest,
    find_reductions,
    get_listing,
    list_prices,
    list_rules,
)
from apps.catalog.sentences import explain_reduction
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.common.pagination import paginate
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, may, member_page
from apps.dashboard.selectors import price_pages as shown
from apps.dashboard.web.publish_forms import TermsForm
from apps.markets.models import Market
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

PAGE_SIZE = 50


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def rules(request: MemberRequest) -> HttpResponse:
    """List the rule that counts in each market, and the rules of single products."""
    merchant = request.member.merchant
    rows = shown.list_scopes(merchant, list_markets())
    context = {
        "section": "markets",
        "company": rows[0],
        "rows": rows[1:],
        "product_rules": shown.list_product_rules(merchant),
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/price_rules.html", context)


@member_page(*BOTH, permission=permissions.PRODUCTS_MANAGE)
def rule(request: MemberRequest, scope: str) -> HttpResponse:
    """Show and keep the company's rule for all markets or for one."""
    market, known = _found(request, scope)
    merchant = request.member.merchant
    if request.method != "POST":
        # A market without a rule of its own starts from the one that counts there.
        start = known or _own(request, None)
        return _show(request, scope, market, known, TermsForm(merchant=merchant, rule=start))
    form = TermsForm(request.POST, merchant=merchant, rule=known or _own(request, None))
    if form.is_valid():
        try:
            services.save_rule(
                form.terms(market=market),
                merchant=merchant,
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            for name, sentence in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, sentence)
        else:
            messages.success(request, _("Rule saved. Prices that follow it are up to date."))
            return redirect("dashboard:price_rules")
    return _show(request, scope, market, known, form, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def example(request: MemberRequest, scope: str) -> HttpResponse:
    """Answer what the typed terms make of a base price today; nothing is kept."""
    market, known = _found(request, scope)
    form = TermsForm(
        request.POST, merchant=request.member.merchant, rule=known or _own(request, None)
    )
    return _show(request, scope, market, known, form, status=200 if form.is_valid() else 422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def remove(request: MemberRequest, scope: str) -> HttpResponse:
    """Remove the rule; prices that followed it stay until another rule speaks."""
    _market, known = _found(request, scope)
    if known is None:
        raise Http404
    services.remove_rule(known, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("Rule removed. Prices stay as they are."))
    return redirect("dashboard:price_rules")


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def history(request: MemberRequest, product_id: str, listing_id: str) -> HttpResponse:
    """Show every price of a listing, why it changed, and the lowest of the last 30 days."""
    listing: Listing = find_or_404(get_listing, request.member.merchant, listing_id)
    if listing.variant.product.public_id != product_id:
        raise Http404
    now = utc_now()
    page = paginate(
        list_prices(listing).order_by(),
        key="from_at",
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
    )
    reduction = find_reductions([listing], now=now)[listing.pk]
    lowest, currency = find_lowest(listing, now=now), listing.currency
    context = {
        "section": "products",
        "listing": listing,
        "product": listing.variant.product,
        "page": page,
        "prices": shown.told_prices(page.rows),
        "current": Money.from_minor(listing.price_minor, currency),
        "lowest": None if lowest is None else Money.from_minor(lowest, currency),
        "was": reduction.was_minor and Money.from_minor(reduction.was_minor, currency),
        "why_no_was": explain_reduction(reduction, listing.market.code, currency),
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/price_history.html", context)


def _found(request: MemberRequest, scope: str) -> tuple[Market | None, PriceRule | None]:
    """Return the market of an address (none for all markets) and its rule."""
    if scope == shown.ALL:
        return None, _own(request, None)
    market = next((item for item in list_markets() if item.code == scope), None)
    if market is None:
        raise Http404
    return market, _own(request, market)


def _own(request: MemberRequest, market: Market | None) -> PriceRule | None:
    own = list_rules(request.member.merchant).filter(product__isnull=True, market=market)
    found: PriceRule | None = own.first()
    return found


def _show(
    request: MemberRequest,
    scope: str,
    market: Market | None,
    known: PriceRule | None,
    form: TermsForm,
    *,
    status: int = 200,
) -> HttpResponse:
    merchant = request.member.merchant
    sku = request.POST.get("example_sku", "").strip()[:64]
    variant = shown.find_example_variant(merchant, sku)
    terms = form if form.is_bound else TermsForm(form.initial, merchant=merchant, rule=known)
    is_usable = variant is not None and terms.is_valid()
    chosen = list_markets() if market is None else [market]
    today = utc_now().date()
    context = {
        "section": "markets",
        "scope": scope,
        "market": market,
        "known": known,
        "form": form,
        "variant": variant,
        "example_sku": sku or (variant.sku if variant is not None else ""),
        "examples": shown.work_out(
            terms.terms(market=market), variant, chosen, merchant=merchant, on=today
        )
        if variant is not None and is_usable
        else [],
    }
    return render(request, "dashboard/price_rule.html", context, status=status)
