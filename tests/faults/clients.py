"""Shopping apps that send orders, repeat on purpose, and insist until they get an answer."""

from __future__ import annotations

import http.client
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread

REFUSED_FOR_GOOD = {409, 422}
PATIENCE_S = 120.0


@dataclass(slots=True)
class Ledger:
    """What the clients know: accepted keys with the order's id, refused keys, and keys never answered."""

    accepted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    contradictions: list[str] = field(default_factory=list)
    attempts: int = 0
    replays: int = 0
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class Shop:
    """Where orders go and what there is to buy."""

    port: int
    token: str
    skus: tuple[str, ...]
    make_body: Callable[[str, list[tuple[str, int]]], dict[str, object]]


class Client(Thread):
    """One shopping app: an order about every ``pause_s`` seconds until ``ends_at``."""

    def __init__(
        self, number: int, shop: Shop, ledger: Ledger, *, seed: int, pause_s: float, ends_at: float
    ) -> None:
        """Prepare the thread."""
        super().__init__(daemon=True)
        self._shop = shop
        self._ledger = ledger
        self._chance = random.Random(seed * 1000 + number)
        self._pause_s = pause_s
        self._ends_at = ends_at

    def run(self) -> None:
        """Send orders."""
        while time.monotonic() < self._ends_at:
            began = time.monotonic()
            self._order()
            time.sleep(max(0.0, self._pause_s - (time.monotonic() - began)))

    def _order(self) -> None:
        key = str(uuid.UUID(int=self._chance.getrandbits(128)))
        count = self._chance.randint(1, 4)
        lines = [
            (sku, self._chance.randint(1, 3)) for sku in self._chance.sample(self._shop.skus, count)
        ]
        body = json.dumps(self._shop.make_body(key, lines)).encode()
        answer = self._insist(key, body)
        if answer is not None and self._chance.random() < 0.1:
            repeat = self._insist(key, body)
            if repeat is not None and repeat != answer:
                self._ledger.contradictions.append(f"{key}: {answer} then {repeat}")
        self._note(key, answer)

    def _insist(self, key: str, body: bytes) -> tuple[int, bytes] | None:
        gives_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < gives_up:
            try:
                status, answer = self._post(key, body)
            except (OSError, http.client.HTTPException):
                status, answer = 0, b""
            still_running = status == 409 and b"still_running" in answer
            if status == 201 or (status in REFUSED_FOR_GOOD and not still_running):
                return status, answer
            time.sleep(0.1 + self._chance.random() * 0.4)
        return None

    def _post(self, key: str, body: bytes) -> tuple[int, bytes]:
        self._ledger.attempts += 1
        link = http.client.HTTPConnection("127.0.0.1", self._shop.port, timeout=15)
        headers = {
            "Authorization": f"Bearer {self._shop.token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        try:
            link.request("POST", "/api/v1/orders", body, headers)
            answer = link.getresponse()
            if answer.getheader("Idempotent-Replayed"):
                self._ledger.replays += 1
            return answer.status, answer.read()
        finally:
            link.close()

    def _note(self, key: str, answer: tuple[int, bytes] | None) -> None:
        with self._ledger.lock:
            if answer is None:
                self._ledger.unknown.add(key)
            elif answer[0] == 201:
                self._ledger.accepted[key] = json.loads(answer[1])["id"]
            else:
                self._ledger.refused[key] = answer[1].decode(errors="replace")[:300]
