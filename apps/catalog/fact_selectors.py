"""Reads of facts, parties and papers of products."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.catalog.models import Party, Product, ProductDocument, ProductFacts
from apps.merchants.models import Merchant

_PARTIES = ("manufacturer", "eu_responsible", "uk_responsible", "importer")


def get_facts(product: Product) -> ProductFacts:
    """Return the product's facts with their parties; empty ones that are not saved if it has none."""
    found = ProductFacts.objects.select_related(*_PARTIES).filter(product=product).first()
    return found or ProductFacts(product=product, merchant_id=product.merchant_id)


def list_parties(merchant: Merchant, *, is_active: bool | None = None) -> QuerySet[Party]:
    """Return the merchant's companies by kind and name; ``is_active`` None means all."""
    rows: QuerySet[Party] = Party.objects.filter(merchant=merchant)
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    return rows.order_by("kind", "name", "pk")


def get_party(merchant: Merchant, public_id: str) -> Party:
    """Return one of the merchant's companies; raises ``Party.DoesNotExist``."""
    party: Party = Party.objects.get(merchant=merchant, public_id=public_id)
    return party


def named_in(party: Party) -> QuerySet[Product]:
    """Return the products that name a company, whatever it answers for (unordered)."""
    names = Q(**{f"facts__{_PARTIES[0]}": party})
    for part in _PARTIES[1:]:
        names |= Q(**{f"facts__{part}": party})
    own: QuerySet[Product] = Product.objects.filter(names, merchant=party.merchant_id)
    return own


def list_documents(product: Product) -> QuerySet[ProductDocument]:
    """Return the product's papers, those in use first, then the newest."""
    rows: QuerySet[ProductDocument] = ProductDocument.objects.filter(product=product)
    return rows.order_by("status", "-pk")


def get_document(merchant: Merchant, product_id: str, public_id: str) -> ProductDocument:
    """Return a paper of a product by public ids; raises ``ProductDocument.DoesNotExist``."""
    own = ProductDocument.objects.select_related("product__merchant").filter(merchant=merchant)
    document: ProductDocument = own.get(product__public_id=product_id, public_id=public_id)
    return document
