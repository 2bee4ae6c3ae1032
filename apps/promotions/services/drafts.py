"""Making and changing promotions; nothing here changes a price before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.merchants.services import require_active
from apps.promotions import events
from apps.promotions.models import Promotion, PromotionMarket
from apps.promotions.pricing.row_checks import check_row
from apps.promotions.requests import PromotionDraft
from apps.promotions.rows import CODE_KINDS, OWNED, row_of_draft
from apps.promotions.services.codes import write_codes
from apps.promotions.states import EDITABLE, PromotionStatus

NO_END = datetime(9999, 12, 31, tzinfo=UTC)


def create_promotion(
    merchant: Merchant,
    draft: PromotionDraft,
    *,
    actor: Actor,
    now: datetime,
    platform_percent: Decimal = Decimal(0),
    campaign_ref: str = "",
) -> Promotion:
    """Save a draft. Raises ``promotions.invalid`` (422) with a sentence for every field that is wrong."""
    require_active(merchant)
    markets = check_draft(draft)
    with transaction.atomic():
        promotion: Promotion = Promotion.objects.create(
            merchant=merchant,
            **_columns(draft),
            platform_percent=platform_percent,
            campaign_ref=campaign_ref,
        )
        _write_markets(promotion, draft, markets)
        write_codes(promotion, [(code, None) for code in draft.codes])
        _record(events.PROMOTION_CREATED, promotion, actor=actor, now=now)
    return promotion


def update_promotion(
    promotion: Promotion, draft: PromotionDraft, *, actor: Actor, now: datetime
) -> Promotion:
    """Replace the content of a draft or paused promotion; new codes are added, none are taken away.

    Raises ``promotions.wrong_state`` (409) for one that prices carts or has ended, and
    ``promotions.kind_fixed`` (409) for another kind once it was published.
    """
    markets = check_draft(draft)
    with transaction.atomic():
        locked = lock_promotion(promotion)
        if locked.status not in EDITABLE:
            raise wrong_state(locked)
        if locked.version and locked.kind != draft.kind:
            raise DomainError(
                "promotions.kind_fixed",
                _("The kind of a promotion that was published cannot change. Make a new one."),
            )
        for name, value in _columns(draft).items():
            setattr(locked, name, value)
        locked.needs_code = locked.needs_code or locked.codes.exists()
        locked.save()
        _write_markets(locked, draft, markets)
        known = set(locked.codes.values_list("code", flat=True))
        write_codes(locked, [(code, None) for code in draft.codes if code not in known])
        _record(events.PROMOTION_CHANGED, locked, actor=actor, now=now)
    return locked


def remove_promotion(promotion: Promotion, *, actor: Actor, now: datetime) -> None:
    """Delete a promotion that was never published; any other is ended instead."""
    with transaction.atomic():
        locked = lock_promotion(promotion)
        if locked.status != PromotionStatus.DRAFT or locked.version:
            raise wrong_state(locked)
        _record(events.PROMOTION_REMOVED, locked, actor=actor, now=now)
        locked.delete()


def check_draft(draft: PromotionDraft) -> list[Market]:
    """Return the markets of a draft; raises ``promotions.invalid`` (422) naming what is wrong."""
    markets = list(Market.objects.filter(code__in=draft.markets, is_active=True).order_by("code"))
    wrong = dict(_find_wrong(draft, {market.code for market in markets}))
    if not wrong:
        wrong = {
            (problem.field if problem.field in OWNED else f"rule.{problem.field}"): (
                f"{problem.problem}; {problem.remedy}"
            )
            for problem in check_row(row_of_draft(draft))
        }
    if wrong:
        raise DomainError(
            "promotions.invalid",
            _("The promotion cannot be saved as it is. See the named fields."),
            status=422,
            fields=wrong,
        )
    return markets


def _find_wrong(draft: PromotionDraft, known: set[str]) -> Iterator[tuple[str, str]]:
    if not draft.name.strip():
        yield "name", _("Give the promotion a name.")
    elif len(draft.name) > 120:
        yield "name", _("A name has at most 120 characters.")
    for name in sorted(OWNED & draft.rule.keys()):
        yield f"rule.{name}", _("This does not belong into the rule.")
    unknown = sorted(set(draft.markets) - known)
    if not draft.markets:
        yield "markets", _("Choose at least one market.")
    elif unknown:
        yield "markets", _("No open market: %(codes)s.") % {"codes": ", ".join(unknown)[:200]}
    if not draft.starts:
        yield "starts", _("Say when the promotion starts.")
    for name in ("starts", "ends"):
        if not _is_plain_moment(getattr(draft, name)):
            yield name, _("Write it such as 2026-12-01T00:00, in the time of the market.")


def _is_plain_moment(text: str) -> bool:
    """Say whether a text is empty or an ISO moment without a zone, to the second at most."""
    try:
        return not text or (datetime.fromisoformat(text).tzinfo is None and len(text) <= 19)
    except ValueError:
        return False


def _columns(draft: PromotionDraft) -> dict[str, object]:
    return {
        "name": draft.name.strip(),
        "kind": draft.kind,
        "rule": dict(draft.rule),
        "starts_local": draft.starts,
        "ends_local": draft.ends,
        "priority": draft.priority,
        "needs_code": bool(draft.codes) or draft.kind in CODE_KINDS,
    }


def _write_markets(promotion: Promotion, draft: PromotionDraft, markets: Sequence[Market]) -> None:
    PromotionMarket.objects.filter(promotion=promotion).delete()
    PromotionMarket.objects.bulk_create(
        PromotionMarket(
            merchant_id=promotion.merchant_id,
            promotion=promotion,
            market=market,
            starts_at=in_utc(draft.starts, market),
            ends_at=in_utc(draft.ends, market) if draft.ends else NO_END,
        )
        for market in markets
    )


def in_utc(local: str, market: Market) -> datetime:
    """Return a moment of a market's own clock in UTC."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(market.time_zone))
    return moment.astimezone(UTC)


def lock_promotion(promotion: Promotion) -> Promotion:
    """Return the promotion's row locked for this transaction, as it is now."""
    locked: Promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    return locked


def wrong_state(promotion: Promotion) -> DomainError:
    """Return the error for a step that the promotion's state does not allow."""
    return DomainError(
        "promotions.wrong_state",
        _("“%(name)s” is “%(status)s”, so this is not possible now.")
        % {"name": promotion.name, "status": PromotionStatus(promotion.status).label},
    )


def _record(event: str, promotion: Promotion, *, actor: Actor, now: datetime) -> None:
    payload: dict[str, journal.Json] = {"name": promotion.name, "kind": promotion.kind}
    journal.record(
        event,
        merchant=promotion.merchant,
        subject=promotion,
        actor=actor,
        now=now,
        payload=payload,
    )
