"""Configuration of the dashboard app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class DashboardConfig(AppConfig):
    """The dashboard app."""

    name = "apps.dashboard"
    label = "dashboard"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        """Name the states of orders, shipments and jobs as the pages show them."""
        badges.register(
            "order",
            {
                "confirmed": badges.Badge(_("Getting its label"), "info", "ring"),
                "allocated": badges.Badge(_("To ship"), "info", "ring"),
            },
        )
        badges.register(
            "shipment",
            {
                "quoted": badges.Badge(_("Waiting for the carrier"), "info", "ring"),
                "booked": badges.Badge(_("To ship"), "info", "ring"),
            },
        )
        badges.register("job", {"waiting": badges.Badge(_("Waiting"), "", "ring")})
