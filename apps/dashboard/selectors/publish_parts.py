"""Small parts of publishing that several pages use: which product, which price text, where to fix."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.catalog.models import Listing, Product, Variant
from apps.common.formatting import format_money
from apps.common.money import Money
from apps.compliance.publishing.facts import Offer
from apps.merchants.models import Merchant

CHOICES = 50


def find_products(merchant: Merchant, text: str) -> QuerySet[Product]:
    """Return the products on offer that a person may mean, the newest first."""
    found = Product.objects.filter(merchant=merchant, status=Product.Status.ACTIVE)
    if text:
        with_sku = Variant.objects.filter(merchant=merchant, sku__startswith=text)
        found = found.filter(Q(title__icontains=text) | Q(pk__in=with_sku.values("product_id")))
    live = Listing.objects.filter(variant__product=OuterRef("pk"), status="live")
    rows: QuerySet[Product] = found.annotate(is_sold=Exists(live)).order_by("is_sold", "-pk")
    return rows[:CHOICES]


def price_text(offers: Iterable[Offer]) -> tuple[str, str]:
    """Return the text of the price field and, where prices differ, the range beside the empty one."""
    prices = sorted({offer.price.minor for offer in offers if offer.price is not None})
    currency = next((offer.price.currency for offer in offers if offer.price is not None), "")
    if not prices:
        return "", ""
    if len(prices) == 1:
        return f"{Money.from_minor(prices[0], currency).amount:f}", ""
    low, high = format_money(prices[0], currency), format_money(prices[-1], currency)
    return "", f"{low}–{high}"


def fix_url(fix: str, product: Product) -> str:
    """Return the address where a finding is put right; empty when there is none."""
    page = reverse("dashboard:product", args=[product.public_id])
    publish = reverse("dashboard:product_publish", args=[product.public_id])
    places = {
        "customs": f"{page}#customs",
        "variants": f"{page}#variants",
        "photo": f"{page}#photo-h",
        "facts": reverse("dashboard:product_facts", args=[product.public_id]),
        "category": reverse("dashboard:product_category", args=[product.public_id]),
        "price": f"{publish}#rule",
        "registration": f"{publish}#fix",
        "tariff": f"{publish}#fix",
    }
    return places.get(fix, "")
