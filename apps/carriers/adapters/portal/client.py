"""The only place that speaks the portal carrier protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote, urlencode

from apps.carriers.adapters.portal import messages
from apps.carriers.contract import (
    AnswerLostError,
    Booked,
    BookingRequest,
    Manifest,
    Party,
    Pickup,
    Rate,
    RefusedError,
    Scan,
    Service,
    UnavailableError,
)
from apps.common.http import Answer, OutboundError, exchange

# The whole of one call, to the last byte; leases of bookings are longer.
TOTAL_S = 15.0
_MAX_BYTES = 8_000_000
_AGENT = "Portside-Carriers/1"


class PortalAdapter:
    """A carrier at ``url`` that knows the portal by ``secret``."""

    def __init__(self, url: str, secret: str, *, timeout_s: float = TOTAL_S) -> None:
        """Keep address, secret and the longest time of a call."""
        self._url = url.rstrip("/")
        self._secret = secret
        self._timeout_s = timeout_s

    def check(self) -> Sequence[Service]:
        """Return what the account may book."""
        answer = messages.read(messages.AccountAnswer, self._get("/v1/account"))
        return [Service(item.code, item.name) for item in answer.services]

    def rate(self, request: BookingRequest) -> Sequence[Rate]:
        """Return the prices of a request."""
        body = self._post("/v1/rates", messages.booking(request))
        answer = messages.read(messages.RatesAnswer, body)
        return [
            Rate(item.service, item.amount_minor, item.currency, item.days_min, item.days_max)
            for item in answer.rates
        ]

    def book(self, request: BookingRequest) -> Booked:
        """Book; the reference is also the key under which a repeat is the same booking."""
        headers = {"Idempotency-Key": request.reference}
        body = self._post("/v1/bookings", messages.booking(request), headers)
        booked = messages.read(messages.BookingAnswer, body).booked()
        if booked.reference != request.reference:
            raise AnswerLostError("The answer is about another booking")
        if len(booked.tracking_numbers) != len(request.boxes):
            raise AnswerLostError("The answer has another number of parcels")
        return booked

    def find(self, reference: str) -> Sequence[Booked]:
        """Return every booking of a reference; others that the carrier sends along are left out."""
        body = self._get("/v1/bookings?" + urlencode({"reference": reference}))
        answer = messages.read(messages.BookingsAnswer, body)
        found = [item.booked() for item in answer.bookings]
        return [item for item in found if item.reference == reference]

    def label(self, carrier_id: str) -> bytes:
        """Return the labels of a booking."""
        body = self._get(f"/v1/bookings/{quote(carrier_id, safe='')}/label")
        return messages.read(messages.DocumentAnswer, body).document()

    def void(self, carrier_id: str) -> None:
        """Cancel a booking."""
        self._post(f"/v1/bookings/{quote(carrier_id, safe='')}/void", {})

    def manifest(self, carrier_ids: Sequence[str]) -> Manifest:
        """Close bookings for one hand-over."""
        body = self._post("/v1/manifests", {"bookings": [*carrier_ids]})
        answer = messages.read(messages.DocumentAnswer, body)
        return Manifest(answer.id, answer.document())

    def pickup(self, sender: Party, day: date, boxes: int) -> Pickup:
        """Order a collection."""
        wish = {"sender": messages.party(sender), "day": day.isoformat(), "parcels": boxes}
        answer = messages.read(messages.PickupAnswer, self._post("/v1/pickups", wish))
        return Pickup(answer.id, answer.window)

    def track(self, tracking_number: str) -> Sequence[Scan]:
        """Return the events of a number."""
        body = self._get("/v1/tracking?" + urlencode({"number": tracking_number}))
        answer = messages.read(messages.TrackingAnswer, body)
        return [
            Scan(
                tracking_number=tracking_number,
                code=item.code,
                occurred_at=item.occurred_at,
                event_id=item.id,
                location=item.location,
                description=item.description,
            )
            for item in answer.events
        ]

    def _get(self, path: str) -> bytes:
        return self._ask("GET", path, None, {})

    def _post(self, path: str, message: object, headers: Mapping[str, str] | None = None) -> bytes:
        return self._ask("POST", path, messages.write(message), headers or {})

    def _ask(self, method: str, path: str, body: bytes | None, more: Mapping[str, str]) -> bytes:
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._secret}",
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            **more,
        }
        try:
            answer = exchange(
                method,
                self._url + path,
                headers=headers,
                body=body,
                max_bytes=_MAX_BYTES,
                timeout_s=self._timeout_s,
            )
        except OutboundError as error:
            if error.is_sent:
                raise AnswerLostError(str(error)) from error
            raise UnavailableError(str(error)) from error
        return _judge(answer)


def _judge(answer: Answer) -> bytes:
    """Return the body of a success, and raise what any other status means.

    429 and 503 mean that nothing was done (RFC 9110 §15.6.4, RFC 6585 §4); after any other 5xx the
    carrier may have acted.
    """
    status = answer.status
    if status in {200, 201}:
        return answer.body
    sentence = messages.read_error(answer.body) or f"The carrier answered HTTP {status}"
    if status in {429, 503}:
        asked = answer.headers.get("retry-after", "")
        wait = min(int(asked), 86_400) if asked.isascii() and asked.isdigit() else 0
        raise UnavailableError(sentence, status=status, retry_after_s=wait)
    if 400 <= status < 500 and status != 408:
        raise RefusedError(sentence, status=status)
    raise AnswerLostError(sentence, status=status)
