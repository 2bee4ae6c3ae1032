"""The person's own language and time zone on every page, and when they were last seen."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin
from redis.exceptions import RedisError

LANGUAGE_COOKIE = settings.LANGUAGE_COOKIE_NAME
SEEN_EVERY_S = 60
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


class SeenMiddleware:
    """Keep when and where from a session was last seen, at most once a minute.

    The toolkit's own middleware writes a row with every page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note the session if it is time, then answer."""
        if request.session.session_key and request.user.is_authenticated and _is_due(request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _is_due(request: HttpRequest) -> bool:
    parts = (
        request.session.session_key or "",
        request.META.get("REMOTE_ADDR", ""),
        request.headers.get("User-Agent", ""),
    )
    mark = salted_hmac("accounts.seen", "|".join(parts), algorithm="sha256").hexdigest()
    try:
        return bool(cache.add(f"seen:{mark}", 1, SEEN_EVERY_S))
    except (RedisError, OSError):  # without the cache every page is noted
        return True


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
