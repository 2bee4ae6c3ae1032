"""Configuration of the carriers app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class CarriersConfig(AppConfig):
    """The carriers app."""

    name = "apps.carriers"
    label = "carriers"
    verbose_name = _("Carriers")

    def ready(self) -> None:
        """Put stuck bookings on the list of what needs the company; name the states."""
        from apps.carriers.concerns import register

        register()
        badges.register(
            "booking",
            {
                "wanted": badges.Badge(_("Waiting for the carrier"), "info", "ring"),
                "sending": badges.Badge(_("Asking the carrier"), "info", "half"),
                "unsure": badges.Badge(_("Answer lost, being checked"), "soon", "alert"),
                "booked": badges.Badge(_("Booked"), "good", "full"),
                "refused": badges.Badge(_("Refused by the carrier"), "bad", "alert"),
                "voiding": badges.Badge(_("Being voided"), "", "half"),
                "voided": badges.Badge(_("Void"), "", "none"),
            },
        )
        badges.register(
            "carrier_account",
            {
                "working": badges.Badge(_("Working"), "good", "full"),
                "unchecked": badges.Badge(_("Not asked yet"), "info", "ring"),
                "failing": badges.Badge(_("Failing"), "soon", "alert"),
                "down": badges.Badge(_("Down, being probed"), "bad", "alert"),
                "paused": badges.Badge(_("Paused"), "", "hold"),
            },
        )
