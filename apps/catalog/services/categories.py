"""Giving products a category of the platform's tree, and remembering what merchants call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.attribute_rules import check_values
from apps.catalog.category_rules import fold_name
from apps.catalog.category_selectors import (
    find_equal,
    get_category,
    list_mappings,
    list_specs,
)
from apps.catalog.models import Category, CategoryMapping, Product, ProductFacts
from apps.common.db import lock_by_pk, retry_transaction, upsert
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_FOLLOWERS = 5000


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """What choosing a category did."""

    product: Product
    dropped: tuple[str, ...] = ()
    followers: int = 0


@retry_transaction
def choose_category(
    product: Product, code: str, *, is_for_all: bool = False, actor: Actor, now: datetime
) -> CategoryChoice:
    """Give a product a category by its number, or none ("").

    The product's own category name is remembered for it. Attributes that the category does not know
    are dropped; the journal keeps them. ``is_for_all`` gives the same category to the company's
    other products of the same own name that have none yet. Raises 422 ``catalog.category`` for a
    number that is not in use.
    """
    category = _find(code)
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        merchant = product.merchant
        if locked.category_ref_id == (category.pk if category else None):
            dropped: dict[str, journal.Json] = {}
        else:
            dropped = _refit(locked, category)
            _record(locked, category, dropped, merchant, actor, now)
        if category is not None:
            _remember(merchant, {locked.category: category}, CategoryMapping.Origin.CHOSEN)
        followers = _follow(locked, category, actor, now) if category and is_for_all else 0
    return CategoryChoice(locked, tuple(dropped), followers)


def match_categories(own_names: Sequence[str], merchant: Merchant) -> Mapping[str, Category]:
    """Return own name → category for names that are called the same as one category.

    What the merchant chose for a name itself goes before: such a name is only mapped when the choice
    is that very category. New pairs are remembered. Must run inside a transaction; no statement
    without names.
    """
    names = {name for name in own_names if fold_name(name)}
    if not names:
        return {}
    equal = find_equal(names)
    chosen = list_mappings(merchant, equal)
    fitting = {
        name: category
        for name, category in equal.items()
        if (known := chosen.get(fold_name(name))) is None or known.category_id == category.pk
    }
    new = {name: found for name, found in fitting.items() if fold_name(name) not in chosen}
    _remember(merchant, new, CategoryMapping.Origin.EQUAL)
    return fitting


def _find(code: str) -> Category | None:
    if not code:
        return None
    try:
        return get_category(code)
    except Category.DoesNotExist as error:
        sentence = _("There is no category %(code)s in use.") % {"code": code[:20]}
        fields = {"category_code": sentence}
        raise DomainError("catalog.category", sentence, status=422, fields=fields) from error


def _refit(product: Product, category: Category | None) -> dict[str, journal.Json]:
    """Put the product into the category; returns the attribute values that do not belong there."""
    product.category_ref = category
    product.save(update_fields=["category_ref", "updated_at"])
    facts = ProductFacts.objects.filter(product=product).first()
    if facts is None or not facts.attributes:
        return {}
    kept = check_values(list_specs(category), facts.attributes).values
    dropped = {key: value for key, value in facts.attributes.items() if key not in kept}
    if dropped:
        facts.attributes = kept
        facts.save(update_fields=["attributes", "updated_at"])
    return dropped


def _follow(product: Product, category: Category, actor: Actor, now: datetime) -> int:
    own = fold_name(product.category)
    if not own:
        return 0
    same = Product.objects.filter(
        merchant=product.merchant, category=product.category, category_ref=None
    )
    rows = [item for item in lock_by_pk(same)[:MAX_FOLLOWERS] if fold_name(item.category) == own]
    Product.objects.filter(pk__in=[item.pk for item in rows]).update(
        category_ref=category, updated_at=now
    )
    facts = [
        journal.Fact(events.CATEGORY_CHOSEN, "product", item.public_id, {"category": category.code})
        for item in rows
    ]
    journal.record_many(facts, tenant_id=product.merchant.pk, actor=actor, now=now)
    return len(rows)


def _record(
    product: Product,
    category: Category | None,
    dropped: Mapping[str, journal.Json],
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> None:
    payload: dict[str, journal.Json] = {"category": category.code if category else ""}
    if dropped:
        payload["dropped"] = dict(dropped)
    journal.record(
        events.CATEGORY_CHOSEN,
        merchant=merchant,
        subject=product,
        actor=actor,
        now=now,
        payload=payload,
    )


def _remember(
    merchant: Merchant, pairs: Mapping[str, Category], origin: CategoryMapping.Origin
) -> None:
    rows = {
        key: CategoryMapping(
            merchant=merchant, own_name=name, own_key=key, category=category, origin=origin
        )
        for name, category in pairs.items()
        if (key := fold_name(name))
    }
    if rows:
        upsert(
            CategoryMapping,
            rows.values(),
            unique_fields=["merchant", "own_key"],
            update_fields=["own_name", "category", "origin", "updated_at"],
        )
