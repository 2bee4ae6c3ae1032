"""Publishing a promotion after its worst case was looked at."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import ngettext

from apps.common.errors import DomainError
from apps.common.formatting import format_money
from apps.compliance.promoting.simulating import Simulation, simulate
from apps.journal.actors import Actor
from apps.promotions import services as promotions
from apps.promotions.models import Promotion
from apps.promotions.programs import list_running_markets
from apps.promotions.rows import row_of


def simulate_promotion(promotion: Promotion, *, now: datetime) -> Simulation:
    """Return what a saved promotion would do in its markets."""
    markets = list_running_markets(promotion)
    return simulate(promotion.merchant, row_of(promotion), markets=markets, now=now)


def publish_promotion(
    promotion: Promotion, *, accepts_loss: bool, actor: Actor, now: datetime
) -> Promotion:
    """Publish a promotion and keep its simulation.

    Raises ``promotions.loses_money`` (409) when a worst case leaves less than nothing and nobody
    accepted it, and what ``promotions.publish_promotion`` raises.
    """
    found = simulate_promotion(promotion, now=now)
    losses = found.losses
    if losses and not accepts_loss:
        raise DomainError(
            "promotions.loses_money", _sentence(found), fields={"accepts_loss": _sentence(found)}
        )
    return promotions.publish_promotion(promotion, actor=actor, now=now, simulation=found.as_json())


def _sentence(found: Simulation) -> str:
    """Say how many offers lose money, and which one most."""
    losses = found.losses
    worst = losses[0]
    return ngettext(
        "In its worst case it loses money on %(count)s offer, up to %(amount)s a unit (%(sku)s in "
        "%(market)s). Change it, or confirm that you accept the loss.",
        "In its worst case it loses money on %(count)s offers, up to %(amount)s a unit (%(sku)s in "
        "%(market)s). Change it, or confirm that you accept the loss.",
        len(losses),
    ) % {
        "count": len(losses),
        "amount": format_money(-worst.kept_worst.minor, worst.currency),
        "sku": worst.sku,
        "market": worst.market,
    }
