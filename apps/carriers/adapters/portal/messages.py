"""Messages of the portal carrier protocol: what is sent, and what an answer must look like."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from apps.carriers.contract import AnswerLostError, Booked, BookingRequest, Party

T = TypeVar("T")
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Number = Annotated[str, msgspec.Meta(min_length=4, max_length=40)]
Minor = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]


class ServiceAnswer(msgspec.Struct):
    """One service of an account."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class AccountAnswer(msgspec.Struct):
    """``GET /v1/account``."""

    services: Annotated[list[ServiceAnswer], msgspec.Meta(max_length=200)]


class RateAnswer(msgspec.Struct):
    """One price."""

    service: str
    amount_minor: Minor
    currency: Currency
    days_min: Days = 0
    days_max: Days = 0


class RatesAnswer(msgspec.Struct):
    """``POST /v1/rates``."""

    rates: Annotated[list[RateAnswer], msgspec.Meta(max_length=200)]


class BookingAnswer(msgspec.Struct):
    """``POST /v1/bookings`` and each of ``GET /v1/bookings``."""

    id: Id
    reference: str
    tracking_numbers: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=200)]
    amount_minor: Minor
    currency: Currency
    status: str = "booked"

    def booked(self) -> Booked:
        """Return it in the words of the contract."""
        return Booked(
            carrier_id=self.id,
            reference=self.reference,
            tracking_numbers=tuple(self.tracking_numbers),
            amount_minor=self.amount_minor,
            currency=self.currency,
            is_void=self.status == "void",
        )


class BookingsAnswer(msgspec.Struct):
    """``GET /v1/bookings?reference=``."""

    bookings: Annotated[list[BookingAnswer], msgspec.Meta(max_length=100)]


class DocumentAnswer(msgspec.Struct):
    """A PDF in base64, with the carrier's id of it where it has one."""

    content: str
    id: str = ""

    def document(self) -> bytes:
        """Return the PDF; raises ``AnswerLostError`` for anything else."""
        try:
            content = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise AnswerLostError("The document is not base64") from error
        if not content.startswith(b"%PDF-"):
            raise AnswerLostError("The document is not a PDF")
        return content


class PickupAnswer(msgspec.Struct):
    """``POST /v1/pickups``."""

    id: Id
    window: Annotated[str, msgspec.Meta(max_length=120)]


class ScanAnswer(msgspec.Struct):
    """One event of a parcel; the time has a zone."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    id: Annotated[str, msgspec.Meta(max_length=80)] = ""
    location: str = ""
    description: str = ""


class TrackingAnswer(msgspec.Struct):
    """``GET /v1/tracking?number=``."""

    events: Annotated[list[ScanAnswer], msgspec.Meta(max_length=1000)]


class ErrorAnswer(msgspec.Struct):
    """Any answer from 400 on."""

    detail: str = ""


def read(kind: type[T], body: bytes) -> T:
    """Return the answer; raises ``AnswerLostError`` for a torn or strange one, never acts on half."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise AnswerLostError(f"The answer is not understood: {error}") from error


def read_error(body: bytes) -> str:
    """Return the sentence of an error answer, or nothing."""
    try:
        return msgspec.json.decode(body, type=ErrorAnswer).detail[:300]
    except (msgspec.ValidationError, msgspec.DecodeError):
        return ""


def write(message: object) -> bytes:
    """Return a message as JSON."""
    return msgspec.json.encode(message)


def party(value: Party) -> dict[str, Any]:
    """Return a party without what is empty."""
    return {name: text for name, text in asdict(value).items() if text}


def booking(request: BookingRequest) -> dict[str, Any]:
    """Return the body of a booking or a rate request."""
    return {
        "reference": request.reference,
        "service": request.service,
        "sender": party(request.sender),
        "recipient": party(request.recipient),
        "parcels": [asdict(box) for box in request.boxes],
        "goods": [asdict(line) for line in request.goods],
        "incoterm": request.incoterm,
    }
