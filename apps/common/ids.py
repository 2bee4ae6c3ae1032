"""Outward identifiers: a short prefix and a time-ordered ULID, as in ``ord_01HZX…``."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable

_ALPHABET = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# RFC 4648 and Crockford differ only in their letters, so the library's encoder does the work.
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
ULID_LENGTH = 26


def new_ulid() -> str:
    """Return a ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    encoded = base64.b32encode(value.to_bytes(20, "big")).translate(_CROCKFORD)
    return encoded[-ULID_LENGTH:].decode()


def new_public_id(prefix: str) -> str:
    """Return a new outward id such as ``ord_`` followed by a ULID."""
    return f"{prefix}_{new_ulid()}"


class PublicIdDefault:
    """A callable model default for one prefix that migrations can write down."""

    def __init__(self, prefix: str) -> None:
        """Remember the prefix."""
        self.prefix = prefix

    def __call__(self) -> str:
        """Return a new id."""
        return new_public_id(self.prefix)

    def __eq__(self, other: object) -> bool:
        """Compare by prefix, so that the migration state is stable."""
        return isinstance(other, PublicIdDefault) and other.prefix == self.prefix

    def __hash__(self) -> int:
        """Hash by prefix."""
        return hash(self.prefix)

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        """Describe the default for a migration file."""
        return ("apps.common.ids.PublicIdDefault", [self.prefix], {})


IdFactory = Callable[[], str]
