"""Configuration of the orders app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """The orders app."""

    name = "apps.orders"
    label = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        """Put requests to cancel on the list of what needs the company."""
        from apps.merchants import concerns
        from apps.merchants.permissions import ORDERS_MANAGE
        from apps.orders.concerns import KIND, describe_open_requests, find_open_requests

        concerns.register(
            KIND,
            permission=ORDERS_MANAGE,
            find=find_open_requests,
            describe=describe_open_requests,
        )
