"""Configuration of the dashboard app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    """The dashboard app."""

    name = "apps.dashboard"
    label = "dashboard"
    verbose_name = _("Dashboard")
