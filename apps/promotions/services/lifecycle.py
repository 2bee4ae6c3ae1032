"""Publishing a promotion and what follows; each step renews its markets' programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from apps.common.bulk import insert_missing_rows
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.jobs.deadlines import NewDeadline, close_deadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.promotions import events
from apps.promotions.counting import ALL, buyer_scope, money_scope
from apps.promotions.models import (
    Promotion,
    PromotionCounter,
    PromotionMarket,
    PromotionVersion,
    Redemption,
)
from apps.promotions.programs import limits_of, renew_versions
from apps.promotions.rows import row_of
from apps.promotions.services.drafts import NO_END, lock_promotion, wrong_state
from apps.promotions.states import PromotionStatus, may_follow

START = "promotions.start"
END = "promotions.end"
# Limits of uses, units and money.
_Allowed = tuple[int | None, int | None, int | None]
_COUNTERS = (
    *("merchant", "promotion", "scope", "uses", "units", "spent_minor"),
    *("uses_limit", "units_limit", "spent_limit_minor"),
)


@retry_transaction
def publish_promotion(
    promotion: Promotion,
    *,
    actor: Actor,
    now: datetime,
    simulation: dict[str, journal.Json] | None = None,
) -> Promotion:
    """Let a draft or paused promotion price carts in its period; keeps the row as a version.

    Raises ``promotions.over`` (422) when its period has passed, ``promotions.no_codes`` (422) when
    it stands behind codes and has none, and ``promotions.limit_passed`` (409) when a changed limit
    is below what was used already.
    """
    with transaction.atomic():
        locked = lock_promotion(promotion)
        markets = _markets(locked)
        following = _following(markets, now)
        if not may_follow(locked.status, following) or locked.status == PromotionStatus.SCHEDULED:
            raise wrong_state(locked)
        _refuse_unusable(locked, markets, now)
        locked.status = following
        locked.version += 1
        locked.published_at = now
        locked.simulation = simulation or locked.simulation
        locked.save()
        _keep_version(locked, markets, actor=actor, now=now)
        _set_limits(locked, markets)
        _set_deadlines(locked, markets, now=now)
        _announce(events.PROMOTION_PUBLISHED, locked, markets, actor=actor, now=now)
    return locked


@retry_transaction
def start_promotion(promotion: Promotion, *, actor: Actor, now: datetime) -> Promotion:
    """Mark a planned promotion as running in its first market; its prices follow the clock anyway."""
    return _change(
        promotion, PromotionStatus.ACTIVE, events.PROMOTION_STARTED, actor=actor, now=now
    )


@retry_transaction
def pause_promotion(promotion: Promotion, *, actor: Actor, now: datetime) -> Promotion:
    """Stop pricing carts with it until it is published again."""
    return _change(promotion, PromotionStatus.PAUSED, events.PROMOTION_PAUSED, actor=actor, now=now)


@retry_transaction
def end_promotion(promotion: Promotion, *, actor: Actor, now: datetime) -> Promotion:
    """End it for ever; orders placed with it keep their prices."""
    return _change(promotion, PromotionStatus.ENDED, events.PROMOTION_ENDED, actor=actor, now=now)


def _change(
    promotion: Promotion, following: PromotionStatus, event: str, *, actor: Actor, now: datetime
) -> Promotion:
    with transaction.atomic():
        locked = lock_promotion(promotion)
        if not may_follow(locked.status, following):
            raise wrong_state(locked)
        locked.status = following
        locked.ended_at = now if following == PromotionStatus.ENDED else None
        locked.save(update_fields=["status", "ended_at", "updated_at"])
        close_deadline(START, locked.public_id, outcome=following, now=now)
        if following != PromotionStatus.ACTIVE:
            close_deadline(END, locked.public_id, outcome=following, now=now)
        _announce(event, locked, _markets(locked), actor=actor, now=now)
    return locked


def _markets(promotion: Promotion) -> list[PromotionMarket]:
    rows: QuerySet[PromotionMarket] = PromotionMarket.objects.filter(promotion=promotion)
    return list(rows.select_related("market").order_by("market_id"))


def _following(markets: Sequence[PromotionMarket], now: datetime) -> PromotionStatus:
    has_started = min(market.starts_at for market in markets) <= now
    return PromotionStatus.ACTIVE if has_started else PromotionStatus.SCHEDULED


def _refuse_unusable(
    promotion: Promotion, markets: Sequence[PromotionMarket], now: datetime
) -> None:
    if max(market.ends_at for market in markets) <= now:
        sentence = _("Its period is over in every market. Choose a later end.")
        raise DomainError("promotions.over", sentence, status=422, fields={"ends": sentence})
    if promotion.needs_code and not promotion.codes.exists():
        sentence = _("Add at least one code: without one, no buyer can use it.")
        raise DomainError("promotions.no_codes", sentence, status=422, fields={"codes": sentence})


def _keep_version(
    promotion: Promotion, markets: Sequence[PromotionMarket], *, actor: Actor, now: datetime
) -> None:
    PromotionVersion.objects.create(
        merchant_id=promotion.merchant_id,
        promotion=promotion,
        version=promotion.version,
        row=row_of(promotion),
        markets=[market.market.code for market in markets],
        published_by=str(actor),
        published_at=now,
    )


def _set_limits(promotion: Promotion, markets: Sequence[PromotionMarket]) -> None:
    """Write the limits beside the counters; counters that are new start at what was used before."""
    row = row_of(promotion)
    limits = limits_of(row, "")
    wanted: dict[str, _Allowed] = {ALL: (limits.uses, limits.units, None)}
    for currency in sorted({market.market.currency for market in markets}):
        wanted[money_scope(currency)] = (None, None, limits_of(row, currency).budget_minor)
    if promotion.version > 1:
        _count_buyers(promotion, limits.buyer_uses, limits.buyer_units)
    for scope, allowed in wanted.items():
        if any(number is not None for number in allowed):
            _open_counter(promotion, scope, allowed)
        else:
            PromotionCounter.objects.filter(promotion=promotion, scope=scope).delete()


def _open_counter(promotion: Promotion, scope: str, allowed: _Allowed) -> None:
    used = _used(promotion, scope)
    passed = any(
        limit is not None and amount > limit for limit, amount in zip(allowed, used, strict=True)
    )
    if passed:
        raise DomainError(
            "promotions.limit_passed",
            _("More than the new limit is used already. Raise the limit or end the promotion."),
        )
    names = ("uses_limit", "units_limit", "spent_limit_minor")
    limits = dict(zip(names, allowed, strict=True))
    counters = PromotionCounter.objects.filter(promotion=promotion, scope=scope)
    if not counters.update(**limits):
        row = (promotion.merchant_id, promotion.pk, scope, *used, *allowed)
        insert_missing_rows(PromotionCounter, _COUNTERS, [row])


def _used(promotion: Promotion, scope: str) -> tuple[int, int, int]:
    held = Redemption.objects.filter(promotion=promotion, is_returned=False)
    if scope.startswith("money:"):
        held = held.filter(currency=scope.removeprefix("money:"))
    sums = held.aggregate(uses=Sum("uses"), units=Sum("units"), spent=Sum("amount_minor"))
    spent = sums["spent"] if scope.startswith("money:") else 0
    return sums["uses"] or 0, sums["units"] or 0, spent or 0


def _count_buyers(promotion: Promotion, uses: int | None, units: int | None) -> None:
    """Bring the buyers' counters in line with the limits of this version.

    A buyer who has used more than a lowered limit keeps what was taken, and takes no more.
    """
    counters = PromotionCounter.objects.filter(promotion=promotion, scope__startswith="buyer:")
    counters.delete()
    if uses is None and units is None:
        return
    held = Redemption.objects.filter(promotion=promotion, is_returned=False).exclude(buyer_index="")
    sums = held.values_list("buyer_index").annotate(uses=Sum("uses"), units=Sum("units"))
    rows = [
        (
            *(promotion.merchant_id, promotion.pk, buyer_scope(buyer), used, taken, 0),
            None if uses is None else max(uses, used),
            None if units is None else max(units, taken),
            None,
        )
        for buyer, used, taken in sums.order_by("buyer_index")
    ]
    insert_missing_rows(PromotionCounter, _COUNTERS, rows)


def _set_deadlines(
    promotion: Promotion, markets: Sequence[PromotionMarket], *, now: datetime
) -> None:
    deadlines = []
    if promotion.status == PromotionStatus.SCHEDULED:
        first = min(market.starts_at for market in markets)
        deadlines.append(NewDeadline(START, promotion.public_id, first))
    last = max(market.ends_at for market in markets)
    if last < NO_END:
        deadlines.append(NewDeadline(END, promotion.public_id, last))
    if deadlines:
        set_deadlines(promotion.merchant_id, deadlines)


def _announce(
    event: str,
    promotion: Promotion,
    markets: Sequence[PromotionMarket],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    renew_versions(promotion.merchant_id, [market.market for market in markets])
    journal.record(
        event,
        merchant=promotion.merchant,
        subject=promotion,
        actor=actor,
        now=now,
        payload={
            "name": promotion.name,
            "kind": promotion.kind,
            "version": promotion.version,
            "markets": [market.market.code for market in markets],
        },
    )
