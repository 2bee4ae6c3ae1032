"""Writes of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.models import Listing, Product, Variant
from apps.catalog.photos import shrink_photo
from apps.catalog.rules import CustomsFacts, find_missing, is_gtin, is_hs_code
from apps.catalog.states import TRANSITIONS, ListingStatus
from apps.common.errors import DomainError
from apps.common.formatting import join_words
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant

FIELD_NAMES = {
    "origin_country": gettext_lazy("country of origin"),
    "hs_code": gettext_lazy("HS code"),
    "customs_name": gettext_lazy("customs description"),
    "weight_g": gettext_lazy("weight"),
}
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to make; mass in g, lengths in mm, cost in minor units of its currency."""

    sku: str
    option: str = ""
    gtin: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    cost_minor: int = 0
    cost_currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product to make, with its variants."""

    title: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    brand: str = ""
    category: str = ""
    origin_country: str = ""
    hs_code: str = ""
    customs_name: str = ""


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price of a variant in a market, in minor units of ``currency`` (else the market's own)."""

    variant: Variant
    market: Market
    price_minor: int
    model: str = field(default=Merchant.Model.DIRECT)
    currency: str = ""


def create_product(
    draft: ProductDraft, *, merchant: Merchant, actor: Actor, now: datetime
) -> Product:
    """Make one product with its variants; a SKU that exists already is refused (422)."""
    return create_products([draft], merchant=merchant, actor=actor, now=now)[0]


def create_products(
    drafts: Sequence[ProductDraft], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Product]:
    """Make products with their variants, all or nothing, in a handful of statements."""
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    _check_drafts(drafts, skus, merchant)
    with transaction.atomic():
        products = Product.objects.bulk_create(
            [_product(draft, merchant) for draft in drafts], batch_size=_CHUNK
        )
        keys = dict(
            Product.objects.filter(
                public_id__in=[product.public_id for product in products]
            ).values_list("public_id", "pk")
        )
        for product in products:
            product.pk = keys[product.public_id]
        Variant.objects.bulk_create(
            [
                _variant(variant, product, merchant)
                for product, draft in zip(products, drafts, strict=True)
                for variant in draft.variants
            ],
            batch_size=_CHUNK,
        )
        facts = [
            journal.Fact("product.created", "product", item.public_id, {"title": item.title})
            for item in products
        ]
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return list(products)


def update_product(
    product: Product,
    changes: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> Product:
    """Change named fields of a product; the journal keeps the names and the values before."""
    allowed = {
        "title",
        "description",
        "brand",
        "category",
        "origin_country",
        "hs_code",
        "customs_name",
        "status",
    }
    unknown = set(changes) - allowed
    if unknown:
        raise DomainError("catalog.unknown_field", ", ".join(sorted(unknown)), status=422)
    _check_customs(changes.get("hs_code", ""))
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        before: dict[str, journal.Json] = {
            name: str(getattr(locked, name))
            for name, value in changes.items()
            if getattr(locked, name) != value
        }
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save()
        if before:
            journal.record(
                "product.changed",
                merchant=product.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"before": before},
            )
    return locked


def change_photo(product: Product, photo: File[bytes], *, actor: Actor, now: datetime) -> Product:
    """Give a product a photo; an unusable file raises ``catalog.photo`` (422)."""
    picture = shrink_photo(photo, photo.size)
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        locked.image.save(f"{new_public_id('img')}.webp", picture, save=True)
        journal.record(
            "product.photo_changed", merchant=product.merchant, subject=locked, actor=actor, now=now
        )
    return locked


def list_in_markets(
    prices: Sequence[PriceDraft], *, merchant: Merchant, actor: Actor, now: datetime
) -> list[Listing]:
    """Put variants on sale in markets at prices; each pair passes its own gate.

    A pair whose customs facts are incomplete becomes ``rejected`` with the sentence of what is
    missing; the others go live. Existing listings get the new price and model. Returns listings in
    the order of ``prices``.
    """
    if any(price.price_minor <= 0 for price in prices):
        raise DomainError("catalog.price", _("A price must be above zero."), status=422)
    with transaction.atomic():
        wanted = {price.variant.pk for price in prices}
        known = {
            (item.variant_id, item.market_id): item
            for item in Listing.objects.select_for_update()
            .filter(merchant=merchant, variant_id__in=wanted)
            .order_by("pk")
        }
        result = [_listing(price, known, merchant) for price in prices]
        new = [item for item in result if item.pk is None]
        old = [item for item in result if item.pk is not None]
        Listing.objects.bulk_create(new, batch_size=_CHUNK)
        Listing.objects.bulk_update(
            old, ["price_minor", "currency", "model", "status", "refusal"], batch_size=_CHUNK
        )
        facts = [_listing_fact(item, price) for item, price in zip(result, prices, strict=True)]
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return result


