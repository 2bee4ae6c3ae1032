"""Markets, rates, the rule book and its quotes in the Django admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.markets import approval, services
from apps.markets.models import FxRate, HeldRate, LandedQuote, Market, RuleRow
from apps.markets.row_admin import DatedRowAdmin


class Decide(Protocol):
    """A decision about one held rate."""

    def __call__(self, held: HeldRate, *, actor: Actor, now: datetime) -> HeldRate:
        """Decide."""


@admin.register(Market)
class MarketAdmin(PortalAdmin[Market]):
    """Markets."""

    list_display = ("code", "currency", "locale", "time_zone", "return_window_days", "is_active")
    list_filter = ("is_active", "currency")
    search_fields = ("=code",)
    search_help_text = "DE"
    ordering = ("code",)


@admin.register(FxRate)
class FxRateAdmin(PortalAdmin[FxRate]):
    """Dated rates with their source."""

    list_display = ("base", "quote", "valid_on", "rate", "source")
    list_filter = ("base", "source")
    search_fields = ("=quote", "=valid_on")
    search_help_text = "CNY / 2026-11-25"


@admin.register(HeldRate)
class HeldRateAdmin(PortalAdmin[HeldRate]):
    """Rates that were not taken; a person takes or refuses each."""

    list_display = (
        *("quote", "valid_on", "rate", "last_rate", "last_on", "reason", "status"),
        *("held_at", "decided_by"),
    )
    list_filter = ("status", "reason")
    search_fields = ("=quote", "=valid_on")
    search_help_text = "TRY / 2026-11-25"
    actions = ("take", "refuse")

    @admin.action(description=gettext_lazy("Take the selected rates"), permissions=["operate"])
    def take(self, request: HttpRequest, queryset: QuerySet[HeldRate]) -> None:
        """Store the rates after all."""
        self._each(request, queryset, services.take_rate)

    @admin.action(description=gettext_lazy("Refuse the selected rates"), permissions=["operate"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[HeldRate]) -> None:
        """Leave the rates out for good."""
        self._each(request, queryset, services.refuse_rate)

    def _each(self, request: HttpRequest, queryset: QuerySet[HeldRate], decide: Decide) -> None:
        if not isinstance(request.user, User):
            return
        actor, done = user_actor(request.user), 0
        for held in queryset[:100]:
            try:
                decide(held, actor=actor, now=utc_now())
            except DomainError as error:
                messages.warning(request, f"{held}: {error.message}")
            else:
                done += 1
        messages.success(request, _("%(count)d rates decided.") % {"count": done})


@admin.register(RuleRow)
class RuleRowAdmin(DatedRowAdmin[RuleRow]):
    """Versions of rule rows: proposed here, decided here by somebody else, never edited or deleted."""

    list_display = (
        "rule_id",
        "version",
        "market",
        "kind",
        "status",
        "is_pending",
        "effective_from",
        "effective_to",
        "confidence",
    )
    list_filter = ("status", "market", "kind", "is_pending", "confidence")
    search_fields = ("=rule_id", "=public_id")
    search_help_text = "EU-DUTY-3 / rul_…"

    def panels(self, row: RuleRow) -> list[approval.Look]:
        """Return what the safeguards say."""
        return list(approval.inspect(row).values())

    def approve_row(self, row: RuleRow, *, override: str, actor: Actor) -> None:
        """Put a rule in force."""
        services.approve_row(row, actor=actor, now=utc_now(), override=override)

    def reject_row(self, row: RuleRow, *, reason: str, actor: Actor) -> None:
        """Refuse a rule."""
        services.reject_row(row, reason=reason, actor=actor, now=utc_now())

    def propose_row(self, body: Mapping[str, Any], *, replaces: RuleRow, actor: Actor) -> RuleRow:
        """Write the next version of a rule."""
        return services.propose_row(body, actor=actor, now=utc_now(), replaces=replaces)


@admin.register(LandedQuote)
class LandedQuoteAdmin(PortalAdmin[LandedQuote]):
    """Landed costs that were told."""

    list_display = ("public_id", "country", "sold_on", "quoted_by", "quoted_at")
    list_filter = ("country",)
    search_fields = ("=public_id",)
    search_help_text = "lcq_…"
