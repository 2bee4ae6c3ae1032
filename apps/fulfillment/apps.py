"""Configuration of the fulfillment app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfillmentConfig(AppConfig):
    """The fulfillment app."""

    name = "apps.fulfillment"
    label = "fulfillment"
    verbose_name = _("Fulfilment")
