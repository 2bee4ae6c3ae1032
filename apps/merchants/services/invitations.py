"""Inviting people into a company, and joining it."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_scopes import scope, scopes_disabled

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.journal import services as journal
from apps.merchants import events
from apps.merchants.models import Invitation, Member, Merchant, Role
from apps.merchants.permissions import MEMBERS_MANAGE, require
from apps.merchants.rules import INVITATION_LIFE, digest_of


def token_of(public_id: str) -> str:
    """Return the secret of an invitation.

    It is derived from the portal's key, so that the worker that writes the e-mail needs no stored
    secret; the database holds only its digest.
    """
    return salted_hmac("merchants.invitation", public_id, algorithm="sha256").hexdigest()


def invite_member(
    merchant: Merchant, *, email: str, role: str, language: str = "en", by: Member, now: datetime
) -> Invitation:
    """Offer a role to an address for seven days; an open offer to it is replaced.

    The e-mail follows from the journal, in the language of the person if the portal knows them,
    else in ``language``. Raises 422 for a bad address or role, 409 for a member.
    """
    require(by, MEMBERS_MANAGE)
    address = _clean(email, role)
    with transaction.atomic():
        if Member.objects.filter(merchant=merchant, user__email=address, is_active=True).exists():
            raise DomainError(
                "merchants.already_member",
                _("This person is already a member of the company."),
                fields={"email": _("This person is already a member of the company.")},
            )
        Invitation.objects.filter(
            merchant=merchant, email=address, accepted_at=None, revoked_at=None
        ).update(revoked_at=now)
        public_id = new_public_id("inv")
        invitation: Invitation = Invitation.objects.create(
            public_id=public_id,
            merchant=merchant,
            email=address,
            role=role,
            language=_language_of(address, language),
            token_digest=digest_of(token_of(public_id)),
            invited_by=by.user,
            expires_at=now + INVITATION_LIFE,
        )
        _record(events.MEMBER_INVITED, invitation, user=by.user, now=now)
    return invitation


def accept_invitation(token: str, *, user: User, now: datetime) -> Member:
    """Make the invited person a member; the address of the account must be the invited one.

    Raises 404 for an unknown token, 410 when it is used, withdrawn or too old, 403 for another
    person. Somebody who was switched off works again, in the new role.
    """
    with transaction.atomic(), scopes_disabled():
        found = Invitation.objects.select_for_update().select_related("merchant")
        invitation = _open(found.filter(token_digest=digest_of(token)).first(), now=now)
        if invitation.email != user.email:
            raise DomainError(
                "merchants.other_person",
                _("This invitation is for another e-mail address. Sign in with that address."),
                status=403,
            )
        member, _is_new = Member.objects.update_or_create(
            merchant=invitation.merchant,
            user=user,
            defaults={"role": invitation.role, "is_active": True},
        )
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at", "updated_at"])
        with scope(merchant=invitation.merchant):
            _record(events.MEMBER_JOINED, invitation, user=user, now=now)
    joined: Member = member
    return joined


def revoke_invitation(invitation: Invitation, *, by: Member, now: datetime) -> None:
    """Withdraw an offer; its link stops working."""
    require(by, MEMBERS_MANAGE)
    with transaction.atomic():
        still_open = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, revoked_at=None
        ).update(revoked_at=now)
        if still_open:
            _record(events.INVITATION_REVOKED, invitation, user=by.user, now=now)


def _open(invitation: Invitation | None, *, now: datetime) -> Invitation:
    if invitation is None:
        raise DomainError("merchants.no_invitation", _("This link is not valid."), status=404)
    is_over = invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= now
    if is_over:
        raise DomainError(
            "merchants.invitation_over",
            _("This invitation was used, withdrawn or is older than 7 days. Ask for a new one."),
            status=410,
        )
    return invitation


def _clean(email: str, role: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise DomainError(
            "merchants.bad_email", str(error.messages[0]), status=422, fields={"email": address}
        ) from error
    if role not in Role.values:
        raise DomainError("merchants.unknown_role", _("There is no such role."), status=422)
    return address


def _language_of(address: str, fallback: str) -> str:
    known = User.objects.filter(email=address).values_list("language", flat=True).first()
    return known or fallback


def _record(event: str, invitation: Invitation, *, user: User, now: datetime) -> None:
    journal.record(
        event,
        merchant=invitation.merchant,
        subject=invitation,
        actor=user_actor(user),
        now=now,
        payload={"role": str(invitation.role)},
    )
