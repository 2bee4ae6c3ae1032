"""Sending one webhook: pooled, bounded in time and size, never into our own network."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from apps.common.http import is_public_address
from apps.partners.rules import is_success, parse_retry_after

IN_FLIGHT = 32
PER_HOST = 16
CONNECT_S = 3.0
TOTAL_S = 10.0
KEEP_BYTES = 500
_AGENT = "Portside-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; ``status`` is nothing when no answer came."""

    status: int | None
    error: str
    body: str
    duration_ms: int
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and is_success(self.status)

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more (410)."""
        return self.status == 410


class RefusedAddressError(OSError):
    """The name leads to an address that is not public."""


class GuardedResolver(AbstractResolver):
    """Resolves a name to public addresses only: what it returns is what gets connected.

    A name that changes between a check and the connection has no second look-up to change in.
    """

    def __init__(self) -> None:
        """Use the system's resolver in a thread."""
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of ``host``; raises ``RefusedAddressError`` if any is not."""
        found = await self._system.resolve(host, port, family)
        if not found or not all(is_public_address(item["host"]) for item in found):
            raise RefusedAddressError("The address leads into a private network")
        return found

    async def close(self) -> None:
        """Close the system's resolver."""
        await self._system.close()


class WebhookClient:
    """A pool of connections; use it with ``async with``."""

    def __init__(self, *, allow_private: bool, total_s: float = TOTAL_S) -> None:
        """Remember whether private addresses are allowed (development and tests only)."""
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=total_s, sock_connect=min(CONNECT_S, total_s))
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> WebhookClient:
        """Open the pool; no proxy and no netrc from the environment, no cookies kept."""
        resolver: AbstractResolver = (
            ThreadedResolver() if self._allow_private else GuardedResolver()
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=IN_FLIGHT, limit_per_host=PER_HOST, resolver=resolver, use_dns_cache=False
            ),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Outcome:
        """Send one message and return what came back; never raises for what a receiver does."""
        started = time.monotonic()
        try:
            self._check_literal(url)
            return await self._exchange(url, body, headers, started, now)
        except TimeoutError:
            return _failed("No answer in time", started)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _failed(_sentence(error), started)

    async def _exchange(
        self, url: str, body: bytes, headers: Mapping[str, str], started: float, now: datetime
    ) -> Outcome:
        if self._session is None:
            raise RuntimeError("The client is not open")
        sent = {"Content-Type": "application/json", "User-Agent": _AGENT, **headers}
        async with self._session.post(
            url, data=body, headers=sent, allow_redirects=False
        ) as response:
            kept = await _first_bytes(response)
            return Outcome(
                status=response.status,
                error="" if is_success(response.status) else f"HTTP {response.status}",
                body=kept.decode("utf-8", "replace").replace("\x00", ""),
                duration_ms=_milliseconds(started),
                retry_after=parse_retry_after(response.headers.get("Retry-After", ""), now=now),
            )

    def _check_literal(self, url: str) -> None:
        """Refuse a private address written as such: it never passes the resolver."""
        if self._allow_private:
            return
        host = urlsplit(url).hostname or ""
        try:
            is_public = is_public_address(host.partition("%")[0])
        except ValueError:  # a name, which the resolver checks
            return
        if not is_public:
            raise RefusedAddressError("The address leads into a private network")


async def _first_bytes(response: aiohttp.ClientResponse) -> bytes:
    """Return the beginning of the body; the rest is never read, the connection is dropped."""
    kept = b""
    while len(kept) < KEEP_BYTES:
        chunk = await response.content.read(KEEP_BYTES - len(kept))
        if not chunk:
            return kept
        kept += chunk
    if not response.content.at_eof():
        response.close()
    return kept


def _failed(error: str, started: float) -> Outcome:
    return Outcome(None, error[:300], "", _milliseconds(started))


def _milliseconds(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _sentence(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(error, RefusedAddressError) or isinstance(cause, RefusedAddressError):
        return str(cause if isinstance(cause, RefusedAddressError) else error)
    if isinstance(error, asyncio.IncompleteReadError | aiohttp.ServerDisconnectedError):
        return "The connection was dropped"
    return f"{type(error).__name__}: {error}"
