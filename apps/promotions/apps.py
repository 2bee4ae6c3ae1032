"""Configuration of the promotions app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class PromotionsConfig(AppConfig):
    """The promotions app."""

    name = "apps.promotions"
    label = "promotions"
    verbose_name = _("Promotions")

    def ready(self) -> None:
        """Name the states of promotions, campaigns and entries as the pages show them."""
        badges.register(
            "promotion",
            {
                "draft": badges.Badge(_("Draft"), "", "none"),
                "scheduled": badges.Badge(_("Planned"), "", "ring"),
                "active": badges.Badge(_("Running"), "good", "full"),
                "paused": badges.Badge(_("Paused"), "soon", "half"),
                "ended": badges.Badge(_("Ended"), "", "none"),
            },
        )
        badges.register(
            "campaign",
            {
                "open": badges.Badge(_("Open for entries"), "good", "ring"),
                "closed": badges.Badge(_("Entries closed"), "", "half"),
                "ended": badges.Badge(_("Ended"), "", "none"),
                "cancelled": badges.Badge(_("Called off"), "", "none"),
            },
        )
        badges.register(
            "campaign_entry",
            {
                "submitted": badges.Badge(_("In review"), "info", "half"),
                "approved": badges.Badge(_("Approved"), "good", "full"),
                "declined": badges.Badge(_("Declined"), "bad", "none"),
                "withdrawn": badges.Badge(_("Withdrawn"), "", "none"),
            },
        )
