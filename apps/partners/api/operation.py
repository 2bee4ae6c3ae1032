"""One declaration per API call: scope, input, answers – read by the view, the schema and the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse

from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.partners.grants import Grant

if TYPE_CHECKING:
    from apps.partners.api.base import PartnerRequest, PartnerView

JSON = "application/json"
PDF = "application/pdf"
CSV_TYPE = "text/csv; charset=utf-8"
FORM = "multipart/form-data"


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No input."""


Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)
V = TypeVar("V", bound="PartnerView")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One checked call: who, for whom, when, what it asks for, and the file it brings."""

    grant: Grant
    now: datetime
    query: Q
    body: B
    path: Mapping[str, str]
    file: UploadedFile[bytes] | None = None

    @property
    def merchant(self) -> Merchant:
        """The tenant."""
        return self.grant.merchant

    @property
    def actor(self) -> Actor:
        """The doer."""
        return self.grant.actor


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returns: a struct for JSON, or bytes of another kind."""

    content: msgspec.Struct | bytes | None
    status: int = 200
    content_type: str = JSON
    is_secret: bool = False

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        if self.content is None:
            return b""
        return self.content if isinstance(self.content, bytes) else encode(self.content)


@dataclass(frozen=True, slots=True)
class Operation:
    """The declaration of one call."""

    name: str
    scope: str
    summary: str
    description: str
    tag: str
    query: type[msgspec.Struct]
    body: type[msgspec.Struct]
    answers: Mapping[int, type[msgspec.Struct] | str | None]
    errors: tuple[int, ...]
    takes_file: bool
    before: Callable[..., None] | None = field(repr=False)
    decoder: msgspec.json.Decoder[msgspec.Struct] = field(repr=False)

    @property
    def takes_body(self) -> bool:
        """Whether the call has a body."""
        return self.body is not Nothing


_encoder = msgspec.json.Encoder()


def encode(value: msgspec.Struct) -> bytes:
    """Return the JSON of an answer."""
    return _encoder.encode(value)


Door = Callable[..., HttpResponse]


def operation(
    name: str,
    *,
    scope: str = "",
    query: type[msgspec.Struct] = Nothing,
    body: type[msgspec.Struct] = Nothing,
    answers: Mapping[int, type[msgspec.Struct] | str | None],
    errors: tuple[int, ...] = (),
    takes_file: bool = False,
    before: Callable[..., None] | None = None,
) -> Callable[[Callable[[V, Call[Q, B]], Answer]], Door]:
    """Make a method of a ``PartnerView`` an API call.

    ``name`` is the operation id (``orders.list``; its first part is the tag), ``answers`` maps a
    status to a struct, a media type, or nothing, ``errors`` adds statuses of errors to those every
    call has. With ``takes_file`` the body comes as a form with one part ``file``. ``before`` checks
    the body outside the transaction: whatever may wait for others belongs there. The docstring's
    first line is the summary, the rest the description.
    """

    def declare(handler: Callable[[V, Call[Q, B]], Answer]) -> Door:
        summary, _gap, description = (handler.__doc__ or "").strip().partition("\n")
        declared = Operation(
            name=name,
            scope=scope,
            summary=summary.rstrip("."),
            description=" ".join(description.split()),
            tag=name.split(".")[0],
            query=query,
            body=body,
            answers=answers,
            errors=errors,
            takes_file=takes_file,
            before=before,
            decoder=msgspec.json.Decoder(body),
        )

        @wraps(handler)
        def door(view: V, request: PartnerRequest, **path: str) -> HttpResponse:
            return view.perform(declared, handler, request, path)

        door.operation = declared  # type: ignore[attr-defined]
        return door

    return declare


def operation_of(method: object) -> Operation | None:
    """Return the declaration of a view's method, if it is an API call."""
    found: Operation | None = getattr(method, "operation", None)
    return found
