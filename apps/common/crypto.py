"""Sealing of personal data: one data key per record, wrapped by the portal's key.

AES-256-GCM (NIST SP 800-38D) through ``cryptography``. Destroying a record's wrapped key makes its
sealed text unreadable for good, in every backup that does not hold the key.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12
_KEY_BYTES = 32


class UnreadableError(Exception):
    """The sealed text cannot be read: wrong key, altered text, or an erased key."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A wrapped data key and the text sealed with it, both raw bytes for binary columns."""

    key: bytes
    text: bytes


@lru_cache(maxsize=4)
def _derived(purpose: str, master: str) -> bytes:
    raw = base64.urlsafe_b64decode(master)
    if len(raw) < _KEY_BYTES:
        raise UnreadableError("PERSONAL_DATA_KEY must be 32 bytes in base64")
    return hmac.new(raw, f"portal:{purpose}".encode(), sha256).digest()


@lru_cache(maxsize=4)
def _wrapper(master: str) -> AESGCM:
    return AESGCM(_derived("wrap", master))


def seal(fields: Mapping[str, str]) -> Sealed:
    """Seal a mapping of texts under a fresh data key."""
    data_key = os.urandom(_KEY_BYTES)
    plain = json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":")).encode()
    nonce, key_nonce = os.urandom(_NONCE_BYTES), os.urandom(_NONCE_BYTES)
    wrapped = key_nonce + _wrapper(settings.PERSONAL_DATA_KEY).encrypt(key_nonce, data_key, b"key")
    return Sealed(wrapped, nonce + AESGCM(data_key).encrypt(nonce, plain, b"text"))


def unseal(sealed: Sealed) -> dict[str, str]:
    """Return the mapping that was sealed; raises ``UnreadableError`` when that is impossible."""
    key, text = bytes(sealed.key or b""), bytes(sealed.text or b"")
    try:
        data_key = _wrapper(settings.PERSONAL_DATA_KEY).decrypt(
            key[:_NONCE_BYTES], key[_NONCE_BYTES:], b"key"
        )
        plain = AESGCM(data_key).decrypt(text[:_NONCE_BYTES], text[_NONCE_BYTES:], b"text")
    except (InvalidTag, ValueError) as error:
        raise UnreadableError("The data was erased or its key is not the portal's key") from error
    return {str(name): str(value) for name, value in json.loads(plain).items()}


def blind_index(value: str) -> str:
    """Return a keyed digest (64 hex digits) by which equal values are found without reading them."""
    key = _derived("index", settings.PERSONAL_DATA_KEY)
    return hmac.new(key, value.strip().casefold().encode(), sha256).hexdigest()
