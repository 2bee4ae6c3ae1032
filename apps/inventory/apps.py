"""Configuration of the inventory app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "apps.inventory"
    label = "inventory"
    verbose_name = _("Inventory")
