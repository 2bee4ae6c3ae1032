"""Texts of a product per language, what markets say instead, and conflicts to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import services
from apps.catalog.locales import clean_locale
from apps.catalog.models import Product
from apps.catalog.services.texts import digest_of
from apps.catalog.text_rules import FIELDS, FieldState, Override
from apps.catalog.text_selectors import (
    list_market_texts,
    listed_markets,
    load_overrides,
    load_texts,
    locales_of,
)
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard.selectors import product_depth as depth
from apps.dashboard.web.fact_forms import MarketTextForm, NewTextForm, TextForm, tell
from apps.dashboard.web.products import found_product
from apps.dashboard.words import country_name
from apps.markets.models import Market
from apps.markets.selectors import list_markets
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

NEW = "new"


@dataclass(frozen=True, slots=True)
class LanguageCard:
    """A language that has a text."""

    locale: str
    name: str
    title: str
    form: TextForm

    @property
    def is_open(self) -> bool:
        """Say whether what was typed is still to be saved."""
        return self.form.is_bound


@dataclass(frozen=True, slots=True)
class MarketCard:
    """A market the product is listed in: what it reads, and the form to say something else."""

    code: str
    name: str
    language: str
    rows: list[depth.MarketTextRow]
    form: MarketTextForm

    @property
    def is_open(self) -> bool:
        """Say whether what was typed was not accepted."""
        return self.form.is_bound


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field whose source changed under the market's own text."""

    row: depth.MarketTextRow
    seen: str


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def texts(request: MemberRequest, product_id: str) -> HttpResponse:
    """Show the texts per language and per market."""
    return show_texts(request, found_product(request, product_id))


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save(request: MemberRequest, product_id: str) -> HttpResponse:
    """Save title and description in one language."""
    found = found_product(request, product_id)
    form = TextForm(request.POST, auto_id=f"{request.POST.get('locale', '')[:12]}-%s")
    if form.is_valid():
        try:
            services.set_product_text(
                found,
                form.cleaned_data["locale"],
                form.texts(),
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:product_texts", found.public_id)
    return show_texts(request, found, typed={_locale_of(form): form}, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save_market(request: MemberRequest, product_id: str, market: str) -> HttpResponse:
    """Say something else in one market; an empty field follows the source again."""
    found = found_product(request, product_id)
    listed = find_or_404(_listed, found, market)
    form = MarketTextForm(request.POST, auto_id=f"{listed.code}-%s")
    if form.is_valid():
        try:
            services.override_texts(
                found,
                listed,
                form.cleaned_data,
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            tell(form, error)
        else:
            told = _("Text for %(market)s saved.") % {"market": country_name(listed.code)}
            messages.success(request, told)
            return redirect("dashboard:product_texts", found.public_id)
    return show_texts(request, found, market_typed={listed.code: form}, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def decide(request: MemberRequest, product_id: str, market: str) -> HttpResponse:
    """Keep the market's own text, or take over what the source says now."""
    found = found_product(request, product_id)
    listed = find_or_404(_listed, found, market)
    try:
        services.decide_text(
            found,
            listed,
            request.POST.get("field", ""),
            request.POST.get("decision", ""),
            seen=request.POST.get("seen", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return show_texts(request, found, refusal=error, status=error.status)
    messages.success(request, _("Decided."))
    return redirect("dashboard:product_texts", found.public_id)


def show_texts(
    request: MemberRequest,
    product: Product,
    *,
    typed: Mapping[str, TextForm] | None = None,
    market_typed: Mapping[str, MarketTextForm] | None = None,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page of texts; ``typed`` holds forms that are still to be saved."""
    source, overrides = load_texts(product), load_overrides(product)
    markets = listed_markets(product)
    rows = depth.market_rows(list_market_texts(locales_of(markets), source, overrides))
    given, market_given = dict(typed or {}), dict(market_typed or {})
    forms_given: list[forms.Form] = [*given.values(), *market_given.values()]
    languages = [
        LanguageCard(
            name,
            depth.language_name(name),
            text["title"],
            given.get(name) or _form(name, text),
        )
        for name, text in source.by_locale.items()
    ]
    new = next((form for name, form in given.items() if name not in source.by_locale), None)
    context = {
        "section": "products",
        "product": product,
        "languages": languages,
        "new_form": _new_form(set(source.by_locale), new),
        "is_new_open": new is not None,
        "markets": _market_cards(markets, rows, overrides, market_given),
        "conflicts": [
            Conflict(row, digest_of(row.text.source))
            for row in rows
            if row.text.state == FieldState.CONFLICT
        ],
        "wrong": forms_given[0] if forms_given else forms.Form(),
        "refusal": refusal.message if refusal else "",
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/product_texts.html", context, status=status)


def _market_cards(
    markets: Mapping[str, Market],
    rows: list[depth.MarketTextRow],
    overrides: Mapping[tuple[str, str], Override],
    given: Mapping[str, MarketTextForm],
) -> list[MarketCard]:
    return [
        MarketCard(
            code,
            country_name(code),
            depth.language_name(clean_locale(market.locale)),
            [row for row in rows if row.text.market == code],
            given.get(code) or _market_form(code, overrides),
        )
        for code, market in sorted(markets.items())
    ]


def _market_form(code: str, overrides: Mapping[tuple[str, str], Override]) -> MarketTextForm:
    own = {name: overrides.get((code, name)) for name in FIELDS}
    initial = {name: override.value for name, override in own.items() if override}
    return MarketTextForm(initial=initial, auto_id=f"{code}-%s")


def _form(name: str, text: Mapping[str, str]) -> TextForm:
    return TextForm(initial={"locale": name, **text}, auto_id=f"{name}-%s")


def _new_form(held: set[str], typed: TextForm | None) -> NewTextForm:
    names = {clean_locale(market.locale).split("-")[0] for market in list_markets()} | {"en"}
    offered = sorted((depth.language_name(name), name) for name in names - held)
    choices: list[tuple[str, str]] = [(name, label) for label, name in offered]
    if typed is None:
        return NewTextForm(languages=choices, auto_id="new-%s")  # type: ignore[arg-type]
    form = NewTextForm(typed.data, languages=choices, auto_id="new-%s")  # type: ignore[arg-type]
    for name, problems in typed.errors.items():
        if name not in form.errors:
            form.add_error(name if name in form.fields else None, list(problems))
    return form


def _locale_of(form: TextForm) -> str:
    try:
        return clean_locale(str(form.data.get("locale", "")))
    except ValueError:
        return NEW


def _listed(product: Product, code: str) -> Market:
    try:
        return listed_markets(product)[code]
    except KeyError as error:
        raise Market.DoesNotExist from error
