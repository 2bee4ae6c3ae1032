"""Pure rules of companies: tokens of invitations and who must stay."""

from __future__ import annotations

import hashlib
from datetime import timedelta

INVITATION_LIFE = timedelta(days=7)


def digest_of(token: str) -> str:
    """Return the SHA-256 (hex) by which a token is stored and found."""
    return hashlib.sha256(token.encode()).hexdigest()


def leaves_no_owner(*, owner_count: int, is_owner: bool, stays_owner: bool) -> bool:
    """Say whether a change would leave a company without an owner."""
    return is_owner and not stays_owner and owner_count <= 1
