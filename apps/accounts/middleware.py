"""The person's own language and time zone, on every page."""

from __future__ import annotations

import zoneinfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

LANGUAGE_COOKIE = settings.LANGUAGE_COOKIE_NAME
_SUPPORTED = {code for code, _name in settings.LANGUAGES}


class PreferencesMiddleware(MiddlewareMixin):
    """Activate the profile's language and zone, or the browser's for a stranger."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose language and zone for this request."""
        if request.path_info.startswith("/api/"):
            translation.activate("en")
            return
        user = request.user
        own = user.language if user.is_authenticated else ""
        cookie = request.COOKIES.get(LANGUAGE_COOKIE, "")
        chosen = next(
            (code for code in (own, cookie) if code in _SUPPORTED),
            translation.get_language_from_request(request),
        )
        translation.activate(chosen)
        request.LANGUAGE_CODE = translation.get_language() or "en"
        timezone.activate(_zone(user.time_zone if user.is_authenticated else "UTC"))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Say which language the page has."""
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        timezone.deactivate()
        return response


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
