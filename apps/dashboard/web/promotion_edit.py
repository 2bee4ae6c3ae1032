"""Making and changing a promotion: the rule on the left, what it does on the right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog.models import Product, Variant
from apps.catalog.search.finding import Wanted, find_products
from apps.catalog.search.words import ACTIVE
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, may, member_page
from apps.compliance.promoting.simulating import simulate
from apps.dashboard.promotion_words import KINDS, kind_label
from apps.dashboard.selectors.product_list import list_choices
from apps.dashboard.selectors.promotion_effect import Effect, effect_of
from apps.dashboard.web.promotion_forms import PromotionForm
from apps.dashboard.web.promotions import found_promotion
from apps.markets.models import Market
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest
from apps.promotions import services
from apps.promotions.models import Promotion
from apps.promotions.rows import row_of_draft

DEFAULT_KIND = "product_discount"
# What one look while typing prices at most; publishing looks at more.
PREVIEWED = 30
FOUND = 8
# Templates to start from: address, kind and what the fields show first.
TEMPLATES: dict[str, tuple[str, dict[str, Any]]] = {
    "weekend": ("flash_sale", {"percent": 20, "units": 100, "units_per_buyer": 2}),
    "welcome": ("first_order_price", {"percent": 10}),
    "three": ("buy_get", {"buy_quantity": 3, "get_quantity": 1, "get_from": "within"}),
    "code": ("voucher", {"percent": 10, "uses_per_buyer": 1}),
}


@dataclass(frozen=True, slots=True)
class Option:
    """Goods that can be chosen: the value of the field, what they are, and whether they are."""

    value: str
    label: str
    detail: str = ""
    is_chosen: bool = False


@member_page(*READ, permission=permissions.PROMOTIONS_MANAGE)
def new(request: MemberRequest) -> HttpResponse:
    """Show the page of a new promotion of a kind, or of a template."""
    kind, start = TEMPLATES.get(request.GET.get("template", ""), ("", {}))
    asked = request.GET.get("kind", "")
    kind = kind or (asked if asked in KINDS else DEFAULT_KIND)
    form = PromotionForm(kind=kind, markets=list_markets(), initial={**_period(kind), **start})
    return _show(request, form)


def _period(kind: str) -> dict[str, object]:
    """Return the period the fields show first: from tomorrow; a flash sale takes two days."""
    first = (utc_now() + timedelta(days=1)).date()
    last = first + timedelta(days=2)
    return {
        "starts": f"{first}T00:00",
        "ends": f"{last}T00:00" if kind == "flash_sale" else "",
    }


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def check(request: MemberRequest) -> HttpResponse:
    """Show what the typed promotion would do; nothing is saved."""
    return _check(request, None)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def recheck(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Show what the changed promotion would do; nothing is saved."""
    return _check(request, found_promotion(request, promotion_id))


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def create(request: MemberRequest) -> HttpResponse:
    """Save a new promotion as a draft."""
    form = _form(request.POST, None, list_markets())
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        made = services.create_promotion(
            request.member.merchant, form.draft(), actor=user_actor(request.user), now=utc_now()
        )
    except DomainError as error:
        return _refused(request, form, error)
    messages.success(request, _("Draft saved. It changes no price until it is published."))
    return redirect("dashboard:promo", made.public_id)


