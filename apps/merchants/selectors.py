"""Reads of merchants and members."""

from __future__ import annotations

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from apps.accounts.models import User
from apps.merchants.models import Invitation, Member, Merchant, Store
from apps.merchants.rules import digest_of


def list_memberships(user: User) -> list[Member]:
    """Return the person's active memberships in active merchants, by company name."""
    with scopes_disabled():
        found = Member.objects.filter(user=user, is_active=True).select_related("merchant", "user")
        return list(found.order_by("merchant__name", "id"))


def find_membership(user: User, merchant_id: str | None) -> Member | None:
    """Return the membership in the chosen merchant, or the first one, or nothing."""
    with scopes_disabled():
        own = Member.objects.filter(user=user, is_active=True).select_related("merchant", "user")
        if merchant_id:
            chosen = own.filter(merchant__public_id=merchant_id).first()
            if chosen is not None:
                return chosen
        return own.order_by("merchant__name", "id").first()


def list_members(merchant: Merchant) -> QuerySet[Member]:
    """Return the merchant's members, the active first."""
    members: QuerySet[Member] = Member.objects.filter(merchant=merchant)
    return members.select_related("user").order_by("-is_active", "created_at", "id")


def list_invitations(merchant: Merchant) -> QuerySet[Invitation]:
    """Return invitations that can still be accepted or were just refused, newest first."""
    invitations: QuerySet[Invitation] = Invitation.objects.filter(
        merchant=merchant, accepted_at=None, revoked_at=None
    )
    return invitations.select_related("invited_by").order_by("-created_at", "-id")


def get_merchant(public_id: str) -> Merchant:
    """Return a merchant by outward id; raises ``Merchant.DoesNotExist``."""
    return Merchant.objects.get(public_id=public_id)


def get_member(merchant: Merchant, public_id: str) -> Member:
    """Return a member of the company; raises ``Member.DoesNotExist``."""
    member: Member = Member.objects.select_related("user", "merchant").get(
        merchant=merchant, public_id=public_id
    )
    return member


def get_invitation(merchant: Merchant, public_id: str) -> Invitation:
    """Return an invitation of the company; raises ``Invitation.DoesNotExist``."""
    invitation: Invitation = Invitation.objects.select_related("merchant").get(
        merchant=merchant, public_id=public_id
    )
    return invitation


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation a link stands for, whatever its state."""
    with scopes_disabled():
        found: Invitation | None = (
            Invitation.objects.select_related("merchant", "invited_by")
            .filter(token_digest=digest_of(token))
            .first()
        )
        return found


def get_store(merchant: Merchant) -> Store:
    """Return the company's first store; raises ``Store.DoesNotExist``."""
    store: Store | None = Store.objects.filter(merchant=merchant).order_by("id").first()
    if store is None:
        raise Store.DoesNotExist
    return store


def get_membership(user: User, merchant_id: str) -> Member:
    """Return the person's active membership in a company; raises ``Member.DoesNotExist``."""
    with scopes_disabled():
        member: Member = Member.objects.select_related("merchant", "user").get(
            user=user, is_active=True, merchant__public_id=merchant_id
        )
        return member
