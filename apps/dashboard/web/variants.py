"""What people change about the variants of a product."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog import services
from apps.catalog.models import Product
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, find_or_404, may, member_page
from apps.dashboard.web.product_forms import ProductForm, VariantFactsForm, VariantForm
from apps.dashboard.web.products import found_product, initial_facts, saved, show_product
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_FIELDS = {"cost_minor": "cost", "cost_currency": "cost"}


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def add(request: MemberRequest, product_id: str) -> HttpResponse:
    """Add a variant to the product."""
    found = found_product(request, product_id)
    form = VariantForm(request.POST, currency=request.member.merchant.base_currency)
    if form.is_valid():
        draft = form.draft()
        try:
            services.add_variant(found, draft, actor=user_actor(request.user), now=utc_now())
        except DomainError as error:
            _tell(form, error)
        else:
            told = _("Variant %(sku)s added. Give it a price to sell it.") % {"sku": draft.sku}
            return saved(request, found, told)
    return _again(request, found, "", form)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def edit(request: MemberRequest, product_id: str, variant_id: str) -> HttpResponse:
    """Change the facts of one variant."""
    found = found_product(request, product_id)
    variant = find_or_404(
        catalog.get_variant_of, request.member.merchant, found.public_id, variant_id
    )
    form = VariantFactsForm(
        request.POST,
        currency=variant.cost_currency,
        has_cost=may(request, permissions.MONEY_VIEW),
        auto_id=f"{variant.public_id}-%s",
    )
    if form.is_valid():
        try:
            services.update_variant(
                variant, form.facts(), actor=user_actor(request.user), now=utc_now()
            )
        except DomainError as error:
            _tell(form, error)
        else:
            return saved(request, found, _("Saved."))
    return _again(request, found, variant.public_id, form)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def offer(request: MemberRequest, product_id: str, variant_id: str) -> HttpResponse:
    """Withdraw a variant from sale in all markets, or offer it again."""
    found = found_product(request, product_id)
    variant = find_or_404(
        catalog.get_variant_of, request.member.merchant, found.public_id, variant_id
    )
    is_active = request.POST.get("is_active") == "1"
    services.update_variant(
        variant, {"is_active": is_active}, actor=user_actor(request.user), now=utc_now()
    )
    told = _("%(sku)s is offered again.") if is_active else _("%(sku)s is withdrawn from sale.")
    return saved(request, found, told % {"sku": variant.sku})


def _tell(form: VariantFactsForm, error: DomainError) -> None:
    for path, sentence in (error.fields or {"": error.message}).items():
        name = _FIELDS.get(path, path)
        form.add_error(name if name in form.fields else None, sentence)


def _again(
    request: MemberRequest, product: Product, variant_id: str, form: VariantFactsForm
) -> HttpResponse:
    first = ProductForm(initial=initial_facts(product))
    return show_product(request, product, first, typed={variant_id: form}, status=422)
