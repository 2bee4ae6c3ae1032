"""Every error of the API in one shape: type, and a list of code, detail and attr."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework import exceptions
from rest_framework.response import Response

from apps.common.errors import DomainError
from apps.orders.services.pricing import PriceChangedError
from apps.partners.api.explained import price_change_view

BUSY_S = 2


class Refusal(exceptions.APIException):
    """A ``DomainError`` as the API framework's error."""

    def __init__(self, error: DomainError) -> None:
        """Take over status, code and sentence."""
        super().__init__(error.message, error.code)
        self.status_code = error.status
        self.wait = error.retry_after


class InvalidRefusal(exceptions.ValidationError):
    """A ``DomainError`` that names fields, as a validation error with its own status."""

    def __init__(self, error: DomainError) -> None:
        """Take over the status and one error per field."""
        super().__init__(
            {
                path: [exceptions.ErrorDetail(text, error.code)]
                for path, text in error.fields.items()
            }
        )
        self.status_code = error.status
        self.wait = error.retry_after


class TooLargeError(exceptions.APIException):
    """The body is larger than we read (413)."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = "The body is too large. Send less at once."


class Handler(ExceptionHandler):
    """Turns what the business code and the database raise into the one shape."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Return the API error for an exception we know."""
        if isinstance(exc, DomainError):
            return InvalidRefusal(exc) if exc.fields else Refusal(exc)
        if isinstance(exc, ObjectDoesNotExist):
            return exceptions.NotFound()
        if isinstance(exc, RequestDataTooBig):
            return TooLargeError()
        if isinstance(exc, IntegrityError):
            sentence = _("Somebody else changed the same thing at the same moment. Try again.")
            return Refusal(DomainError("conflict", sentence, retry_after=1))
        if isinstance(exc, OperationalError | InterfaceError):
            sentence = _("The service is busy. Try again in a moment.")
            return Refusal(DomainError("unavailable", sentence, status=503, retry_after=BUSY_S))
        known: Exception = super().convert_known_exceptions(exc)
        return known


def exception_handler(error: Exception, context: ExceptionHandlerContext) -> Response | None:
    """Answer an exception that a view raised; the entry named in the settings."""
    answer: Response | None = Handler(error, context).run()
    if answer is not None and isinstance(error, PriceChangedError):
        answer.data["price"] = msgspec.to_builtins(price_change_view(error))
    return answer


def error_response(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return an error in the API's shape for places outside its views."""
    kind = "server_error" if status >= 500 else "client_error"
    body = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}
    return HttpResponse(
        json.dumps(body),
        status=status,
        content_type="application/json",
        headers=dict(headers or {}),
    )
