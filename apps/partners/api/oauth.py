"""The OAuth2 token endpoint: client credentials only (RFC 6749 section 4.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django_scopes import scopes_disabled
from oauth2_provider import views

from apps.partners.throttling import use_token_endpoint


class _Guarded:
    """Counts calls per address, and reads apps outside any tenant: the client is not known yet."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 429 beyond the limit, else let the toolkit answer."""
        rate = use_token_endpoint(request)
        if rate.used > rate.limit:
            refused = JsonResponse(
                {"error": "slow_down", "error_description": "Too many token requests"}, status=429
            )
            refused.headers["Retry-After"] = str(rate.resets_in_s)
            return refused
        with scopes_disabled():
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        answer.headers["Cache-Control"] = "no-store"
        return answer


class TokenView(_Guarded, views.TokenView):  # type: ignore[misc]
    """Issue an access token for an app's id and secret; it lives for an hour."""


class RevokeView(_Guarded, views.RevokeTokenView):  # type: ignore[misc]
    """End an access token before its time (RFC 7009)."""
