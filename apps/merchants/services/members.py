"""Roles of members; a company always keeps an owner."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.db import lock_by_pk, retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.merchants import events
from apps.merchants.models import Member, Role
from apps.merchants.permissions import MEMBERS_MANAGE, require
from apps.merchants.rules import leaves_no_owner


@retry_transaction
def change_role(member: Member, *, role: str, by: Member, now: datetime) -> Member:
    """Give a member another role; the last owner keeps theirs (409 ``merchants.last_owner``)."""
    require(by, MEMBERS_MANAGE)
    if role not in Role.values:
        raise DomainError("merchants.unknown_role", _("There is no such role."), status=422)
    with transaction.atomic():
        locked = _lock(member, stays_owner=role == Role.OWNER)
        before = locked.role
        if before == role:
            return locked
        locked.role = role
        locked.save(update_fields=["role", "updated_at"])
        changes: dict[str, journal.Json] = {"role": [before, role]}
        _record(events.MEMBER_ROLE_CHANGED, locked, changes, by=by, now=now)
    return locked


@retry_transaction
def deactivate_member(member: Member, *, by: Member, now: datetime) -> Member:
    """Switch a member off: the next page they open is refused. Their history stays."""
    require(by, MEMBERS_MANAGE)
    with transaction.atomic():
        locked = _lock(member, stays_owner=False)
        if not locked.is_active:
            return locked
        locked.is_active = False
        locked.save(update_fields=["is_active", "updated_at"])
        _record(events.MEMBER_DEACTIVATED, locked, {"is_active": [True, False]}, by=by, now=now)
    return locked


@retry_transaction
def reactivate_member(member: Member, *, by: Member, now: datetime) -> Member:
    """Let a member that was switched off work again, in the role they had."""
    require(by, MEMBERS_MANAGE)
    with transaction.atomic():
        locked: Member = Member.objects.select_for_update().get(pk=member.pk)
        if locked.is_active:
            return locked
        locked.is_active = True
        locked.save(update_fields=["is_active", "updated_at"])
        _record(events.MEMBER_REACTIVATED, locked, {"is_active": [False, True]}, by=by, now=now)
    return locked


def _lock(member: Member, *, stays_owner: bool) -> Member:
    """Lock the member and all owners in key order, so that two owners cannot demote each other."""
    owners = Member.objects.filter(merchant=member.merchant_id, role=Role.OWNER, is_active=True)
    locked = lock_by_pk(owners | Member.objects.filter(pk=member.pk))
    current = next(item for item in locked if item.pk == member.pk)
    count = sum(item.role == Role.OWNER and item.is_active for item in locked)
    is_owner = current.role == Role.OWNER and current.is_active
    if leaves_no_owner(owner_count=count, is_owner=is_owner, stays_owner=stays_owner):
        raise DomainError(
            "merchants.last_owner",
            _("This is the last owner. Make somebody else an owner first."),
        )
    return current


def _record(
    event: str, member: Member, changes: dict[str, journal.Json], *, by: Member, now: datetime
) -> None:
    journal.record(
        event,
        merchant=by.merchant,
        subject=member,
        actor=user_actor(by.user),
        now=now,
        payload={"changes": changes, "person": member.user.public_id},
    )
