"""Request id, and domain errors turned into pages at the web's edge."""

from __future__ import annotations

import re
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from apps.common.errors import DomainError
from apps.common.ids import new_ulid

request_id: ContextVar[str] = ContextVar("request_id", default="")
_INCOMING = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class RequestIdMiddleware(MiddlewareMixin):
    """Give each request an id, taken from ``X-Request-ID`` when it is well formed."""

    def process_request(self, request: HttpRequest) -> None:
        """Set the id for logs and journal entries."""
        given = request.headers.get("X-Request-ID", "")
        request_id.set(given if _INCOMING.match(given) else new_ulid())

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Name the id in the answer."""
        response.headers["X-Request-ID"] = request_id.get()
        return response


class DomainErrorMiddleware(MiddlewareMixin):
    """Show a page with the sentence of a ``DomainError`` that a view let through."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the error page, or nothing for other exceptions."""
        if not isinstance(error, DomainError):
            return None
        response = render(request, "common/refused.html", {"error": error}, status=error.status)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
