"""Writes of products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.models import Category, Product, Variant
from apps.catalog.rules import is_gtin, is_hs_code
from apps.catalog.services.categories import match_categories
from apps.catalog.services.drafts import ProductDraft
from apps.catalog.services.listings import relist_refused
from apps.catalog.services.search import refresh_tokens
from apps.catalog.services.variants import build_variant
from apps.common.errors import DomainError
from apps.common.formatting import join_words
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

_CHUNK = 500
# What changes how a product is found; what concerns listings is seen to by their own service.
_FOUND_BY = {"title", "brand", "status"}


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
        equal = match_categories([draft.category for draft in drafts], merchant)
        products = Product.objects.bulk_create(
            [_product(draft, merchant, equal.get(draft.category)) for draft in drafts],
            batch_size=_CHUNK,
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
                build_variant(variant, product, merchant)
                for product, draft in zip(products, drafts, strict=True)
                for variant in draft.variants
            ],
            batch_size=_CHUNK,
        )
        refresh_tokens(list(keys.values()))
        facts = [
            journal.Fact(events.PRODUCT_CREATED, "product", item.public_id, {"title": item.title})
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
    """Change named fields of a product; the journal keeps the names and the values before.

    Listings that were refused are tried again with the new facts. A product without a category of
    the platform's tree gets the one that its own category is called like. Raises
    ``catalog.hs_code`` (422).
    """
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
        if "category" in before and locked.category_ref_id is None:
            equal = match_categories([locked.category], product.merchant)
            locked.category_ref = equal.get(locked.category)
        locked.save()
        if before:
            journal.record(
                events.PRODUCT_CHANGED,
                merchant=product.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"before": before},
            )
            relist_refused(locked, merchant=product.merchant, actor=actor, now=now)
            if before.keys() & _FOUND_BY:
                refresh_tokens([locked.pk])
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


def _product(draft: ProductDraft, merchant: Merchant, category: Category | None) -> Product:
    return Product(
        merchant=merchant,
        title=draft.title.strip()[:200],
        description=draft.description,
        brand=draft.brand,
        category=draft.category,
        category_ref=category,
        origin_country=draft.origin_country,
        hs_code=draft.hs_code,
        customs_name=draft.customs_name,
    )