@member_page(*READ, permission=permissions.PROMOTIONS_MANAGE)
def edit(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Show a draft or paused promotion to be changed."""
    promotion = found_promotion(request, promotion_id)
    form = PromotionForm(kind=promotion.kind, markets=list_markets(), promotion=promotion)
    return _show(request, form)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def save(request: MemberRequest, promotion_id: str) -> HttpResponse:
    """Change a draft or paused promotion."""
    promotion = found_promotion(request, promotion_id)
    form = _form(request.POST, promotion, list_markets())
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        services.update_promotion(
            promotion, form.draft(), actor=user_actor(request.user), now=utc_now()
        )
    except DomainError as error:
        return _refused(request, form, error)
    messages.success(request, _("Saved. It changes no price until it is published."))
    return redirect("dashboard:promo", promotion.public_id)


def _form(data: QueryDict, promotion: Promotion | None, markets: list[Market]) -> PromotionForm:
    asked = data.get("kind", "")
    kind = promotion.kind if promotion is not None else asked if asked in KINDS else DEFAULT_KIND
    return PromotionForm(data, kind=kind, markets=markets, promotion=promotion)


def _check(request: MemberRequest, promotion: Promotion | None) -> HttpResponse:
    markets = list_markets()
    form = _form(request.POST, promotion, markets)
    effect = None
    if form.is_valid():
        try:
            effect = preview(request.member.merchant, form, markets, now=utc_now())
        except DomainError as error:
            _add_errors(form, error)
    is_quiet = bool(request.headers.get("HX-Request"))
    if is_quiet:
        form.forget_missing()
    return _show(request, form, effect=effect, is_quiet=is_quiet)


def preview(
    merchant: Merchant, form: PromotionForm, markets: list[Market], *, now: datetime
) -> Effect:
    """Return what a valid form would do. Raises what ``check_draft`` raises."""
    draft = form.draft()
    services.drafts.check_draft(draft)
    ident = form.promotion.public_id if form.promotion is not None else "draft"
    chosen = [market for market in markets if market.code in draft.markets]
    row = row_of_draft(draft, ident)
    return effect_of(simulate(merchant, row, markets=chosen, now=now, most=PREVIEWED))


def _refused(request: MemberRequest, form: PromotionForm, error: DomainError) -> HttpResponse:
    _add_errors(form, error)
    return _show(request, form, status=422)


def _add_errors(form: PromotionForm, error: DomainError) -> None:
    """Put the sentences of a refusal beside their fields, the others on top."""
    for path, sentence in (error.fields or {"": error.message}).items():
        name = path.rsplit(".", 1)[-1]
        form.add_error(name if name in form.fields else None, sentence)


def _show(
    request: MemberRequest,
    form: PromotionForm,
    *,
    effect: Effect | None = None,
    is_quiet: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show the page; while somebody types (``is_quiet``) it has no summary of what is wrong."""
    merchant = request.member.merchant
    promotion = form.promotion
    find = (form.data.get("find", "") if form.is_bound else "").strip()[:100]
    ids = [] if promotion is None else [promotion.public_id]
    context = {
        "section": "promotions",
        "form": form,
        "kind": form.kind,
        "kind_words": KINDS[form.kind],
        "kinds": [
            (kind, words, kind == form.kind) for kind, words in KINDS.items() if promotion is None
        ],
        "templates": _templates() if promotion is None else [],
        "promotion": promotion,
        "effect": effect,
        "is_checked": form.is_bound and not (is_quiet and not form.errors),
        "is_quiet": is_quiet,
        "find": find,
        "chosen": list_chosen(merchant, form.items),
        "found": list_found(merchant, find, form.items) if find else [],
        "check_url": reverse(
            "dashboard:promo_recheck" if ids else "dashboard:promo_check", args=ids
        ),
        "save_url": reverse("dashboard:promo_save" if ids else "dashboard:promo_create", args=ids),
        "hidden": not may(request, permissions.MONEY_VIEW),
    }
    return render(request, "dashboard/promotion_edit.html", context, status=status)


def _templates() -> list[tuple[str, str, str]]:
    labels = {
        "weekend": _("Two days, a fifth off"),
        "welcome": _("A tenth off the first order"),
        "three": _("Three for two"),
        "code": _("A tenth off with a code, once a buyer"),
    }
    base = reverse("dashboard:promo_new")
    return [
        (f"{base}?template={name}", labels[name], kind_label(kind))
        for name, (kind, _start) in TEMPLATES.items()
    ]


def list_chosen(merchant: Merchant, items: list[str]) -> list[Option]:
    """Return the chosen goods with their names; one statement where products are among them."""
    products = [item.partition(":")[2] for item in items if item.startswith("product:")]
    titles: dict[str, str] = {}
    if products:
        rows = Product.objects.filter(merchant=merchant, public_id__in=products)
        titles = dict(rows.values_list("public_id", "title"))
    return [
        Option(item, titles.get(word, word), _prefix(prefix), is_chosen=True)
        for item in items
        for prefix, _colon, word in [item.partition(":")]
    ]


def list_found(merchant: Merchant, text: str, chosen: list[str]) -> list[Option]:
    """Return goods that match a text and are not chosen: products, their SKUs, brands, categories."""
    ids = find_products(merchant, Wanted(text, (ACTIVE,)), size=FOUND).ids
    products = Product.objects.filter(merchant=merchant, pk__in=ids).in_bulk()
    skus: dict[int, list[Variant]] = {}
    for variant in Variant.objects.filter(product__in=ids, is_active=True).order_by("id"):
        skus.setdefault(variant.product_id, []).append(variant)
    found: dict[str, Option] = {}
    for key in ids:
        product, own = products[key], skus.get(key, [])
        options = [
            Option(f"product:{product.public_id}", product.title, _("product, all its SKUs"))
        ]
        options += [Option(f"sku:{one.sku}", one.sku, one.option or product.title) for one in own]
        if product.category:
            options.append(Option(f"category:{product.category}", product.category, _("category")))
        found |= {option.value: option for option in options}
    for brand in list_choices(merchant).brands:
        if text.casefold() in brand.casefold():
            found[f"brand:{brand}"] = Option(f"brand:{brand}", brand, _("brand"))
    return [option for value, option in found.items() if value not in chosen]


def _prefix(prefix: str) -> str:
    return {
        "sku": _("SKU"),
        "product": _("product, all its SKUs"),
        "category": _("category"),
        "brand": _("brand"),
        "tag": _("tag"),
    }[prefix]
