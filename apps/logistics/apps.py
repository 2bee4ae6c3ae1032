"""Configuration of the logistics app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """The logistics app."""

    name = "apps.logistics"
    label = "logistics"
    verbose_name = _("Logistics network")
