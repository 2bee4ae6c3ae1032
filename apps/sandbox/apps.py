"""Configuration of the sandbox app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    """The demo world and the replay of real order files, made by the portal's own services."""

    name = "apps.sandbox"
    label = "sandbox"
    verbose_name = _("Sandbox")
