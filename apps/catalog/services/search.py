"""Keeping the tokens of products as their facts are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from apps.catalog.models import Listing, Product, SearchToken, Variant
from apps.catalog.search.words import ListingFacts, ProductFacts, VariantFacts, find_tokens
from apps.common.bulk import insert_rows
from apps.common.db import lock_by_pk

CHUNK = 500
_COLUMNS = ("merchant", "product", "token")
# Below the 999 parameters that an old SQLite takes in one statement.
_KEYS = 900


@dataclass(frozen=True, slots=True)
class Drift:
    """Tokens that a product lacks, and the keys of those it should not have."""

    product_id: int
    merchant_id: int
    missing: frozenset[str]
    extra: tuple[int, ...]


def refresh_tokens(product_ids: Collection[int]) -> int:
    """Bring the tokens of products up to date; returns how many rows were written or taken away.

    Must run in the transaction that changed the products, after the change. Locks the products, in
    key order: two changes of one product must not each compute its tokens without the other. Four
    statements per 500 products when nothing differs.
    """
    wanted = sorted(set(product_ids))
    return sum(
        _refresh(lock_by_pk(_slim().filter(pk__in=wanted[at : at + CHUNK])))
        for at in range(0, len(wanted), CHUNK)
    )


def rebuild_chunk(*, after: int, size: int = CHUNK) -> tuple[int, int, int]:
    """Refresh the ``size`` products after a key; returns (last key or 0, products, changed rows)."""
    with transaction.atomic():
        products = list(_slim().filter(pk__gt=after).order_by("pk").select_for_update()[:size])
        changed = _refresh(products)
    return (products[-1].pk if products else 0), len(products), changed


def find_drift(*, after: int, size: int = CHUNK) -> tuple[int, list[Drift]]:
    """Compare the tokens of the ``size`` products after a key; returns (last key or 0, differences)."""
    products = list(_slim().filter(pk__gt=after).order_by("pk")[:size])
    return (products[-1].pk if products else 0), _compare(products)


def _slim() -> QuerySet[Product]:
    return Product.objects.only("merchant_id", "title", "brand", "status")


def _refresh(products: Sequence[Product]) -> int:
    drifts = _compare(products)
    gone = [key for drift in drifts for key in drift.extra]
    for at in range(0, len(gone), _KEYS):
        SearchToken.objects.filter(pk__in=gone[at : at + _KEYS]).delete()
    rows = [
        (drift.merchant_id, drift.product_id, token)
        for drift in drifts
        for token in sorted(drift.missing)
    ]
    if rows:
        insert_rows(SearchToken, _COLUMNS, rows)
    return len(gone) + len(rows)


def _compare(products: Sequence[Product]) -> list[Drift]:
    keys = [product.pk for product in products]
    variants = _variants_of(keys)
    stored: dict[int, dict[str, int]] = defaultdict(dict)
    known = SearchToken.objects.filter(product_id__in=keys).order_by()
    for key, product_id, token in known.values_list("pk", "product_id", "token"):
        stored[product_id][token] = key
    drifts = (_drift(product, variants[product.pk], stored[product.pk]) for product in products)
    return [drift for drift in drifts if drift.missing or drift.extra]


def _drift(product: Product, variants: Iterable[VariantFacts], has: Mapping[str, int]) -> Drift:
    is_archived = product.status == Product.Status.ARCHIVED
    facts = ProductFacts(product.title, product.brand, is_archived, tuple(variants))
    should = find_tokens(facts)
    return Drift(
        product.pk,
        product.merchant_id,
        frozenset(should - has.keys()),
        tuple(key for token, key in has.items() if token not in should),
    )


def _variants_of(keys: Sequence[int]) -> dict[int, list[VariantFacts]]:
    listed: dict[int, list[ListingFacts]] = defaultdict(list)
    listings = Listing.objects.filter(variant__product_id__in=keys).order_by()
    for variant_id, *facts in listings.values_list("variant_id", "market__code", "status", "model"):
        listed[variant_id].append(ListingFacts(*facts))
    found: dict[int, list[VariantFacts]] = defaultdict(list)
    variants = Variant.objects.filter(product_id__in=keys).order_by()
    rows = variants.values_list("product_id", "pk", "sku", "gtin", "option", "is_active")
    for product_id, key, sku, gtin, option, is_active in rows:
        found[product_id].append(VariantFacts(sku, gtin, option, is_active, tuple(listed[key])))
    return found
