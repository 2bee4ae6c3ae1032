"""What the portal asks of any carrier, whoever it is: the adapter contract.

Weights are whole grams, lengths whole millimetres, money whole minor units. An adapter keeps
nothing and decides nothing; what must happen once is the business of ``services.booking``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class CarrierError(Exception):
    """A call that did not do what was asked; ``detail`` is for people."""

    def __init__(self, detail: str, *, status: int = 0) -> None:
        """Keep the sentence and the HTTP status, 0 when no answer came."""
        super().__init__(detail)
        self.detail = detail
        self.status = status


class RefusedError(CarrierError):
    """The carrier understood and says no: asking again changes nothing."""


class UnavailableError(CarrierError):
    """The carrier certainly did nothing; ``retry_after_s`` is when to ask again, 0 if unsaid."""

    def __init__(self, detail: str, *, status: int = 0, retry_after_s: int = 0) -> None:
        """Keep the sentence, the status and the wait."""
        super().__init__(detail, status=status)
        self.retry_after_s = retry_after_s


class AnswerLostError(CarrierError):
    """Nobody knows what the carrier did: time-out, cut connection, a server error, a torn answer."""


@dataclass(frozen=True, slots=True)
class Party:
    """Sender or recipient; ``country`` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    city: str
    postal_code: str
    country: str
    region: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the declaration; ``value_minor`` is for all units."""

    description: str
    quantity: int
    value_minor: int
    currency: str
    hs_code: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One parcel; a length of 0 is not known."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """A shipment to book.

    ``reference`` is the portal's own key of the booking: a carrier that is asked twice with one
    reference books once, if it can. ``service`` is the carrier's code of what was chosen.
    """

    reference: str
    service: str
    sender: Party
    recipient: Party
    boxes: Sequence[Box]
    goods: Sequence[Goods] = ()
    incoterm: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """What an account may book."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one service for a request, and the days it takes."""

    service: str
    amount_minor: int
    currency: str
    days_min: int = 0
    days_max: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the carrier has it: one tracking number per box, in their order."""

    carrier_id: str
    reference: str
    tracking_numbers: Sequence[str]
    amount_minor: int
    currency: str
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """One event as the carrier tells it, in the carrier's own code."""

    tracking_number: str
    code: str
    occurred_at: datetime
    event_id: str = ""
    location: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The hand-over list of several bookings."""

    carrier_id: str
    document: bytes


@dataclass(frozen=True, slots=True)
class Pickup:
    """A collection that the carrier promised, in words as it gave them."""

    carrier_id: str
    window: str


class Operation(StrEnum):
    """The calls of the contract."""

    CHECK = "check"
    RATE = "rate"
    BOOK = "book"
    FIND = "find"
    LABEL = "label"
    VOID = "void"
    MANIFEST = "manifest"
    PICKUP = "pickup"
    TRACK = "track"


class Adapter(Protocol):
    """The calls; each raises ``RefusedError``, ``UnavailableError`` or ``AnswerLostError``."""

    def check(self) -> Sequence[Service]:
        """Return what the account may book; changes nothing."""

    def rate(self, request: BookingRequest) -> Sequence[Rate]:
        """Return the prices of a request; changes nothing."""

    def book(self, request: BookingRequest) -> Booked:
        """Book and pay; never ask again after ``AnswerLostError`` without ``find``."""

    def find(self, reference: str) -> Sequence[Booked]:
        """Return every booking of a reference, void ones too; changes nothing."""

    def label(self, carrier_id: str) -> bytes:
        """Return the labels of a booking as one PDF; changes nothing."""

    def void(self, carrier_id: str) -> None:
        """Cancel a booking; one that is void already stays so without an error."""

    def manifest(self, carrier_ids: Sequence[str]) -> Manifest:
        """Close bookings for one hand-over and return their list."""

    def pickup(self, sender: Party, day: date, boxes: int) -> Pickup:
        """Order a collection."""

    def track(self, tracking_number: str) -> Sequence[Scan]:
        """Return the events of a number, in any order; changes nothing."""
