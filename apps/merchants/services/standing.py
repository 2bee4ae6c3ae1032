"""Whether a company may trade: suspending it and letting it trade again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants import events
from apps.merchants.models import Merchant

_LISTENERS: list[Callable[[int], None]] = []


def on_standing_change(listener: Callable[[int], None]) -> None:
    """Call ``listener`` with the merchant's key right after a change of its standing committed.

    For apps above that remember something of companies and must not wait for the journal.
    """
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def suspend_merchant(merchant: Merchant, *, reason: str, actor: Actor, now: datetime) -> Merchant:
    """Stop a company from trading, at once: its members look but change nothing, its keys and new
    orders are refused. What it has stays, and the company reads the reason. 409 if it is suspended.
    """
    return _change(
        merchant, Merchant.Status.SUSPENDED, events.MERCHANT_SUSPENDED, reason, actor=actor, now=now
    )


def reactivate_merchant(
    merchant: Merchant, *, reason: str, actor: Actor, now: datetime
) -> Merchant:
    """Let a suspended company trade again; 409 if it is not suspended."""
    return _change(
        merchant, Merchant.Status.ACTIVE, events.MERCHANT_REACTIVATED, reason, actor=actor, now=now
    )


def require_active(merchant: Merchant) -> None:
    """Raise ``merchants.suspended`` (403) unless the company may trade."""
    if merchant.status != Merchant.Status.ACTIVE:
        raise DomainError(
            "merchants.suspended",
            _("This company is suspended. Nothing can be changed until the platform lifts it."),
            status=403,
        )


def _change(
    merchant: Merchant, following: str, event: str, reason: str, *, actor: Actor, now: datetime
) -> Merchant:
    with transaction.atomic():
        locked = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if locked.status == following:
            raise DomainError(
                "merchants.wrong_state",
                _("This company is “%(status)s” already.")
                % {"status": Merchant.Status(following).label},
            )
        is_suspended = following == Merchant.Status.SUSPENDED
        locked.status = following
        locked.suspension_reason = reason[:200] if is_suspended else ""
        locked.suspended_at = now if is_suspended else None
        locked.save(update_fields=["status", "suspension_reason", "suspended_at", "updated_at"])
        journal.record(
            event,
            merchant=locked,
            subject=locked,
            actor=actor,
            now=now,
            payload={"reason": reason[:200]},
        )
        for listener in _LISTENERS:
            transaction.on_commit(partial(listener, locked.pk))
    return locked
