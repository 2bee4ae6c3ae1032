"""Keys, apps and webhook endpoints, made by the services themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django_scopes import scope

from apps.common.clock import utc_now
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.partners import services
from apps.partners.models import ApiKey, WebhookEndpoint
from apps.partners.scopes import SCOPES

ACTOR = system_actor("tests")
_keys = count(1)


def make_key(merchant: Merchant, *, scopes: Collection[str] = tuple(SCOPES)) -> services.NewKey:
    """Return a key of the merchant with these scopes (all unless given)."""
    with scope(merchant=merchant):
        return services.create_key(
            merchant, name="Shopping app", scopes=scopes, actor=ACTOR, now=utc_now()
        )


def make_endpoint(
    merchant: Merchant,
    *,
    url: str = "https://203.0.113.7/hooks",
    events: Collection[str] = ("*",),
) -> tuple[WebhookEndpoint, str]:
    """Return a webhook endpoint and its signing secret."""
    with scope(merchant=merchant):
        return services.create_endpoint(
            merchant, url=url, events_wanted=events, actor=ACTOR, now=utc_now()
        )


@dataclass(frozen=True)
class Form:
    """A body of several parts, such as a file with fields."""

    parts: Mapping[str, object]


@dataclass
class ApiClient:
    """Calls the API with one key; unsafe calls get a fresh idempotency key unless one is given."""

    secret: str
    key: ApiKey | None = None
    client: Client = field(default_factory=Client)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        idempotency_key: str | None = "",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> HttpResponse:
        """Return the answer to one call under ``/api/v1``."""
        import msgspec

        sent: dict[str, Any] = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        if method != "GET" and idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key or f"test-{next(_keys)}"
        if isinstance(body, Form):
            for part in body.parts.values():
                if isinstance(part, UploadedFile):
                    part.seek(0)
            raw, content_type = encode_multipart(BOUNDARY, body.parts), MULTIPART_CONTENT
        data = raw if raw is not None else (b"" if body is None else msgspec.json.encode(body))
        if not data:
            content_type = ""
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type=content_type, headers=sent
        )


def api_client(merchant: Merchant, *, scopes: Collection[str] = tuple(SCOPES)) -> ApiClient:
    """Return a client with a new key of the merchant."""
    made = make_key(merchant, scopes=scopes)
    return ApiClient(made.secret, made.key)
