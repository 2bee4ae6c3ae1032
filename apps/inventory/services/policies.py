"""Keeping units back from sale, and setting them aside for markets and channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory.models import SafetyStock, StockAllocation
from apps.inventory.states import AllocationMode
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_UNITS = 10_000_000


@dataclass(frozen=True, slots=True)
class AllocationDraft:
    """Units or a percentage for a market, a channel or both (an empty one means any)."""

    market: str
    channel: str
    mode: str
    amount: int


@retry_transaction
def keep_back(
    merchant: Merchant,
    units: int | None,
    *,
    variant: Variant | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep units of a variant (of every variant without an own figure) back at each place.

    Nothing as ``units`` takes the figure away: the variant follows the company's again.
    """
    if units is not None and not 0 <= units <= MAX_UNITS:
        sentence = _("Keep back between 0 and 10,000,000 units.")
        raise DomainError("inventory.quantity", sentence, status=422, fields={"units": sentence})
    key = variant.pk if variant else 0
    with transaction.atomic():
        own = SafetyStock.objects.filter(merchant=merchant, variant_key=key)
        if units is None:
            own.delete()
        else:
            SafetyStock.objects.update_or_create(
                merchant=merchant, variant_key=key, defaults={"units": units, "variant": variant}
            )
        journal.record(
            "stock.kept_back",
            merchant=merchant,
            subject=variant or merchant,
            actor=actor,
            now=now,
            payload={"units": units, "sku": variant.sku if variant else ""},
        )


@retry_transaction
def allocate_stock(
    merchant: Merchant,
    variant: Variant,
    drafts: Sequence[AllocationDraft],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace what is set aside of a variant; nothing means that everybody shares it.

    Raises 422 ``inventory.bad_allocation`` for one without market and channel, one named twice, or
    shares of more than 100 % together.
    """
    _check(drafts)
    with transaction.atomic():
        StockAllocation.objects.filter(merchant=merchant, variant=variant).delete()
        StockAllocation.objects.bulk_create(
            StockAllocation(
                merchant=merchant,
                variant=variant,
                market=draft.market,
                channel=draft.channel,
                mode=draft.mode,
                units=draft.amount if draft.mode == AllocationMode.MANUAL else 0,
                percent=draft.amount if draft.mode == AllocationMode.DYNAMIC else 0,
            )
            for draft in drafts
        )
        facts: list[journal.Json] = [
            {"market": d.market, "channel": d.channel, "mode": d.mode, "amount": d.amount}
            for d in drafts
        ]
        journal.record(
            "stock.allocated",
            merchant=merchant,
            subject=variant,
            actor=actor,
            now=now,
            payload={"sku": variant.sku, "allocations": facts},
        )


def use_allocations(
    merchant_id: int, units: Mapping[int, int], *, market: str, channel: str
) -> None:
    """Take sold units (variant key → units, negative when they came back) off manual allocations.

    The most exact allocation of the market and channel counts, as it did at the sale.
    """
    found = StockAllocation.objects.filter(
        merchant=merchant_id,
        variant__in=units,
        market__in=("", market),
        channel__in=("", channel),
    )
    best: dict[int, StockAllocation] = {}
    for item in found.order_by("pk"):
        rank = (bool(item.channel), bool(item.market))
        held = best.get(item.variant_id)
        if held is None or rank > (bool(held.channel), bool(held.market)):
            best[item.variant_id] = item
    for variant, item in sorted(best.items()):
        if item.mode == AllocationMode.MANUAL:
            change = units[variant]
            rows = StockAllocation.objects.filter(pk=item.pk)
            # Never below zero: what was sold beyond came from the time before the allocation.
            covered = rows.filter(units__gte=change).update(units=F("units") - change)
            if not covered:
                rows.update(units=0)


def _check(drafts: Sequence[AllocationDraft]) -> None:
    problem = ""
    keys = {(draft.market, draft.channel) for draft in drafts}
    shares = sum(d.amount for d in drafts if d.mode == AllocationMode.DYNAMIC)
    if len(keys) < len(drafts):
        problem = _("A market and channel is named twice.")
    elif ("", "") in keys:
        problem = _("Say for which market or channel.")
    elif any(d.mode not in AllocationMode.values or not 0 <= d.amount <= MAX_UNITS for d in drafts):
        problem = _("Set aside a number of units or a share.")
    elif shares > 100:
        problem = _("Shares add up to more than 100%.")
    if problem:
        raise DomainError(
            "inventory.bad_allocation", problem, status=422, fields={"allocations": problem}
        )
