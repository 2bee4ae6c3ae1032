"""Reads of people, their sessions and their sign-in log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.rules import browser_of
from apps.journal.models import JournalEntry

LOG_LENGTH = 20


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One device a person is signed in on."""

    pk: int
    browser: str
    address: str
    started_at: datetime
    seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of a person."""

    has_app: bool
    passkeys: tuple[str, ...]
    has_codes: bool

    @property
    def is_protected(self) -> bool:
        """Whether a password alone does not open the account."""
        return self.has_app or bool(self.passkeys)


def list_sessions(user: User, *, current_key: str) -> list[OpenSession]:
    """Return the person's open sessions, this one first, then the last seen."""
    found = UserSession.objects.purge_and_list(user)
    sessions = [
        OpenSession(
            item.pk,
            browser_of(item.user_agent),
            item.ip,
            item.created_at,
            item.last_seen_at,
            item.session_key == current_key,
        )
        for item in found
    ]
    return sorted(sessions, key=lambda item: (not item.is_current, -item.seen_at.timestamp()))


def get_factors(user: User) -> Factors:
    """Return which second factors the person has."""
    found = list(Authenticator.objects.filter(user=user).order_by("id"))
    kinds = {item.type for item in found}
    keys = [item.wrap() for item in found if item.type == Authenticator.Type.WEBAUTHN]
    return Factors(
        has_app=Authenticator.Type.TOTP in kinds,
        passkeys=tuple(str(item.name) for item in keys),
        has_codes=Authenticator.Type.RECOVERY_CODES in kinds,
    )


def list_sign_ins(user: User) -> QuerySet[JournalEntry]:
    """Return the newest entries of the person's sign-in log."""
    own = JournalEntry.objects.filter(
        subject_id=user.public_id, subject_type="user", event__startswith="user."
    )
    return own.exclude(event="user.profile_changed").order_by("-id")[:LOG_LENGTH]


def get_names(public_ids: Iterable[str]) -> dict[str, str]:
    """Return outward id → name (or address) of people."""
    people = User.objects.filter(public_id__in=list(public_ids))
    return {person.public_id: person.full_name or person.email for person in people}
