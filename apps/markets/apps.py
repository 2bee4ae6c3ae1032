"""Configuration of the markets app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketsConfig(AppConfig):
    """The markets app."""

    name = "apps.markets"
    label = "markets"
    verbose_name = _("Markets")
