"""The tabs of the settings, with only what the person may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.web.access import permissions_of
from apps.merchants import permissions as p


@dataclass(frozen=True, slots=True)
class Section:
    """One tab of the settings."""

    url: str
    icon: str
    label: str | Promise
    is_current: bool


_SECTIONS: tuple[tuple[str, str, str, Promise, str], ...] = (
    ("company", "merchants:settings", "store", _("Company"), ""),
    ("members", "merchants:members", "users", _("Members"), p.SETTINGS_MANAGE),
    ("roles", "merchants:roles", "shield-check", _("Roles"), ""),
    ("carriers", "carriers:accounts", "truck", _("Carriers"), p.SHIPMENTS_VIEW),
    ("api", "partners:keys", "key-round", _("API keys"), p.API_MANAGE),
    ("log", "merchants:log", "history", _("Activity log"), p.LOG_VIEW),
    ("profile", "accounts:profile", "user", _("My profile"), ""),
    ("security", "accounts:security", "lock", _("Sign-in and security"), ""),
)


def list_sections(request: HttpRequest, current: str) -> list[Section]:
    """Return the tabs the person may open; ``current`` is the key of the open one."""
    held = permissions_of(request)
    sections = []
    for key, name, icon, label, permission in _SECTIONS:
        if permission and permission not in held:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # an app without pages yet
            continue
        sections.append(Section(url, icon, label, key == current))
    return sections
