"""Configuration of the imports app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.common import badges


class ImportsConfig(AppConfig):
    """The imports app."""

    name = "apps.imports"
    label = "imports"
    verbose_name = _("Imports")

    def ready(self) -> None:
        """Name the states of an import as the pages show them."""
        badges.register(
            "import",
            {
                "reading": badges.Badge(_("Being read"), "info", "half"),
                "refused": badges.Badge(_("Cannot be read"), "bad", "none"),
                "uploaded": badges.Badge(_("Columns to match"), "soon", "ring"),
                "checking": badges.Badge(_("Being checked"), "info", "half"),
                "checked": badges.Badge(_("Ready to apply"), "soon", "ring"),
                "applying": badges.Badge(_("Being applied"), "info", "half"),
                "applied": badges.Badge(_("Applied"), "good", "full"),
                "undoing": badges.Badge(_("Being undone"), "info", "half"),
                "undone": badges.Badge(_("Undone"), "", "none"),
                "expired": badges.Badge(_("Expired"), "", "none"),
            },
        )
