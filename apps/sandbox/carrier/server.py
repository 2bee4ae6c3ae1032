"""The carrier's web server: the portal carrier protocol, and ``/_sim/`` to see and steer it."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from apps.sandbox.carrier.book import SERVICES, Book
from apps.sandbox.carrier.faults import Faults
from apps.sandbox.carrier.papers import draw_label, draw_manifest

_MAX_BYTES = 1_000_000


class _NoError(Exception):
    """A request that is answered with an error of the protocol."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass
class Carrier:
    """Everything a running carrier has."""

    secret: str
    book: Book = field(default_factory=Book)
    faults: Faults = field(default_factory=Faults)

    def handle(self, operation: str, message: dict[str, Any], ident: str) -> dict[str, Any]:
        """Do one call of the protocol and return its answer."""
        acts: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
            "check": self._check,
            "rate": self._rate,
            "book": self._book,
            "find": self._find,
            "label": self._label,
            "void": self._void,
            "manifest": self._manifest,
            "pickup": self._pickup,
            "track": self._track,
        }
        return acts[operation](message, ident)

    def _check(self, _message: dict[str, Any], _ident: str) -> dict[str, Any]:
        return {"services": [{"code": code, "name": name} for code, name in SERVICES.items()]}

    def _rate(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        return {"rates": self.book.rates(_weights(message))}

    def _book(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        weights = _weights(message)
        if message.get("service") not in SERVICES:
            raise _NoError(422, "This service does not exist")
        recipient = message.get("recipient") or {}
        if not recipient.get("street"):
            raise _NoError(422, "The recipient has no street")
        shown = ", ".join(str(recipient.get(name, "")) for name in ("name", "street", "city"))
        entry = self.book.add(str(message["reference"]), message["service"], weights, shown)
        return entry.told()

    def _find(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        return {"bookings": [item.told() for item in self.book.of(message.get("reference", ""))]}

    def _label(self, _message: dict[str, Any], ident: str) -> dict[str, Any]:
        entry = self.book.entries.get(ident)
        if entry is None:
            raise _NoError(404, "This booking does not exist")
        return {"content": _base64(draw_label(entry.tracking_numbers, entry.recipient))}

    def _void(self, _message: dict[str, Any], ident: str) -> dict[str, Any]:
        if self.book.void(ident) is None:
            raise _NoError(404, "This booking does not exist")
        return {"status": "void"}

    def _manifest(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        entries = [self.book.entries.get(ident) for ident in message.get("bookings", [])]
        numbers = [number for entry in entries if entry for number in entry.tracking_numbers]
        if None in entries or not numbers:
            raise _NoError(422, "Give bookings that exist")
        return {"id": f"man-{numbers[0]}", "content": _base64(draw_manifest(numbers))}

    def _pickup(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        return {"id": f"pick-{message['day']}", "window": f"{message['day']} 14:00-18:00"}

    def _track(self, message: dict[str, Any], _ident: str) -> dict[str, Any]:
        events = self.book.events(message.get("number", ""))
        if events is None:
            raise _NoError(404, "This number does not exist")
        # Late ones first and one twice: what carriers really send.
        return {"events": [*reversed(events), events[0]]}


def _weights(message: dict[str, Any]) -> list[int]:
    weights = [int(item["weight_g"]) for item in message.get("parcels", [])]
    if not weights or min(weights) <= 0:
        raise _NoError(422, "Every parcel needs a weight in grams")
    return weights


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"

    def __init__(self, carrier: Carrier, *args: Any, **kwargs: Any) -> None:
        self._carrier = carrier
        super().__init__(*args, **kwargs)

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve("POST")

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, _MAX_BYTES)) if length else b""
        try:
            message = json.loads(raw) if raw else {}
        except ValueError:
            self._reply(400, {"detail": "The body is not JSON"})
            return
        if parts.path.startswith("/_sim/"):
            self._steer(parts.path, message)
            return
        message |= {name: values[0] for name, values in parse_qs(parts.query).items()}
        operation, ident = _route(method, parts.path)
        if not operation:
            self._reply(404, {"detail": "There is nothing at this address"})
        elif self.headers.get("Authorization") != f"Bearer {self._carrier.secret}":
            self._reply(401, {"detail": "The key is not known"})
        else:
            self._act(operation, message, ident)

    def _act(self, operation: str, message: dict[str, Any], ident: str) -> None:
        fault = self._carrier.faults.take(operation)
        if fault == "error":
            self._reply(500, {"detail": "Something broke"})
            return
        if fault == "busy":
            self._reply(503, {"detail": "Come back later"}, {"Retry-After": "1"})
            return
        try:
            answer = self._carrier.handle(operation, message, ident)
            if fault == "twice":
                was, self._carrier.book.is_forgetful = self._carrier.book.is_forgetful, True
                self._carrier.handle(operation, message, ident)
                self._carrier.book.is_forgetful = was
        except _NoError as error:
            self._reply(error.status, {"detail": str(error)})
            return
        except (KeyError, TypeError, ValueError) as error:
            self._reply(422, {"detail": f"The request is not understood: {error}"})
            return
        self._finish(fault, answer)

    def _finish(self, fault: str, answer: dict[str, Any]) -> None:
        if fault == "slow":
            time.sleep(self._carrier.faults.slow_s)
        if fault == "lost":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "error_after":
            self._reply(500, {"detail": "Something broke"})
        elif fault == "garbage":
            self._reply(200, b'{"id": "sim-')
        else:
            self._reply(200, answer)

    def _steer(self, path: str, message: dict[str, Any]) -> None:
        carrier = self._carrier
        if path == "/_sim/faults":
            try:
                carrier.faults.plan(
                    message["operation"], message["kind"], int(message.get("times", 1))
                )
            except (KeyError, ValueError) as error:
                self._reply(422, {"detail": str(error)})
                return
            self._reply(200, {"planned": carrier.faults.planned})
        elif path == "/_sim/bookings":
            self._reply(200, {"bookings": [item.told() for item in carrier.book.entries.values()]})
        else:
            self._reply(404, {"detail": "There is nothing at this address"})

    def _reply(
        self, status: int, body: dict[str, Any] | bytes, more: dict[str, str] | None = None
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        # Whoever asked may have given up waiting.
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


_FIXED = {
    ("GET", "/v1/account"): "check",
    ("POST", "/v1/rates"): "rate",
    ("POST", "/v1/bookings"): "book",
    ("GET", "/v1/bookings"): "find",
    ("POST", "/v1/manifests"): "manifest",
    ("POST", "/v1/pickups"): "pickup",
    ("GET", "/v1/tracking"): "track",
}
_OF_BOOKING = {("GET", "label"): "label", ("POST", "void"): "void"}


def _route(method: str, path: str) -> tuple[str, str]:
    """Return the operation of an address and the id in it; empty when there is none."""
    if (method, path) in _FIXED:
        return _FIXED[method, path], ""
    pieces = path.strip("/").split("/")
    if len(pieces) == 4 and pieces[:2] == ["v1", "bookings"]:
        return _OF_BOOKING.get((method, pieces[3]), ""), pieces[2]
    return "", ""


def serve(carrier: Carrier, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that is bound and ready for ``serve_forever``; port 0 takes a free one."""
    server = ThreadingHTTPServer((host, port), partial(_Handler, carrier))
    server.daemon_threads = True
    return server