def change_listing(
    listing: Listing, following: ListingStatus, *, actor: Actor, now: datetime
) -> Listing:
    """Pause, resume or remove a listing as its life cycle allows (409 otherwise)."""
    with transaction.atomic():
        locked: Listing = Listing.objects.select_for_update().get(pk=listing.pk)
        if following not in TRANSITIONS[locked.status]:
            raise DomainError(
                "catalog.wrong_state",
                _("This listing is “%(status)s”, so this is not possible now.")
                % {"status": ListingStatus(locked.status).label},
            )
        locked.status = following
        locked.save(update_fields=["status", "updated_at"])
        journal.record(
            "listing.changed",
            merchant=listing.merchant,
            subject=locked,
            actor=actor,
            now=now,
            payload={"status": following.value},
        )
    return locked


def _check_drafts(drafts: Sequence[ProductDraft], skus: list[str], merchant: Merchant) -> None:
    fields: dict[str, str] = {}
    for index, draft in enumerate(drafts):
        if not draft.title.strip():
            fields[f"{index}.title"] = _("Give the product a title.")
        if not draft.variants:
            fields[f"{index}.variants"] = _("A product has at least one variant.")
        for variant in draft.variants:
            if not variant.sku.strip():
                fields[f"{index}.sku"] = _("Give each variant a SKU.")
            if variant.gtin and not is_gtin(variant.gtin):
                fields[f"{index}.gtin"] = _("The check digit of this GTIN is wrong.")
        _check_customs(draft.hs_code)
    taken = set(skus) if len(set(skus)) < len(skus) else set()
    if not taken:
        known = Variant.objects.filter(merchant=merchant, sku__in=skus)
        taken = set(known.values_list("sku", flat=True)[:5])
    if taken:
        fields["sku"] = _("SKU %(skus)s exists already.") % {"skus": join_words(sorted(taken)[:5])}
    if fields:
        message = _("The product cannot be saved as it is. See the named fields.")
        raise DomainError("catalog.invalid_product", message, status=422, fields=fields)


def _check_customs(hs_code: str) -> None:
    if hs_code and not is_hs_code(hs_code):
        sentence = _("An HS code has 6, 8, 10 or 12 digits.")
        raise DomainError("catalog.hs_code", sentence, status=422, fields={"hs_code": sentence})


def _product(draft: ProductDraft, merchant: Merchant) -> Product:
    return Product(
        merchant=merchant,
        title=draft.title.strip()[:200],
        description=draft.description,
        brand=draft.brand,
        category=draft.category,
        origin_country=draft.origin_country,
        hs_code=draft.hs_code,
        customs_name=draft.customs_name,
    )


def _variant(draft: VariantDraft, product: Product, merchant: Merchant) -> Variant:
    return Variant(
        merchant=merchant,
        product=product,
        sku=draft.sku.strip(),
        option=draft.option,
        gtin=draft.gtin,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
        cost_minor=draft.cost_minor,
        cost_currency=draft.cost_currency,
    )


def _listing(
    price: PriceDraft, known: Mapping[tuple[int, int], Listing], merchant: Merchant
) -> Listing:
    listing = known.get((price.variant.pk, price.market.pk)) or Listing(
        merchant=merchant, variant=price.variant, market=price.market
    )
    listing.price_minor = price.price_minor
    listing.currency = price.currency or price.market.currency
    listing.model = price.model
    product = price.variant.product
    facts = CustomsFacts(
        product.origin_country, product.hs_code, product.customs_name, price.variant.weight_g
    )
    missing = list(find_missing(facts))
    if missing:
        names = join_words(str(FIELD_NAMES[name]) for name in missing)
        listing.status = ListingStatus.REJECTED
        listing.refusal = (_("Missing: %(names)s.") % {"names": names})[:300]
    elif listing.status not in {ListingStatus.PAUSED, ListingStatus.SUPPRESSED}:
        listing.status = ListingStatus.LIVE
        listing.refusal = ""
    return listing


def _listing_fact(listing: Listing, price: PriceDraft) -> journal.Fact:
    payload: dict[str, journal.Json] = {
        "sku": price.variant.sku,
        "market": price.market.code,
        "status": listing.status,
        "price_minor": listing.price_minor,
        "currency": listing.currency,
    }
    return journal.Fact("listing.priced", "listing", listing.public_id, payload)
