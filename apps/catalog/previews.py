"""What an edit of the source would change in each market, told before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from apps.catalog.models import Listing, Product, Variant
from apps.catalog.rules import CustomsFacts, find_missing, is_hs_code
from apps.catalog.services.texts import check_texts, read_locale
from apps.catalog.states import ListingStatus
from apps.catalog.text_rules import FIELDS, MarketChange, Texts, compare_texts
from apps.catalog.text_selectors import (
    listed_markets,
    load_overrides,
    load_texts,
    locales_of,
)
from apps.common.errors import DomainError

PRODUCT_FIELDS = (
    "title",
    "description",
    "brand",
    "category",
    "origin_country",
    "hs_code",
    "customs_name",
    "status",
)
MAX_GRAMS = 10_000_000


@dataclass(frozen=True, slots=True)
class SourceEdit:
    """An edit that is not saved: fields of the product, texts per language, grams per SKU."""

    product: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact that would change for all markets; ``sku`` is empty for facts of the product."""

    field: str
    before: str
    after: str
    sku: str = ""


@dataclass(frozen=True, slots=True)
class GateChange:
    """A listing that would lose or gain what it needs to be on sale."""

    sku: str
    market: str
    status: str
    missing: tuple[str, ...]
    missing_after: tuple[str, ...]

    @property
    def is_gain(self) -> bool:
        """Whether nothing would be missing any more."""
        return not self.missing_after


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change: facts everywhere, texts per market, and listings at the gate."""

    facts: tuple[FactChange, ...]
    texts: tuple[MarketChange, ...]
    gates: tuple[GateChange, ...]
    markets: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether saving would change nothing at all."""
        return not (self.facts or self.texts or self.gates)


def preview_edit(product: Product, edit: SourceEdit) -> Preview:
    """Return what an edit of the source would do; nothing is saved.

    The product's variants and listings must be prefetched (``selectors.get_product``); two more
    statements. Raises 422 as saving the edit would.
    """
    _check(product, edit)
    cleaned = replace(
        edit, texts={read_locale(name): check_texts(text) for name, text in edit.texts.items()}
    )
    before, overrides = load_texts(product), load_overrides(product)
    markets = listed_markets(product)
    changed = compare_texts(before, _after(before, cleaned), locales_of(markets), overrides)
    return Preview(
        tuple(_facts(product, cleaned)),
        tuple(changed),
        tuple(_gates(product, cleaned)),
        tuple(sorted(markets)),
    )


def _check(product: Product, edit: SourceEdit) -> None:
    unknown = set(edit.product) - set(PRODUCT_FIELDS)
    if unknown:
        raise DomainError("catalog.unknown_field", ", ".join(sorted(unknown)), status=422)
    fields: dict[str, str] = {}
    if "title" in edit.product and not edit.product["title"].strip():
        fields["title"] = _("Give the product a title.")
    hs_code = edit.product.get("hs_code", "")
    if hs_code and not is_hs_code(hs_code):
        fields["hs_code"] = _("An HS code has 6, 8, 10 or 12 digits.")
    known = {variant.sku for variant in product.variants.all()}
    for sku, grams in edit.weights.items():
        if sku not in known:
            fields[f"weights.{sku[:64]}"] = _("This product has no such SKU.")
        elif not 0 <= grams <= MAX_GRAMS:
            fields[f"weights.{sku}"] = _("This is out of range.")
    if fields:
        message = _("The product cannot be saved as it is. See the named fields.")
        raise DomainError("catalog.invalid_product", message, status=422, fields=fields)


def _after(before: Texts, edit: SourceEdit) -> Texts:
    own = {**before.own, **{name: edit.product[name] for name in FIELDS if name in edit.product}}
    by_locale = {name: dict(texts) for name, texts in before.by_locale.items()}
    for name, texts in edit.texts.items():
        by_locale[name] = {**by_locale.get(name, {}), **texts}
    return Texts(own, by_locale)


def _facts(product: Product, edit: SourceEdit) -> Iterator[FactChange]:
    for name in PRODUCT_FIELDS:
        old = getattr(product, name)
        new = edit.product.get(name, old)
        if new != old:
            yield FactChange(name, old, new)
    for variant in product.variants.all():
        grams = edit.weights.get(variant.sku, variant.weight_g)
        if grams != variant.weight_g:
            yield FactChange("weight_g", str(variant.weight_g), str(grams), variant.sku)


def _gates(product: Product, edit: SourceEdit) -> Iterator[GateChange]:
    for variant in product.variants.all():
        missing = tuple(find_missing(_customs(product, variant, SourceEdit())))
        following = tuple(find_missing(_customs(product, variant, edit)))
        if missing == following:
            continue
        for listing in variant.listings.all():
            if _is_touched(listing, following):
                yield GateChange(
                    variant.sku, listing.market.code, listing.status, missing, following
                )


def _customs(product: Product, variant: Variant, edit: SourceEdit) -> CustomsFacts:
    return CustomsFacts(
        edit.product.get("origin_country", product.origin_country),
        edit.product.get("hs_code", product.hs_code),
        edit.product.get("customs_name", product.customs_name),
        edit.weights.get(variant.sku, variant.weight_g),
    )


def _is_touched(listing: Listing, missing: tuple[str, ...]) -> bool:
    """Say whether the gate matters to a listing: one that is refused, or one that could be on sale."""
    if listing.status == ListingStatus.REMOVED:
        return False
    return bool(missing) or listing.status == ListingStatus.REJECTED
