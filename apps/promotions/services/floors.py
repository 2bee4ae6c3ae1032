"""The lowest prices that promotions may reach."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.promotions import events
from apps.promotions.models import PriceFloor


def set_floor(
    merchant: Merchant,
    *,
    variant: Variant,
    market: Market,
    floor_minor: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Set what no stack of promotions may go below, in the market's currency; ``None`` takes it away."""
    if floor_minor is not None and floor_minor <= 0:
        raise DomainError("promotions.floor", _("The lowest price must be above zero."), status=422)
    with transaction.atomic():
        floors = PriceFloor.objects.filter(merchant=merchant, variant=variant, market=market)
        if floor_minor is None:
            floors.delete()
        elif not floors.update(floor_minor=floor_minor, updated_at=now):
            PriceFloor.objects.create(
                merchant=merchant, variant=variant, market=market, floor_minor=floor_minor
            )
        journal.record(
            events.FLOOR_SET,
            merchant=merchant,
            subject=variant,
            actor=actor,
            now=now,
            payload={"sku": variant.sku, "market": market.code, "floor_minor": floor_minor},
        )
