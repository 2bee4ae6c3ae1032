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
        """Put exception cases on the list of what needs the company; write carriers' requests."""
        from apps.carriers import sources
        from apps.fulfillment.concerns import KIND, describe_open_cases, find_open_cases
        from apps.fulfillment.services import BOOKING_KIND, build_request
        from apps.merchants import concerns
        from apps.merchants.permissions import SHIPMENTS_MANAGE

        sources.register(BOOKING_KIND, build_request)
        concerns.register(
            KIND,
            permission=SHIPMENTS_MANAGE,
            find=find_open_cases,
            describe=describe_open_cases,
        )
