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
        """Make approvals of rule rows rest on dry runs; tell the catalog the gates' sentences."""
        from apps.catalog.sentences import register_issues
        from apps.compliance.publishing.sentences import explain_code
        from apps.compliance.rule_impact.gate import look_at
        from apps.markets import approval

        approval.register("dry_run", look_at)
        register_issues(explain_code)
