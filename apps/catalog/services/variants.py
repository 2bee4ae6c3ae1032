"""Writes of variants: adding one, changing its facts, taking it off sale and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.models import Product, Variant
from apps.catalog.rules import is_gtin
from apps.catalog.services.drafts import VariantDraft
from apps.catalog.services.listings import relist_refused
from apps.catalog.services.repricing import reprice
from apps.catalog.services.search import refresh_tokens
from apps.common.db import lock_by_pk, retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

_AMOUNTS = ("weight_g", "length_mm", "width_mm", "height_mm", "cost_minor", "base_price_minor")
_FACTS = ("option", "gtin", *_AMOUNTS, "cost_currency", "base_price_currency")
_BASE = ("base_price_minor", "base_price_currency")
IS_ACTIVE = "is_active"
_FOUND_BY = {"option", "gtin", IS_ACTIVE}


@retry_transaction
def add_variant(product: Product, draft: VariantDraft, *, actor: Actor, now: datetime) -> Variant:
    """Add a variant to a product; it is on sale nowhere until it gets a price.

    Raises ``catalog.invalid_variant`` (422) with the field: no SKU, a SKU that the company uses
    already, a GTIN with a wrong check digit, or an amount below zero.
    """
    merchant = product.merchant
    variant = build_variant(draft, product, merchant)
    _check(draft.sku, {name: getattr(variant, name) for name in _FACTS})
    try:
        with transaction.atomic():
            if Variant.objects.filter(merchant=merchant, sku=variant.sku).exists():
                raise _taken(variant.sku)
            variant.save()
            refresh_tokens([product.pk])
            journal.record(
                events.VARIANT_ADDED,
                merchant=merchant,
                subject=variant,
                actor=actor,
                now=now,
                payload={"sku": variant.sku, "product": product.public_id},
            )
    except IntegrityError as error:
        raise _taken(variant.sku) from error
    return variant


@retry_transaction
def update_variant(
    variant: Variant, changes: Mapping[str, str | int | bool], *, actor: Actor, now: datetime
) -> Variant:
    """Change named facts of a variant, or withdraw it from sale and bring it back.

    The SKU never changes: orders, labels and partners know the variant by it. Mass is in grams,
    lengths in mm, cost in minor units of ``cost_currency``. The journal keeps the values before.
    ``is_active`` false withdraws: no new order takes it, in no market; orders that reserved it ship
    as promised, so reserved stock is no obstacle. Listings that were refused are tried again, and
    prices that follow the base price move with it.

    Raises ``catalog.invalid_variant`` (422) with the field, and ``catalog.last_variant`` (409) when
    the last variant of a product that is sold would go.
    """
    unknown = set(changes) - {*_FACTS, IS_ACTIVE}
    if unknown:
        raise DomainError("catalog.unknown_field", ", ".join(sorted(unknown)), status=422)
    _check(variant.sku, changes)
    with transaction.atomic():
        # The product first, as everybody locks it who changes what it is found by.
        [product] = lock_by_pk(Product.objects.filter(pk=variant.product_id))
        family = lock_by_pk(Variant.objects.filter(product=product))
        locked = next(item for item in family if item.pk == variant.pk)
        before: dict[str, journal.Json] = {
            name: getattr(locked, name)
            for name, value in changes.items()
            if getattr(locked, name) != value
        }
        for name, value in changes.items():
            setattr(locked, name, value)
        if before.get(IS_ACTIVE) and product.status == Product.Status.ACTIVE:
            _keep_one(family)
        if before:
            locked.save(update_fields=[*before, "updated_at"])
            _record(locked, before, product.merchant, actor, now)
            relist_refused(product, merchant=product.merchant, actor=actor, now=now)
            if not before.keys().isdisjoint(_BASE):
                reprice(product.merchant, product=product, actor=actor, now=now)
            if before.keys() & _FOUND_BY:
                refresh_tokens([product.pk])
    return locked


def build_variant(draft: VariantDraft, product: Product, merchant: Merchant) -> Variant:
    """Return the unsaved variant of a draft."""
    facts = {name: getattr(draft, name) for name in _FACTS}
    return Variant(merchant=merchant, product=product, sku=draft.sku.strip(), **facts)


def _check(sku: str, facts: Mapping[str, object]) -> None:
    fields: dict[str, str] = {}
    if not sku.strip():
        fields["sku"] = _("Give each variant a SKU.")
    gtin = str(facts.get("gtin") or "")
    if gtin and not is_gtin(gtin):
        fields["gtin"] = _("The check digit of this GTIN is wrong.")
    for name in _AMOUNTS:
        amount = facts.get(name, 0)
        if not isinstance(amount, int) or amount < 0:
            fields[name] = _("This cannot be below zero.")
    if fields:
        raise _invalid(fields)


def _taken(sku: str) -> DomainError:
    return _invalid({"sku": _("SKU %(skus)s exists already.") % {"skus": sku}})


def _invalid(fields: Mapping[str, str]) -> DomainError:
    message = _("The variant cannot be saved as it is. See the named fields.")
    return DomainError("catalog.invalid_variant", message, status=422, fields=fields)


def _keep_one(family: list[Variant]) -> None:
    if not any(item.is_active for item in family):
        raise DomainError(
            "catalog.last_variant",
            _("This is the last variant on offer. Archive the product instead."),
        )


def _record(
    variant: Variant,
    before: Mapping[str, journal.Json],
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> None:
    facts = {name: value for name, value in before.items() if name != IS_ACTIVE}
    about: dict[str, journal.Json] = {"sku": variant.sku}
    told: list[tuple[str, dict[str, journal.Json]]] = []
    if facts:
        told.append((events.VARIANT_CHANGED, {**about, "before": facts}))
    if IS_ACTIVE in before:
        step = events.VARIANT_REACTIVATED if variant.is_active else events.VARIANT_WITHDRAWN
        told.append((step, about))
    rows = [journal.Fact(event, "variant", variant.public_id, payload) for event, payload in told]
    journal.record_many(rows, tenant_id=merchant.pk, actor=actor, now=now)
