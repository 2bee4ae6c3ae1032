"""Writes of pricing: rules, base prices, and the prices that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog import selectors_pricing as reads
from apps.catalog.models import Ending, PriceRule, Product, Variant
from apps.catalog.services.drafts import RuleDraft
from apps.catalog.services.repricing import reprice
from apps.catalog.services.variants import update_variant
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

EVERYTHING = "*"


@retry_transaction
def save_rule(draft: RuleDraft, *, merchant: Merchant, actor: Actor, now: datetime) -> PriceRule:
    """Keep a price rule, in place of the one with the same scope; prices that follow it move at once.

    Raises ``catalog.price_rule`` (422) with the field for figures that make no sense.
    """
    _check(draft, merchant)
    with transaction.atomic():
        key = scope_key(draft.product, draft.market.code if draft.market else "")
        known = PriceRule.objects.select_for_update().filter(merchant=merchant, scope_key=key)
        rule: PriceRule = known.first() or PriceRule(merchant=merchant, scope_key=key)
        before = "" if rule.pk is None else reads.terms_of(rule).mark
        rule.product, rule.market = draft.product, draft.market
        rule.percent, rule.uplift_minor = draft.percent, draft.uplift_minor
        rule.floor_minor, rule.ceiling_minor = draft.floor_minor, draft.ceiling_minor
        rule.currency, rule.ending, rule.hysteresis = draft.currency, draft.ending, draft.hysteresis
        rule.save()
        _record(events.PRICE_RULE_SAVED, rule, merchant, actor, now, before)
        reprice(merchant, product=draft.product, actor=actor, now=now)
    return rule


@retry_transaction
def remove_rule(rule: PriceRule, *, actor: Actor, now: datetime) -> None:
    """Remove a price rule; listings that followed it keep their prices until another rule speaks."""
    with transaction.atomic():
        _record(events.PRICE_RULE_REMOVED, rule, rule.merchant, actor, now, rule.scope_key)
        PriceRule.objects.filter(merchant=rule.merchant, pk=rule.pk).delete()


def set_base_prices(
    prices: Mapping[Variant, int], currency: str, *, actor: Actor, now: datetime
) -> None:
    """Set base prices of variants, in minor units, all or nothing; prices that follow them move.

    Raises ``catalog.invalid_variant`` (422).
    """
    with transaction.atomic():
        for variant, minor in sorted(prices.items(), key=lambda item: item[0].pk):
            changes: dict[str, str | int | bool] = {
                "base_price_minor": minor,
                "base_price_currency": currency,
            }
            update_variant(variant, changes, actor=actor, now=now)


def scope_key(product: Product | None, market: str) -> str:
    """Return what a rule is for, as one word: ``prd_…:DE``, ``*:*``."""
    return f"{product.public_id if product else EVERYTHING}:{market or EVERYTHING}"


def _check(draft: RuleDraft, merchant: Merchant) -> None:
    fields: dict[str, str] = {}
    if not -100 < draft.percent <= 1000:
        fields["percent"] = _("The percentage lies above −100 and at most at 1000.")
    if not 0 <= draft.hysteresis <= Decimal("0.5"):
        fields["hysteresis"] = _("This lies between 0 and 50 %.")
    if draft.ending not in Ending.values:
        fields["ending"] = _("This ending does not exist.")
    if draft.floor_minor is not None and draft.floor_minor <= 0:
        fields["floor"] = _("A lowest price is above zero.")
    if draft.ceiling_minor is not None and draft.ceiling_minor < (draft.floor_minor or 1):
        fields["ceiling"] = _("The highest price is not below the lowest.")
    if draft.product is not None and draft.product.merchant_id != merchant.pk:
        fields["product"] = _("This product does not exist.")
    if fields:
        message = _("The rule cannot be saved as it is. See the named fields.")
        raise DomainError("catalog.price_rule", message, status=422, fields=fields)


def _record(
    event: str, rule: PriceRule, merchant: Merchant, actor: Actor, now: datetime, before: str
) -> None:
    payload: dict[str, journal.Json] = {
        "scope": rule.scope_key,
        "terms": reads.terms_of(rule).mark,
        "hysteresis": str(rule.hysteresis),
        "before": before,
    }
    journal.record(event, merchant=merchant, subject=rule, actor=actor, now=now, payload=payload)
