"""What the carrier has in its books; every method is one atomic step."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.carriers.recognition import check_digits

SERVICES = {"standard": "Standard tracked", "express": "Express tracked"}
# Per parcel and per started 500 g, in minor units of CNY.
_PRICES = {"standard": (1800, 2200), "express": (3900, 4100)}
_DAYS = {"standard": (8, 14), "express": (3, 6)}
_JOURNEY = ("label_created", "picked_up", "in_transit", "out_for_delivery", "delivered")
_STEP = timedelta(hours=9)


@dataclass
class Entry:
    """One booking in the carrier's books."""

    id: str
    reference: str
    service: str
    tracking_numbers: list[str]
    amount_minor: int
    recipient: str
    booked_at: datetime
    currency: str = "CNY"
    status: str = "booked"

    def told(self) -> dict[str, Any]:
        """Return what the protocol says of it."""
        facts = asdict(self)
        del facts["recipient"], facts["booked_at"]
        return facts


@dataclass
class Book:
    """The carrier's books. With ``is_forgetful`` a reference asked twice is booked twice."""

    is_forgetful: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _serial: int = 10_000_000

    def price(self, service: str, weights_g: Sequence[int]) -> int:
        """Return the price of a service in minor units of CNY; ``KeyError`` for an unknown one."""
        each, per_step = _PRICES[service]
        return sum(each + per_step * -(-weight // 500) for weight in weights_g)

    def rates(self, weights_g: Sequence[int]) -> list[dict[str, Any]]:
        """Return all prices."""
        return [
            {
                "service": code,
                "amount_minor": self.price(code, weights_g),
                "currency": "CNY",
                "days_min": _DAYS[code][0],
                "days_max": _DAYS[code][1],
            }
            for code in SERVICES
        ]

    def add(self, reference: str, service: str, weights_g: Sequence[int], recipient: str) -> Entry:
        """Book, or return the booking that a reference has."""
        amount = self.price(service, weights_g)
        with self._lock:
            known = [item for item in self.entries.values() if item.reference == reference]
            if known and not self.is_forgetful:
                return known[0]
            numbers = []
            for _weight in weights_g:
                self._serial += 1
                numbers.append(f"SM{self._serial:08d}{check_digits.s10(f'{self._serial:08d}')}CN")
            entry = Entry(
                id=f"sim-{len(self.entries) + 1}",
                reference=reference,
                service=service,
                tracking_numbers=numbers,
                amount_minor=amount,
                recipient=recipient,
                booked_at=datetime.now(UTC),
            )
            self.entries[entry.id] = entry
            return entry

    def of(self, reference: str) -> list[Entry]:
        """Return all bookings of a reference, void ones too."""
        with self._lock:
            return [item for item in self.entries.values() if item.reference == reference]

    def void(self, ident: str) -> Entry | None:
        """Void a booking; nothing for an unknown one."""
        with self._lock:
            entry = self.entries.get(ident)
            if entry is not None:
                entry.status = "void"
            return entry

    def events(self, number: str) -> list[Mapping[str, Any]] | None:
        """Return the journey of a number as far as it is planned; nothing for an unknown one."""
        with self._lock:
            found = [item for item in self.entries.values() if number in item.tracking_numbers]
        if not found:
            return None
        start = found[0].booked_at
        return [
            {
                "id": f"{number}-{place}",
                "code": code,
                "occurred_at": (start + place * _STEP).isoformat(),
                "location": "",
            }
            for place, code in enumerate(_JOURNEY)
        ]
