"""Configuration of the finance app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class FinanceConfig(AppConfig):
    """The finance app."""

    name = "apps.finance"
    label = "finance"
    verbose_name = _("Finance")

    def ready(self) -> None:
        """Name how a money movement looks once it was undone."""
        badges.register("money", {"taken_back": badges.Badge(_("Taken back"), "", "none")})
