"""The only way out of the portal: time-outs, no private addresses, permanent versus passing errors."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings


class OutboundError(Exception):
    """A call that failed; ``permanent`` says that trying again cannot help.

    ``is_sent`` says that the other side may have got the request and acted on it.
    """

    def __init__(self, message: str, *, permanent: bool = False, is_sent: bool = False) -> None:
        """Keep the sentence and the kind."""
        super().__init__(message)
        self.permanent = permanent
        self.is_sent = is_sent


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: the URL and the public IP addresses its host had when checked."""

    url: str
    host: str
    addresses: tuple[str, ...]


def is_public_address(address: str) -> bool:
    """Say whether an IP address is reachable on the public internet (IPv4-mapped ones included)."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if mapped is not None:
        ip = mapped
    return ip.is_global and not ip.is_multicast


def check_target(url: str) -> Target:
    """Resolve ``url`` and refuse every address inside our own network (SSRF guard).

    Raises ``OutboundError``: permanent for a wrong scheme, credentials or a private address,
    passing when the name cannot be resolved now. With ``ALLOW_PRIVATE_WEBHOOKS`` (development
    only) private addresses pass.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise OutboundError(f"Not an address: {url[:200]}", permanent=True) from error
    private_allowed: bool = getattr(settings, "ALLOW_PRIVATE_WEBHOOKS", False)
    allowed = {"https", "http"} if private_allowed else {"https"}
    if parts.scheme not in allowed or not parts.hostname:
        raise OutboundError("The address must start with https://", permanent=True)
    if parts.username or parts.password:
        raise OutboundError("The address must not hold a password", permanent=True)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundError(f"Host {parts.hostname} cannot be found") from error
    addresses = tuple(dict.fromkeys(str(row[4][0]) for row in found))
    if not private_allowed and not all(is_public_address(item) for item in addresses):
        raise OutboundError("The address leads into a private network", permanent=True)
    return Target(url, parts.hostname, addresses)


def new_client(*, timeout_s: float = 10.0) -> httpx.Client:
    """Return a client with bounded connect and total times that never follows redirects."""
    return httpx.Client(timeout=httpx.Timeout(timeout_s, connect=3.0), follow_redirects=False)


def fetch(url: str, *, max_bytes: int, timeout_s: float = 10.0) -> bytes:
    """Return what a public address answers, read to its end within ``timeout_s`` and ``max_bytes``.

    Raises ``OutboundError``: passing for a lost connection, a time-out, 408, 429 and 5xx; permanent
    for every other answer than 200 and for a longer one than allowed.
    """
    check_target(url)
    ends_at = time.monotonic() + timeout_s
    try:
        with new_client(timeout_s=timeout_s) as client, client.stream("GET", url) as answer:
            _check_status(answer.status_code)
            return _read(answer, max_bytes=max_bytes, ends_at=ends_at)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutboundError(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers with lower-case names, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    max_bytes: int,
    timeout_s: float = 10.0,
) -> Answer:
    """Send one request to a public address and return the whole answer, whatever its status.

    The connection goes to the address that was checked: a name that changes its mind between the
    check and the connection leads nowhere; one that takes no connection gives way to the next.
    Everything ends within ``timeout_s`` and ``max_bytes``.
    Raises ``OutboundError``, with ``is_sent`` when the request may have arrived.
    """
    target = check_target(url)
    ends_at = time.monotonic() + timeout_s
    for address in target.addresses[:-1]:
        try:
            return _exchange(target, address, method, headers, body, max_bytes, ends_at)
        except OutboundError as error:
            if error.is_sent or error.permanent:
                raise
    return _exchange(target, target.addresses[-1], method, headers, body, max_bytes, ends_at)


def _exchange(
    target: Target,
    address: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    max_bytes: int,
    ends_at: float,
) -> Answer:
    """Send one request to one of the addresses that were checked."""
    parts = urlsplit(target.url)
    host = f"[{address}]" if ":" in address else address
    place = f"{host}:{parts.port}" if parts.port else host
    pinned = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    sent = {**headers, "Host": parts.netloc}
    options = {"sni_hostname": target.host} if parts.scheme == "https" else {}
    left = max(0.05, ends_at - time.monotonic())
    try:
        with (
            new_client(timeout_s=left) as client,
            client.stream(method, pinned, headers=sent, content=body, extensions=options) as answer,
        ):
            content = _read(answer, max_bytes=max_bytes, ends_at=ends_at)
            return Answer(answer.status_code, dict(answer.headers), content)
    except OutboundError as error:
        raise OutboundError(str(error), permanent=error.permanent, is_sent=True) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise OutboundError(f"{type(error).__name__}: {error}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{type(error).__name__}: {error}"
        raise OutboundError(message, is_sent=not isinstance(error, httpx.InvalidURL)) from error


def _check_status(status: int) -> None:
    if status == httpx.codes.OK:
        return
    passes = status >= 500 or status in {408, 429}
    raise OutboundError(f"The answer was HTTP {status}", permanent=not passes)


def _read(answer: httpx.Response, *, max_bytes: int, ends_at: float) -> bytes:
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise OutboundError(f"The answer is longer than {max_bytes} bytes", permanent=True)
        if time.monotonic() > ends_at:
            raise OutboundError("The answer took too long")
    return bytes(content)
