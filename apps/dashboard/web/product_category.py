"""A product's category in the platform's tree, and the typed attributes that it asks for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.catalog import services
from apps.catalog.category_selectors import list_specs, propose, search_categories
from apps.catalog.fact_selectors import get_facts
from apps.catalog.models import Product
from apps.catalog.text_selectors import listed_markets
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, may, member_page
from apps.dashboard.selectors import product_depth as depth
from apps.dashboard.web.fact_forms import AttributesForm, initial_attributes, tell
from apps.dashboard.web.products import found_product
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

SHOWN = 20


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def category(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show the category, proposals or what a search found, and the attributes."""
    found = found_product(request, product_id)
    return _show(request, found, _form(found))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def choose(request: MemberRequest, product_id: str) -> HttpResponse:
    """Give the product a category, or none."""
    found = found_product(request, product_id)
    try:
        done = services.choose_category(
            found,
            request.POST.get("code", "")[:20],
            is_for_all=request.POST.get("for_all") == "1",
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        form = _form(found)
        return _show(request, found, form, refusal=error.message, status=error.status)
    messages.success(request, _("Category saved."))
    if done.followers:
        told = ngettext(
            "%(count)s other product got it too.",
            "%(count)s other products got it too.",
            done.followers,
        )
        messages.success(request, told % {"count": done.followers})
    if done.dropped:
        told = ngettext(
            "%(count)s attribute does not belong to it and was removed. The activity log keeps it.",
            "%(count)s attributes do not belong to it and were removed. The activity log keeps them.",
            len(done.dropped),
        )
        messages.warning(request, told % {"count": len(done.dropped)})
    return redirect("dashboard:product_category", found.public_id)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save_attributes(request: MemberRequest, product_id: str) -> HttpResponse:
    """Save the attributes; each wrong one says why beside its field and nothing is saved."""
    found = found_product(request, product_id)
    form = AttributesForm(request.POST, specs=list_specs(found.category_ref))
    if form.is_valid():
        try:
            services.set_attributes(
                found, form.given(), is_whole=True, actor=user_actor(request.user), now=utc_now()
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:product_category", found.public_id)
    return _show(request, found, form, status=422)


def _form(product: Product) -> AttributesForm:
    facts = get_facts(product)
    return AttributesForm(
        specs=list_specs(product.category_ref), initial=initial_attributes(facts.attributes)
    )


def _show(
    request: MemberRequest,
    product: Product,
    form: AttributesForm,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    facts = get_facts(product)
    proposals = [] if query else propose(request.member.merchant, product.category)
    context = {
        "section": "products",
        "product": product,
        "form": form,
        "refusal": refusal,
        "query": query,
        "current": depth.shown_of(product),
        "proposals": proposals,
        "found": search_categories(query, limit=SHOWN) if query else [],
        "lacking": [
            spec.label for spec in depth.lacking_of(product, facts, listed_markets(product))
        ],
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/product_category.html", context, status=status)
