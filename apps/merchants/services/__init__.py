"""Writes of companies, their stores and the people in them."""

from __future__ import annotations

from apps.merchants.services.companies import create_merchant, rename_store, update_merchant
from apps.merchants.services.invitations import (
    accept_invitation,
    invite_member,
    revoke_invitation,
    token_of,
)
from apps.merchants.services.members import change_role, deactivate_member, reactivate_member
from apps.merchants.services.standing import (
    on_standing_change,
    reactivate_merchant,
    require_active,
    suspend_merchant,
)

__all__ = [
    "accept_invitation",
    "change_role",
    "create_merchant",
    "deactivate_member",
    "invite_member",
    "on_standing_change",
    "reactivate_member",
    "reactivate_merchant",
    "rename_store",
    "require_active",
    "revoke_invitation",
    "suspend_merchant",
    "token_of",
    "update_merchant",
]
