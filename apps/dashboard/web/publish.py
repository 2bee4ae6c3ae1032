"""Publishing: choose a product, choose markets and prices, state what is missing, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import selectors as catalog
from apps.catalog import services as catalog_services
from apps.catalog.models import Product, Variant
from apps.catalog.selectors_pricing import rules_of
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.compliance.publishing import services
from apps.compliance.publishing.reading import Wanted, read_cases
from apps.dashboard.selectors import publish as shown
from apps.dashboard.selectors.publish_parts import list_candidates
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.publish_forms import RuleForm, read_percent, read_publish
from apps.markets.models import Market
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

_NO_ERRORS: Mapping[str, str] = {}


@member_page(*READ, permission=permissions.PRODUCTS_MANAGE)
def choose(request: MemberRequest) -> HttpResponse:
    """Find the product to publish; the only one that fits opens at once."""
    text = request.GET.get("q", "").strip()[:100]
    found = list_candidates(request.member.merchant, text)
    if text and len(found) == 1:
        return redirect("dashboard:product_publish", found[0].product.public_id)
    context = {"section": "products", "text": text, "candidates": found}
    return render(request, "dashboard/publish_choose.html", context)


@member_page(*READ, permission=permissions.PRODUCTS_MANAGE)
def publish(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show every open market with its price, what is kept, and whether it can be sold there."""
    return _show(request, _found(request, product_id))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def start(request: MemberRequest, product_id: str) -> HttpResponse:
    """Publish to the chosen markets in a job."""
    product, merchant = _found(request, product_id), request.member.merchant
    markets, now = list_markets(), utc_now()
    model = _model(request.POST.get("model", ""))
    wish = {market.code: Wanted(model=model) for market in markets}
    cases = read_cases(product, markets, merchant=merchant, on=now.date(), wanted=wish)
    form = read_publish(request.POST, {case.market.code: case for case in cases}, model=model)
    errors = dict(form.errors)
    if not errors:
        try:
            job = services.start_publishing(
                product, form.wanted, actor=user_actor(request.user), now=now, markets=markets
            )
        except DomainError as error:
            errors = error.fields or {"markets": error.message}
        else:
            forget_facts(merchant)
            messages.success(
                request, _("Started: %(title)s. You can leave this page.") % {"title": job.title}
            )
            return redirect("jobs:job", job.public_id)
    return _show(
        request,
        product,
        typed=form.wanted,
        texts=form.texts,
        errors=errors,
        model=model,
        status=422,
    )


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save_rule(request: MemberRequest, product_id: str) -> HttpResponse:
    """Keep the price rule and the base prices; prices that follow them move."""
    product, merchant = _found(request, product_id), request.member.merchant
    form = _rule_form(product, merchant, request.POST)
    if form.is_valid():
        now, actor = utc_now(), user_actor(request.user)
        try:
            catalog_services.save_rule(form.draft(product), merchant=merchant, actor=actor, now=now)
            catalog_services.set_base_prices(
                form.base_prices(), form.currency, actor=actor, now=now
            )
        except DomainError as error:
            for name, sentence in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, sentence)
        else:
            messages.success(request, _("Rule saved. Prices that follow it are up to date."))
            return redirect("dashboard:product_publish", product.public_id)
    return _show(request, product, rule_form=form, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def state_facts(request: MemberRequest, product_id: str) -> HttpResponse:
    """Keep register numbers of the company and duty rates of the product."""
    product, merchant = _found(request, product_id), request.member.merchant
    now, actor = utc_now(), user_actor(request.user)
    errors: dict[str, str] = {}
    kept = 0
    page = shown.read_page(product, list_markets(), merchant=merchant, on=now.date())
    for ask in page.asks:
        text = request.POST.get(ask.name, "").strip()[:64]
        if not text:
            continue
        try:
            if ask.kind == "reg":
                services.state_registration(
                    merchant, ask.code, ask.country, text, actor=actor, now=now
                )
            else:
                _state_rate(request, product, ask, text)
        except DomainError as error:
            errors[ask.name] = next(iter(error.fields.values()), error.message)
        else:
            kept += 1
    if not kept and not errors:
        errors["fix"] = _("Nothing was typed.")
    if errors:
        return _show(request, product, errors=errors, status=422)
    forget_facts(merchant)
    messages.success(request, _("Saved."))
    return redirect("dashboard:product_publish", product.public_id)


def _state_rate(request: MemberRequest, product: Product, ask: shown.Ask, text: str) -> None:
    rate = read_percent(text)
    extra = read_percent(request.POST.get(f"{ask.name}_extra", "")) if ask.extra else None
    if rate is None or (ask.extra and extra is None):
        sentence = _("Type the rate as a number, such as 6.5.")
        raise DomainError(
            "compliance.tariff_rate", sentence, status=422, fields={ask.name: sentence}
        )
    services.state_tariff_rate(
        product,
        ask.country,
        rate,
        facts={ask.extra: extra} if extra is not None else {},
        source=request.POST.get(f"{ask.name}_source", ""),
        actor=user_actor(request.user),
        now=utc_now(),
    )


def _found(request: MemberRequest, product_id: str) -> Product:
    return find_or_404(catalog.get_product, request.member.merchant, product_id)


def _model(text: str) -> str:
    return text if text in Merchant.Model.values else ""


def _rule_form(product: Product, merchant: Merchant, data: object = None) -> RuleForm:
    variants = _offered(product)
    rules = rules_of(merchant, [product.pk]).rules
    rule = rules.get((product.pk, None)) or rules.get((None, None))
    return RuleForm(data, merchant=merchant, variants=variants, rule=rule)


def _offered(product: Product) -> Sequence[Variant]:
    return [variant for variant in product.variants.all() if variant.is_active]


def _show(
    request: MemberRequest,
    product: Product,
    *,
    rule_form: RuleForm | None = None,
    typed: Mapping[str, Wanted] | None = None,
    texts: Mapping[str, str] | None = None,
    errors: Mapping[str, str] = _NO_ERRORS,
    model: str = "",
    status: int = 200,
) -> HttpResponse:
    merchant = request.member.merchant
    markets: list[Market] = list_markets()
    chosen_model = model or _model(request.GET.get("model", ""))
    page = shown.read_page(
        product,
        markets,
        merchant=merchant,
        on=utc_now().date(),
        model=chosen_model,
        preset=request.GET.get("preset", ""),
        typed=typed,
        texts=texts,
        errors=errors,
    )
    context = {
        "section": "products",
        "product": product,
        "page": page,
        "rule_form": rule_form or _rule_form(product, merchant),
        "models": [(value, label, value == page.model) for value, label in Merchant.Model.choices],
        "errors": errors,
        "hidden": not may(request, permissions.MONEY_VIEW),
    }
    return render(request, "dashboard/publish.html", context, status=status)
