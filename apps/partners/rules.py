"""Pure rules of the doors: secrets, signatures, message bodies, and the pauses between attempts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

KEY_MARK = "gsk"
SECRET_MARK = "whsec_"  # noqa: S105 - the prefix every signing secret starts with
EVERY_EVENT = "*"
_MINUTE, _HOUR = 60, 3600
# The pause after each failed attempt; the twelfth failure is final, two and a half days later.
_PAUSES_S = (
    5,
    30,
    2 * _MINUTE,
    10 * _MINUTE,
    30 * _MINUTE,
    _HOUR,
    2 * _HOUR,
    4 * _HOUR,
    8 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
MAX_ATTEMPTS = len(_PAUSES_S) + 1
MAX_PAUSE = timedelta(hours=24)
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A fresh secret: the text to show once, its visible beginning, and what is stored."""

    text: str
    prefix: str
    digest: str


def new_key() -> NewSecret:
    """Return a new API key such as ``gsk_7hQ2mXbN_…``: 32 random bytes after a visible prefix."""
    prefix = f"{KEY_MARK}_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return NewSecret(text, prefix, digest_of(text))


def digest_of(secret: str) -> str:
    """Return the SHA-256 (hex) of a secret; enough for 256 random bits, which nobody can guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_signing_secret() -> str:
    """Return a webhook secret: ``whsec_`` and 32 random bytes in base64 (Standard Webhooks)."""
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,`` and the base64 HMAC-SHA256 of ``id.timestamp.body``.

    Source: Standard Webhooks 1.0.0, section "Signature scheme". ``timestamp`` is in Unix seconds.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def wants(subscribed: Collection[str], event: str) -> bool:
    """Say whether an endpoint with these events gets ``event``."""
    return EVERY_EVENT in subscribed or event in subscribed


def pause_after(
    attempts: int, *, jitter: float, retry_after: timedelta | None = None
) -> timedelta | None:
    """Return the pause after the given number of failed attempts, or nothing when it is final.

    ``jitter`` in [0, 1) spreads the pause by ± 20 %. A receiver's ``Retry-After`` makes the pause
    longer, up to 24 hours, never shorter.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    pause = timedelta(seconds=_PAUSES_S[max(0, attempts - 1)] * (0.8 + 0.4 * jitter))
    if retry_after is not None:
        pause = max(pause, retry_after)
    return min(pause, MAX_PAUSE)


def parse_retry_after(text: str, *, now: datetime) -> timedelta | None:
    """Return what a ``Retry-After`` header asks for (seconds or an HTTP date), or nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(MAX_PAUSE.total_seconds())))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), MAX_PAUSE)


def clean_scopes(wanted: Collection[str], known: Collection[str]) -> list[str]:
    """Return the known ones among the wanted scopes, each once, in the order of ``known``."""
    return [scope for scope in known if scope in set(wanted)]


def is_address(url: str, schemes: Collection[str]) -> bool:
    """Say whether the text is an address of one of the schemes, with a host and no password."""
    if not url.isascii() or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and parts.username is None


def is_success(status: int) -> bool:
    """Say whether a receiver took the message (2xx; a redirect is a failure)."""
    return 200 <= status < 300
