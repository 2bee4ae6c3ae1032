"""Configuration of the compliance app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """The compliance app."""

    name = "apps.compliance"
    label = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        """Tell the catalog the sentences of what the gates find."""
        from apps.catalog.sentences import register_issues
        from apps.compliance.publishing.sentences import explain_code

        register_issues(explain_code)
