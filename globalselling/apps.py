"""Configuration of the project itself: its system checks."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The wiring of the portal."""

    name = "globalselling"
    verbose_name = "Global Selling"

    def ready(self) -> None:
        """Register the system checks."""
        from globalselling import checks  # noqa: F401  # registration happens on import
