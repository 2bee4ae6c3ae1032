"""Small parts of publishing that several pages use: which product, which price text, where to fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from apps.catalog.models import Listing, Product
from apps.catalog.search.finding import Wanted, find_products
from apps.catalog.search.words import ACTIVE
from apps.catalog.states import ListingStatus
from apps.common.formatting import format_money
from apps.common.money import Money
from apps.compliance.publishing.facts import Offer
from apps.merchants.models import Merchant

CHOICES = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that may be meant, and whether it is on sale anywhere."""

    product: Product
    is_sold: bool


def list_candidates(merchant: Merchant, text: str) -> list[Candidate]:
    """Return the products on offer that a person may mean, those on sale nowhere first."""
    found = find_products(merchant, Wanted(text, (ACTIVE,)), size=CHOICES)
    rows = Product.objects.filter(merchant=merchant).in_bulk(found.ids)
    live = Listing.objects.filter(variant__product__in=found.ids, status=ListingStatus.LIVE)
    sold = set(live.values_list("variant__product_id", flat=True))
    ordered = sorted(found.ids, key=lambda key: key in sold)
    return [Candidate(rows[key], key in sold) for key in ordered if key in rows]


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
