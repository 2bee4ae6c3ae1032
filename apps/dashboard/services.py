"""Writes of the dashboard: what a person read and chose, and a whole product from one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.catalog.services import PriceDraft, ProductDraft
from apps.common.db import upsert
from apps.dashboard.columns import clean_columns
from apps.dashboard.models import InboxMark, ListChoice
from apps.dashboard.selectors.inbox import forget_marks
from apps.dashboard.selectors.list_choice import forget_choice
from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.inventory.selectors import list_nodes
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Member, Merchant


def mark_read(member: Member, keys: Sequence[str], *, now: datetime) -> int:
    """Note that the person has seen these notifications; returns their number."""
    marks = [
        InboxMark(merchant=member.merchant, user=member.user, key=key[:80], seen_at=now)
        for key in dict.fromkeys(keys)
    ]
    if marks:
        upsert(
            InboxMark, marks, unique_fields=["merchant", "user", "key"], update_fields=["seen_at"]
        )
        forget_marks(member)
    return len(marks)


def choose_columns(member: Member, columns: Sequence[str]) -> None:
    """Keep which columns of the order list the person wants, in their order; none means the usual."""
    _choose(member, columns=",".join(clean_columns(columns)))


def choose_start(member: Member, query: str) -> None:
    """Keep what the person's order list opens with; an empty query means the open orders."""
    _choose(member, start_query=query[:500])


def _choose(member: Member, **columns: str) -> None:
    ListChoice.objects.update_or_create(
        merchant=member.merchant, user=member.user, defaults=columns
    )
    forget_choice(member)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What one page tells of a new product; amounts in minor units, mass in grams."""

    draft: ProductDraft
    prices: Mapping[Market, int]
    quantity: int = 0
    node: Node | None = None
    photo: File[bytes] | None = None


def create_listed_product(
    wanted: NewProduct, *, merchant: Merchant, actor: Actor, now: datetime
) -> Product:
    """Make a product, put it on sale and its first units on a shelf, all or nothing.

    Without a node the first shelf of the company is opened. Errors are those of the services it
    calls (422 with the names of the fields).
    """
    with transaction.atomic():
        product = catalog.create_product(wanted.draft, merchant=merchant, actor=actor, now=now)
        if wanted.photo is not None:
            catalog.add_image(product, wanted.photo, actor=actor, now=now)
        variants = list(product.variants.select_related("product"))
        prices = [
            PriceDraft(variant, market, minor, merchant.default_model)
            for variant in variants
            for market, minor in wanted.prices.items()
        ]
        if prices:
            catalog.list_in_markets(prices, merchant=merchant, actor=actor, now=now)
        if wanted.quantity:
            inventory.receive_stock(
                merchant,
                node=wanted.node or _first_node(merchant, actor=actor, now=now),
                quantities=dict.fromkeys(variants, wanted.quantity),
                reference=f"first:{product.public_id}",
                actor=actor,
                now=now,
            )
    return product


def _first_node(merchant: Merchant, *, actor: Actor, now: datetime) -> Node:
    known: Node | None = list_nodes(merchant).first()
    return known or inventory.create_node(
        merchant,
        code="MAIN",
        name=_("Main shelf"),
        kind=Node.Kind.MERCHANT_HUB,
        country=merchant.country,
        actor=actor,
        now=now,
    )
