"""Configuration of the merchants app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MerchantsConfig(AppConfig):
    """The merchants app."""

    name = "apps.merchants"
    label = "merchants"
    verbose_name = _("Merchants")
