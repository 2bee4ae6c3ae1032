"""Configuration of the inbound app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class InboundConfig(AppConfig):
    """The inbound app."""

    name = "apps.inbound"
    label = "inbound"
    verbose_name = _("Inbound")

    def ready(self) -> None:
        """Name the states as pages show them, and what needs the company."""
        from apps.inbound import concerns
        from apps.merchants import concerns as needs
        from apps.merchants import permissions

        badges.register(
            "inbound",
            {
                "draft": badges.Badge(_("Draft"), "", "ring"),
                "submitted": badges.Badge(_("Announced"), "info", "ring"),
                "accepted": badges.Badge(_("Accepted"), "info", "ring"),
                "rejected": badges.Badge(_("Rejected"), "bad", "none"),
                "appointed": badges.Badge(_("Appointment booked"), "info", "half"),
                "in_transit": badges.Badge(_("On the way"), "info", "half"),
                "arrived": badges.Badge(_("At the gate"), "soon", "half"),
                "receiving": badges.Badge(_("Being received"), "info", "half"),
                "paused": badges.Badge(_("Receiving paused"), "soon", "hold"),
                "received": badges.Badge(_("Received"), "info", "half"),
                "inspecting": badges.Badge(_("Being inspected"), "info", "half"),
                "putaway": badges.Badge(_("Being put away"), "info", "half"),
                "reconciling": badges.Badge(_("Differences to settle"), "bad", "alert"),
                "closed": badges.Badge(_("Closed"), "good", "full"),
                "cancelled": badges.Badge(_("Cancelled"), "", "none"),
                "expired": badges.Badge(_("Expired"), "", "none"),
            },
        )
        badges.register(
            "discrepancy",
            {
                "open": badges.Badge(_("Needs your answer"), "bad", "alert"),
                "noted": badges.Badge(_("Within tolerance"), "", "none"),
                "accepted": badges.Badge(_("Agreed"), "good", "full"),
                "disputed": badges.Badge(_("Disputed"), "soon", "alert"),
            },
        )
        needs.register(
            concerns.KIND,
            permission=permissions.INBOUND_VIEW,
            find=concerns.find_waiting,
            describe=concerns.describe_waiting,
        )
