"""Configuration of the fulfillment app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfillmentConfig(AppConfig):
    """The fulfillment app."""

    name = "apps.fulfillment"
    label = "fulfillment"
    verbose_name = _("Fulfilment")

    def ready(self) -> None:
        """Say who writes the requests of shipments that are booked with carriers."""
        from apps.carriers import sources
        from apps.fulfillment.services import BOOKING_KIND, build_request

        sources.register(BOOKING_KIND, build_request)
