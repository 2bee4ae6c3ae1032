"""What the pages below a product show: category, facts, papers and texts, in short and in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.catalog.attribute_rules import AttributeSpec, find_lacking
from apps.catalog.category_selectors import ShownCategory, list_specs, shown_category, with_names
from apps.catalog.fact_rules import document_state
from apps.catalog.fact_selectors import get_facts, list_documents
from apps.catalog.locales import locale_name
from apps.catalog.models import Category, Product, ProductDocument, ProductFacts
from apps.catalog.previews import FactChange, GateChange
from apps.catalog.sentences import FIELD_NAMES
from apps.catalog.text_rules import FieldState, MarketChange
from apps.catalog.text_selectors import (
    MarketText,
    list_market_texts,
    listed_markets,
    load_overrides,
    load_texts,
    locales_of,
)
from apps.common.formatting import join_words
from apps.dashboard.words import country_name

_SAFE_KINDS = ("manufacturer", "battery", "dangerous")


@dataclass(frozen=True, slots=True)
class DepthSummary:
    """The pages below a product in one line each."""

    category: str
    lacking: tuple[str, ...]
    unsaid: tuple[str, ...]
    documents: int
    ending: int
    languages: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper and its state today: current, ending, expired or withdrawn."""

    document: ProductDocument
    state: str


@dataclass(frozen=True, slots=True)
class MarketTextRow:
    """One field of one market as the page shows it."""

    text: MarketText
    market_name: str
    label: str
    language: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of a preview: what it is about, before and after in words, and for which markets."""

    label: str
    before: str
    after: str
    state: str = ""
    note: str = ""
    markets: tuple[tuple[str, str], ...] = ()


def summarise(product: Product, *, today: date) -> DepthSummary:
    """Return the product's depth in short (at most 8 statements; variants must be prefetched)."""
    facts = get_facts(product)
    documents = [row.state for row in document_rows(product, today=today)]
    markets = listed_markets(product)
    texts, overrides = load_texts(product), load_overrides(product)
    rows = list_market_texts(locales_of(markets), texts, overrides)
    category = shown_of(product)
    return DepthSummary(
        category.path if category else "",
        tuple(spec.label for spec in lacking_of(product, facts, list(markets))),
        tuple(unsaid_of(facts)),
        sum(state != "withdrawn" for state in documents),
        sum(state in {"ending", "expired"} for state in documents),
        len(texts.by_locale),
        sum(row.state == FieldState.CONFLICT for row in rows),
    )


def shown_of(product: Product) -> ShownCategory | None:
    """Return the product's category in the reader's language."""
    if product.category_ref_id is None:
        return None
    return shown_category(with_names(Category.objects.filter(pk=product.category_ref_id)).get())


def lacking_of(
    product: Product, facts: ProductFacts, markets: Iterable[str]
) -> list[AttributeSpec]:
    """Return the attributes that a market of the product needs and that nobody has told yet."""
    specs = list_specs(product.category_ref)
    wanted = {spec.key for code in markets for spec in find_lacking(specs, facts.attributes, code)}
    return [spec for spec in specs if spec.key in wanted]


def unsaid_of(facts: ProductFacts) -> list[str]:
    """Return in words which safety facts nobody has told yet."""
    names = {
        "manufacturer": _("manufacturer"),
        "battery": _("battery"),
        "dangerous": _("dangerous goods"),
    }
    return [names[name] for name in _SAFE_KINDS if not getattr(facts, name)]


def document_rows(product: Product, *, today: date) -> list[DocumentRow]:
    """Return the product's papers with their state on a day."""
    return [
        DocumentRow(item, document_state(item.status, item.valid_until, today))
        for item in list_documents(product)
    ]


def market_rows(rows: Sequence[MarketText]) -> list[MarketTextRow]:
    """Return the texts of markets with the words the page needs."""
    return [
        MarketTextRow(
            row, country_name(row.market), field_label(row.field), language_name(row.locale)
        )
        for row in rows
    ]


def language_name(locale: str) -> str:
    """Return a language's name in the page's language."""
    return locale_name(locale, get_language() or "en")


def field_label(name: str) -> str:
    """Return the name of a field of the source."""
    labels = {
        "title": _("Title"),
        "description": _("Description"),
        "brand": _("Brand"),
        "category": _("Category"),
        "origin_country": _("Country of origin"),
        "hs_code": _("HS code"),
        "customs_name": _("Customs description"),
        "status": _("Status"),
        "weight_g": _("Weight in grams"),
    }
    return labels[name]


def fact_rows(changes: Iterable[FactChange]) -> list[ChangeRow]:
    """Return the changed facts of a preview in words."""
    return [
        ChangeRow(
            field_label(item.field),
            _value(item, item.before),
            _value(item, item.after),
            note=item.sku,
        )
        for item in changes
    ]


def text_rows(changes: Iterable[MarketChange]) -> list[ChangeRow]:
    """Return what a preview does to texts: ``follows``, ``stays`` or ``conflict``.

    Markets to which the same happens are one row.
    """
    rows: dict[ChangeRow, list[str]] = {}
    for item in changes:
        state = {FieldState.INHERITED: "follows", FieldState.CONFLICT: "conflict"}.get(
            item.following, "stays"
        )
        row = ChangeRow(field_label(item.field), item.shown, item.becomes, state)
        rows.setdefault(row, []).append(item.market)
    return _with_markets(rows)


def gate_rows(changes: Iterable[GateChange]) -> list[ChangeRow]:
    """Return the SKUs whose listings would lose or gain what they need, with their markets."""
    rows: dict[ChangeRow, list[str]] = {}
    for item in changes:
        state = "gain" if item.is_gain else "lose"
        row = ChangeRow(item.sku, _names(item.missing), _names(item.missing_after), state)
        rows.setdefault(row, []).append(item.market)
    return _with_markets(rows)


def _with_markets(rows: dict[ChangeRow, list[str]]) -> list[ChangeRow]:
    return [
        replace(row, markets=tuple((code, country_name(code)) for code in sorted(codes)))
        for row, codes in rows.items()
    ]


def _names(missing: Iterable[str]) -> str:
    return join_words(str(FIELD_NAMES.get(name, name)) for name in missing)


def _value(change: FactChange, value: str) -> str:
    if change.field == "status":
        return str(Product.Status(value).label) if value in Product.Status.values else value
    return value
