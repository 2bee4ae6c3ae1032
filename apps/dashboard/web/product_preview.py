"""What an edit would change in each market, shown before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.catalog.models import Product, Variant
from apps.catalog.previews import SourceEdit, preview_edit
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, find_or_404, may, member_page
from apps.dashboard.selectors import product_depth as depth
from apps.dashboard.web.fact_forms import TextForm, tell
from apps.dashboard.web.product_forms import ProductForm, VariantFactsForm
from apps.dashboard.web.product_texts import show_texts
from apps.dashboard.web.products import found_product, show_product
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@dataclass(frozen=True, slots=True)
class Draft:
    """An edit somebody typed: its form, where it is saved, and how the page of the form is shown."""

    form: forms.Form
    target: str
    show: Callable[[int], HttpResponse]
    edit: Callable[[], SourceEdit]
    kind: str
    more: dict[str, str] = field(default_factory=dict)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def preview(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show what the typed edit would change; it is saved by the button of the page, not here.

    ``kind`` says which form was typed: ``product`` (the usual one), ``text`` or ``variant``.
    """
    found = found_product(request, product_id)
    draft = _draft(request, found, request.POST.get("kind", "product"))
    if not draft.form.is_valid():
        return draft.show(422)
    if request.POST.get("back") == "1":
        return draft.show(200)
    try:
        told = preview_edit(found, draft.edit())
    except DomainError as error:
        tell(draft.form, error)
        return draft.show(error.status)
    context = {
        "section": "products",
        "product": found,
        "told": told,
        "facts": depth.fact_rows(told.facts),
        "texts": depth.text_rows(told.texts),
        "gates": depth.gate_rows(told.gates),
        "target": draft.target,
        "kind": draft.kind,
        "hidden": [*_typed(request, draft.form), *draft.more.items()],
    }
    return render(request, "dashboard/product_preview.html", context)


def _draft(request: MemberRequest, product: Product, kind: str) -> Draft:
    if kind == "text":
        return _text(request, product)
    if kind == "variant":
        return _variant(request, product)
    form = ProductForm(request.POST)
    return Draft(
        form,
        reverse("dashboard:product_edit", args=[product.public_id]),
        lambda status: show_product(request, product, form, status=status),
        lambda: SourceEdit(product=form.cleaned_data),
        "product",
    )


def _text(request: MemberRequest, product: Product) -> Draft:
    locale = request.POST.get("locale", "")[:12]
    form = TextForm(request.POST, auto_id=f"{locale}-%s")
    return Draft(
        form,
        reverse("dashboard:product_text_save", args=[product.public_id]),
        lambda status: show_texts(request, product, typed={locale: form}, status=status),
        lambda: SourceEdit(texts={form.cleaned_data["locale"]: form.texts()}),
        "text",
    )


def _variant(request: MemberRequest, product: Product) -> Draft:
    variant = find_or_404(_variant_of, product, request.POST.get("variant", ""))
    form = VariantFactsForm(
        request.POST,
        currency=variant.cost_currency,
        has_cost=may(request, permissions.MONEY_VIEW),
        auto_id=f"{variant.public_id}-%s",
    )
    first = ProductForm(initial={name: getattr(product, name) for name in ProductForm.base_fields})
    return Draft(
        form,
        reverse("dashboard:variant_edit", args=[product.public_id, variant.public_id]),
        lambda status: show_product(
            request, product, first, typed={variant.public_id: form}, status=status
        ),
        lambda: SourceEdit(weights={variant.sku: form.cleaned_data["weight_g"] or 0}),
        "variant",
        {"variant": variant.public_id},
    )


def _variant_of(product: Product, public_id: str) -> Variant:
    for variant in product.variants.all():
        if variant.public_id == public_id:
            return variant
    raise Variant.DoesNotExist


def _typed(request: MemberRequest, form: forms.Form) -> list[tuple[str, str]]:
    """Return what was typed, as the page sends it on: as typed, not as it was read."""
    return [(name, request.POST.get(name, "")) for name in form.fields]
