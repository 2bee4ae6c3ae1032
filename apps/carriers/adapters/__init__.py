"""Adapters: how the portal speaks with each kind of carrier."""

from __future__ import annotations

from apps.carriers.adapters.portal.client import TOTAL_S, PortalAdapter
from apps.carriers.contract import Adapter
from apps.carriers.models import CarrierAccount
from apps.common.crypto import Sealed, unseal


def adapter_of(account: CarrierAccount, *, timeout_s: float = TOTAL_S) -> Adapter:
    """Return the adapter that speaks with the carrier of an account, ``timeout_s`` a call at most.

    Raises ``UnreadableError`` when its key was sealed by another portal.
    """
    sealed = Sealed(bytes(account.secret_key), bytes(account.secret_sealed))
    return PortalAdapter(account.url, unseal(sealed)["secret"], timeout_s=timeout_s)
