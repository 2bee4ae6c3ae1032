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

__all__ = [
    "accept_invitation",
    "change_role",
    "create_merchant",
    "deactivate_member",
    "invite_member",
    "reactivate_member",
    "rename_store",
    "revoke_invitation",
    "token_of",
    "update_merchant",
]
