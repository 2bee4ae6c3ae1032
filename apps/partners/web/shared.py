"""What all API pages share: their tabs, and the words of scopes and events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.partners.events import EVERY_EVENT, PUBLIC_EVENTS
from apps.partners.scopes import SCOPES

_TABS: tuple[tuple[str, str, Promise], ...] = (
    ("keys", "partners:keys", _("API keys")),
    ("apps", "partners:apps", _("OAuth apps")),
    ("webhooks", "partners:webhooks", _("Webhooks")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the three lists."""

    url: str
    label: str | Promise
    is_current: bool
    count: int = 0


def show(
    request: HttpRequest, page: str, tab: str, facts: dict[str, object], *, status: int = 200
) -> HttpResponse:
    """Render a page of the API settings with its tabs."""
    tabs = [Tab(reverse(name), label, key == tab) for key, name, label in _TABS]
    shared = {"tab": "api", "section": "settings", "tabs": tabs}
    return render(request, f"partners/{page}.html", {**shared, **facts}, status=status)


def in_words(scopes: Collection[str]) -> list[str]:
    """Return what the scopes allow, in words."""
    return [str(SCOPES[scope]) for scope in scopes if scope in SCOPES]


def events_in_words(events: Collection[str]) -> list[str]:
    """Return what an endpoint hears, in words."""
    if EVERY_EVENT in events:
        return [str(_("Every event, also future kinds"))]
    return [str(PUBLIC_EVENTS[event]) for event in events if event in PUBLIC_EVENTS]
