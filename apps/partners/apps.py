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
        """Put silent webhooks on the list of what needs the company; follow its standing."""
        from apps.merchants import concerns
        from apps.merchants.permissions import API_MANAGE
        from apps.merchants.services import on_standing_change
        from apps.partners.concerns import KIND, describe_silent_webhook, find_silent_webhooks
        from apps.partners.grants import forget_merchant

        on_standing_change(forget_merchant)
        concerns.register(
            KIND,
            permission=API_MANAGE,
            find=find_silent_webhooks,
            describe=describe_silent_webhook,
        )
