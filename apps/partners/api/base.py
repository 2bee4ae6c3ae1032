"""The view every API call runs in: scope of the tenant, input, idempotency, headers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext as _
from django_scopes import scope as open_scope
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.common.clock import utc_now
from apps.common.db import retry_transaction
from apps.common.idempotency import Keyed, StoredAnswer, answer_once, clean_key, fingerprint
from apps.partners.api.input import read_json, read_query
from apps.partners.api.operation import JSON, Answer, Call, Nothing, Operation, operation_of
from apps.partners.errors import TooLargeError
from apps.partners.grants import Grant
from apps.partners.throttling import Rate

PartnerRequest = Request
SAFE = {"GET", "HEAD"}
REPLAYED = "Idempotent-Replayed"


class AnyAccept(BaseContentNegotiation):
    """Answers JSON whatever ``Accept`` says; each call has exactly one media type."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser:
        """Return the only parser."""
        parser: BaseParser = parsers[0]
        return parser

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type


class PartnerView(APIView):
    """Base of all API calls; its methods are declared with ``operation``."""

    content_negotiation_class = AnyAccept
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    rate: Rate | None = None

    @property
    def required_scope(self) -> str:
        """The scope of the call under way; empty if any grant will do."""
        declared = self._declared(self.request.method or "")
        return declared.scope if declared is not None else ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer inside the scope of the caller's merchant, rendering included."""
        with ExitStack() as self._opened:
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a wrong method first, then identify the caller and open its tenant's scope."""
        if self._declared(request.method or "") is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        self._opened.enter_context(open_scope(merchant=grant_of(request).merchant))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the rate headers to every answer, also to refusals."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.rate.headers() if self.rate is not None else {}).items():
            answer.headers[name] = value
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def perform(
        self,
        declared: Operation,
        handler: Callable[[Any, Call[Any, Any]], Answer],
        request: Request,
        path: Mapping[str, str],
    ) -> HttpResponse:
        """Check the input and run the call, once per key if it changes something."""
        query = read_query(request.query_params, declared.query)
        if request.method in SAFE:
            read = Call(grant_of(request), utc_now(), query, Nothing(), path)
            return _read_answer(request, handler(self, read))
        key = clean_key(request.META.get("HTTP_IDEMPOTENCY_KEY"))
        raw = _read_body(request, declared)
        body = read_json(declared.decoder, raw)
        if declared.before is not None:
            declared.before(body)
        call = Call(grant_of(request), utc_now(), query, body, path)
        mark = fingerprint(request.method or "", request.get_full_path(), raw)
        keyed = Keyed(f"api:{call.merchant.public_id}", key, mark)
        answer = self.answer(call, keyed, lambda: stored_answer(handler(self, call)))
        response = HttpResponse(answer.body, status=answer.status, content_type=JSON)
        if answer.replayed:
            response.headers[REPLAYED] = "true"
        return response

    def answer(
        self, call: Call[Any, Any], keyed: Keyed, effect: Callable[[], StoredAnswer]
    ) -> StoredAnswer:
        """Run ``effect`` once for the key; the view of a hot path may answer many calls together."""
        return retry_transaction(answer_once)(
            scope=keyed.scope, key=keyed.key, fingerprint=keyed.fingerprint, effect=effect
        )

    def _declared(self, method: str) -> Operation | None:
        name = "get" if method == "HEAD" else method.lower()
        return operation_of(getattr(self, name, None)) if name in self.http_method_names else None


def stored_answer(answer: Answer) -> StoredAnswer:
    """Return an answer as it is kept for repeats."""
    return StoredAnswer(answer.status, answer.body.decode())


def grant_of(request: Request) -> Grant:
    """Return what the caller's key or token grants."""
    grant: Grant = request.auth  # type: ignore[assignment]
    return grant


def _read_answer(request: Request, answer: Answer) -> HttpResponse:
    body = answer.body
    response = HttpResponse(body, status=answer.status, content_type=answer.content_type)
    if answer.is_secret:
        return response
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _read_body(request: Request, declared: Operation) -> bytes:
    """Return the body; 413 for one that is too large, 415 for one that is not JSON."""
    limit: int = settings.PARTNER_BODY_LIMIT
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise TooLargeError(_("The body is larger than %(limit)s bytes.") % {"limit": limit})
    raw: bytes = request._request.body  # noqa: SLF001 - the framework would parse it a second time
    if not raw and not declared.takes_body:
        return b"{}"
    kind = (request.META.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise exceptions.UnsupportedMediaType(kind or "nothing")
    return raw
