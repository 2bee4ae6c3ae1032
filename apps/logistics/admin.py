"""The network in the Django admin: rows proposed and decided by two people, editions, capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.common.admin import PortalAdmin
from apps.common.clock import utc_now
from apps.journal.actors import Actor
from apps.logistics import services
from apps.logistics.models import CapacityUse, NetworkEdition, NetworkRow
from apps.markets.row_admin import DatedRowAdmin


@admin.register(NetworkRow)
class NetworkRowAdmin(DatedRowAdmin[NetworkRow]):
    """Services, lanes, zones, cards, cut-offs, capacities, restrictions and boxes, by version."""

    list_display = (
        "rule_id",
        "version",
        "kind",
        "status",
        "effective_from",
        "effective_to",
        "proposed_by",
        "decided_by",
    )
    list_filter = ("status", "kind")
    search_fields = ("=rule_id", "=public_id")
    search_help_text = "card.line.europe / net_…"
    proposal_hint = _("Give it another id to propose a new row that is like this one.")

    def approve_row(self, row: NetworkRow, *, override: str, actor: Actor) -> None:
        """Put a row in force and make the next edition."""
        services.approve_row(row, actor=actor, now=utc_now())

    def reject_row(self, row: NetworkRow, *, reason: str, actor: Actor) -> None:
        """Refuse a row."""
        services.reject_row(row, reason=reason, actor=actor, now=utc_now())

    def propose_row(
        self, body: Mapping[str, Any], *, replaces: NetworkRow, actor: Actor
    ) -> NetworkRow:
        """Write the next version of a row, or the first of a new one under another name."""
        old = replaces if body.get("id") == replaces.rule_id else None
        return services.propose_row(body, actor=actor, now=utc_now(), replaces=old)


@admin.register(NetworkEdition)
class NetworkEditionAdmin(PortalAdmin[NetworkEdition]):
    """Which row versions were in force when; decisions are replayed from them."""

    list_display = ("version", "reason", "made_at")
    search_fields = ("=version",)
    search_help_text = "ned_…"


@admin.register(CapacityUse)
class CapacityUseAdmin(PortalAdmin[CapacityUse]):
    """Places taken of a capacity on a day."""

    list_display = ("rule_id", "day", "taken")
    list_filter = ("rule_id",)
    search_fields = ("=rule_id", "=day")
    search_help_text = "capacity.… / 2026-11-25"
