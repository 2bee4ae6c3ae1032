"""Configuration of the partners app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """The partners app."""

    name = "apps.partners"
    label = "partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Put webhooks that do not arrive on the list of what needs the company."""
        from apps.merchants import concerns
        from apps.merchants.permissions import API_MANAGE
        from apps.partners.concerns import KIND, describe_silent_webhook, find_silent_webhooks

        concerns.register(
            KIND,
            permission=API_MANAGE,
            find=find_silent_webhooks,
            describe=describe_silent_webhook,
        )
