"""Product pages: the list, one product, a new one, and what people change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog import services as catalog_services
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.services import ProductDraft, VariantDraft
from apps.catalog.states import ListingStatus
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.formatting import join_sentences, parse_amount
from apps.common.web.access import BOTH, READ, WRITE, find_or_404, may, member_page
from apps.compliance.publishing.prices import PriceWish, set_prices
from apps.compliance.publishing.sentences import explain_finding
from apps.dashboard import services
from apps.dashboard.selectors import product_depth, product_list
from apps.dashboard.selectors import products as shown
from apps.dashboard.selectors.order_rows import photo_url
from apps.dashboard.selectors.product_list import Choices, ListState, SoldOut
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.product_forms import (
    NewProductForm,
    PriceForm,
    ProductForm,
    StockForm,
    VariantFactsForm,
    VariantForm,
    list_cards,
)
from apps.dashboard.words import country_name
from apps.inventory import selectors as inventory
from apps.inventory import services as inventory_services
from apps.markets.selectors import get_market, list_markets
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

EMPTY: Mapping[str, VariantFactsForm] = MappingProxyType({})
F = TypeVar("F", bound=forms.Form)
_CHANGES = (
    "title",
    "description",
    "brand",
    "category",
    "origin_country",
    "hs_code",
    "customs_name",
)


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def products(request: MemberRequest) -> HttpResponse:
    """List the company's products, the newest first."""
    merchant = request.member.merchant
    state = product_list.read_state(request.GET)
    found = product_list.page_of_products(merchant, state)
    choices = product_list.list_choices(merchant)
    context = {
        "section": "products",
        "state": state,
        "page": found.page,
        "is_partial": found.is_partial,
        "rows": shown.rows_of(merchant, found.page.rows),
        "tabs": _tabs(state, found.counts, product_list.count_sold_out(merchant)),
        "market_choices": _market_choices(choices, state),
        "model_choices": [(value, str(label)) for value, label in Merchant.Model.choices],
        "brand_choices": [
            (brand, brand) for brand in dict.fromkeys((*choices.brands, state.brand)) if brand
        ],
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/products.html", context)


def _tabs(
    state: ListState, counts: Mapping[str, int], sold_out: SoldOut
) -> list[dict[str, str | int | bool]]:
    """Return the views; each keeps the search and the filters."""
    base = reverse("dashboard:products")
    numbers = {**counts, "sold_out": sold_out.count}
    return [
        {
            "label": label,
            "url": f"{base}?{state.as_query(view=slug)}",
            "is_current": slug == state.view,
            "count": numbers[slug],
            "is_more": slug == "sold_out" and sold_out.is_more,
        }
        for slug, label in _labels()
    ]


def _market_choices(choices: Choices, state: ListState) -> list[tuple[str, str]]:
    """Return the markets with their counts, and the chosen one where nothing is sold."""
    counts = dict(choices.markets)
    counts |= {state.market: 0} if state.market and state.market not in counts else {}
    return [(code, f"{country_name(code)} · {format_limited(n)}") for code, n in counts.items()]


def format_limited(count: int) -> str:
    """Return a count as filters show it: exact up to 999, then ``999+``."""
    return "999+" if count > 999 else str(count)


def _labels() -> list[tuple[str, str]]:
    return [
        ("all", _("All")),
        ("selling", _("Selling")),
        ("sold_out", _("Sold out")),
        ("rejected", _("Refused")),
        ("unlisted", _("Not on sale")),
        ("archived", _("Archived")),
    ]


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def product(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show one product with its variants, markets and stock."""
    found = found_product(request, product_id)
    return show_product(request, found, ProductForm(initial=initial_facts(found)))


def found_product(request: MemberRequest, product_id: str) -> Product:
    """Return the company's product; 404 for any other."""
    return find_or_404(catalog.get_product, request.member.merchant, product_id)


def initial_facts(product: Product) -> dict[str, str]:
    """Return what the form of a product shows first."""
    return {name: getattr(product, name) for name in (*_CHANGES, "status")}


def show_product(
    request: MemberRequest,
    product: Product,
    form: ProductForm,
    *,
    errors: dict[str, str] | None = None,
    typed: Mapping[str, VariantFactsForm] = EMPTY,
    status: int = 200,
) -> HttpResponse:
    """Answer with the product's page; ``typed`` holds variant forms that were not accepted."""
    merchant = request.member.merchant
    variants = list(product.variants.all())
    nodes = list(inventory.list_nodes(merchant))
    stock = shown.sum_stock(merchant, [variant.pk for variant in variants])
    images = catalog.list_images(merchant, product)
    context = {
        "section": "products",
        "product": product,
        "photo": photo_url(product),
        "images": images,
        "copies": shown.list_copies(merchant, images),
        "form": form,
        "variants": list_cards(
            variants, stock, typed, has_cost=may(request, permissions.MONEY_VIEW)
        ),
        "add_form": typed.get("") or VariantForm(currency=merchant.base_currency),
        "listings": shown.list_listing_rows(product, now=utc_now()),
        "markets": list_markets(),
        "missing": shown.missing_of(product, variants),
        "nodes": nodes,
        "stock": shown.list_stock(merchant, product, nodes),
        "changes": shown.list_changes(merchant, product),
        "depth": product_depth.summarise(product, today=utc_now().date()),
        "errors": errors or {},
        "is_refused": bool(errors or typed),
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
        "can_stock": may(request, permissions.STOCK_MANAGE),
    }
    return render(request, "dashboard/product.html", context, status=status)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def edit(request: MemberRequest, product_id: str) -> HttpResponse:
    """Change what the product is and its customs data; refused listings are tried again."""
    found = found_product(request, product_id)
    form = ProductForm(request.POST)
    if not form.is_valid():
        return show_product(request, found, form, status=422)
    now, actor = utc_now(), user_actor(request.user)
    catalog_services.update_product(found, form.cleaned_data, actor=actor, now=now)
    return saved(request, found, _("Saved."))


def saved(request: MemberRequest, product: Product, text: str) -> HttpResponse:
    """Say that it was saved and show the product's page again."""
    forget_facts(request.member.merchant)
    product_list.forget_choices(request.member.merchant)
    messages.success(request, text)
    return redirect("dashboard:product", product.public_id)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def set_price(request: MemberRequest, product_id: str) -> HttpResponse:
    """Put a variant on sale in a market at a price, or change that price."""
    found = found_product(request, product_id)
    try:
        data = _cleaned(PriceForm(request.POST))
        variant = _variant(found, data["sku"])
        market = get_market(data["market"])
        try:
            minor = parse_amount(data["price"], market.currency)
        except ValueError:
            sentence = _("“%(text)s” is not an amount in %(currency)s.") % {
                "text": data["price"],
                "currency": market.currency,
            }
            raise field_error("price", sentence) from None
        wish = PriceWish(variant.pk, market, minor, data["model"])
        [outcome] = set_prices(found, [wish], actor=user_actor(request.user), now=utc_now())
    except DomainError as error:
        return refused(request, found, error)
    if not outcome.is_live:
        told = dict.fromkeys(explain_finding(item) for item in outcome.answer.blocking)
        why = reduce(join_sentences, told, "")
        messages.warning(request, _("Price saved, but not on sale: %(why)s") % {"why": why})
        return redirect("dashboard:product", found.public_id)
    return saved(request, found, _("Price saved for %(market)s.") % {"market": market.code})


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def change_listing(request: MemberRequest, product_id: str, listing_id: str) -> HttpResponse:
    """Pause, resume or remove one listing."""
    found = found_product(request, product_id)
    own = Listing.objects.filter(merchant=request.member.merchant, variant__product=found)
    listing: Listing = find_or_404(own.get, public_id=listing_id)
    wanted = request.POST.get("following", "")
    if wanted not in shown.PEOPLE_STEPS:
        raise DomainError("catalog.unknown_step", _("This step does not exist."), status=400)
    catalog_services.change_listing(
        listing, ListingStatus(wanted), actor=user_actor(request.user), now=utc_now()
    )
    return saved(request, found, _("Listing changed."))


@member_page(*WRITE, permission=permissions.STOCK_MANAGE)
def set_stock(request: MemberRequest, product_id: str) -> HttpResponse:
    """Set what is available of a variant at a node after a count."""
    found = found_product(request, product_id)
    merchant = request.member.merchant
    try:
        data = _cleaned(StockForm(request.POST))
        variant = _variant(found, data["sku"])
        node = find_or_404(inventory.get_node, merchant, data["node"])
        inventory_services.set_available(
            merchant,
            node=node,
            variant=variant,
            quantity=int(data["quantity"]),
            reason="count",
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return refused(request, found, error)
    return saved(request, found, _("Stock of %(sku)s set.") % {"sku": variant.sku})


def _variant(product: Product, sku: str) -> Variant:
    for variant in product.variants.all():
        if variant.sku == sku:
            return variant
    raise Http404


def _cleaned(form: forms.Form) -> dict[str, str]:
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        raise field_error(name, str(problems[0]))
    return form.cleaned_data


def field_error(field: str, sentence: str) -> DomainError:
    """Return the refusal of one field (422)."""
    return DomainError("dashboard.invalid", sentence, status=422, fields={field: sentence})


def refused(request: MemberRequest, product: Product, error: DomainError) -> HttpResponse:
    """Show the product's page again with what was wrong."""
    fields = error.fields or {"": error.message}
    form = ProductForm(initial=initial_facts(product))
    return show_product(request, product, form, errors=fields, status=error.status)


@member_page(*BOTH, permission=permissions.PRODUCTS_MANAGE)
def new_product(request: MemberRequest) -> HttpResponse:
    """Make a product with its SKU, first stock and prices from one page."""
    merchant = request.member.merchant
    markets, nodes = list_markets(), list(inventory.list_nodes(merchant))
    if request.method != "POST":
        start = {"origin_country": merchant.country}
        form = NewProductForm(initial=start, merchant=merchant, markets=markets, nodes=nodes)
        return _show_new(request, form)
    form = NewProductForm(
        request.POST, request.FILES, merchant=merchant, markets=markets, nodes=nodes
    )
    if not form.is_valid():
        return _show_new(request, form, status=422)
    try:
        made = services.create_listed_product(
            _wanted(form), merchant=merchant, actor=user_actor(request.user), now=utc_now()
        )
    except DomainError as error:
        for path, sentence in (error.fields or {"": error.message}).items():
            name = path.rsplit(".", 1)[-1]
            form.add_error(name if name in form.fields else None, sentence)
        return _show_new(request, form, status=422)
    return saved(request, made, _("Product created."))


def _show_new(request: MemberRequest, form: NewProductForm, *, status: int = 200) -> HttpResponse:
    context = {"section": "products", "form": form}
    return render(request, "dashboard/product_new.html", context, status=status)


def _wanted(form: NewProductForm) -> services.NewProduct:
    data = form.cleaned_data
    variant = VariantDraft(
        sku=data["sku"],
        option=data["option"],
        gtin=data["gtin"],
        weight_g=data["weight_g"] or 0,
        cost_minor=data["cost"] or 0,
        cost_currency=form.merchant.base_currency,
    )
    draft = ProductDraft(variants=(variant,), **{name: data[name] for name in _CHANGES})
    node = next((node for node in form.nodes if node.public_id == data["node"]), None)
    return services.NewProduct(draft, form.prices(), data["quantity"] or 0, node, data["photo"])
