"""Changes a person makes to their own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import events
from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor

# The journal may tell these values; a name or an address only that it changed.
_TELLABLE = frozenset({"language", "time_zone", "theme", "density", "has_shortcuts"})


@dataclass(frozen=True, slots=True)
class Look:
    """How the portal looks to one person; nothing means: as it is."""

    theme: str = ""
    language: str = ""
    density: str = ""


def clean_look(given: Mapping[str, str]) -> Look:
    """Return the choices among ``given`` that exist; others are left out."""
    languages = {code for code, _name in settings.LANGUAGES}
    return Look(
        theme=_known(given.get("theme", ""), set(User.Theme.values)),
        language=_known(given.get("language", ""), languages),
        density=_known(given.get("density", ""), set(User.Density.values)),
    )


def _known(value: str, allowed: set[str]) -> str:
    return value if value in allowed else ""


def update_look(user: User, *, look: Look, now: datetime) -> User:
    """Keep a person's theme, language and row height."""
    chosen = {"theme": look.theme, "language": look.language, "density": look.density}
    return update_profile(user, changes={k: v for k, v in chosen.items() if v}, now=now)


def update_profile(user: User, *, changes: Mapping[str, str | bool], now: datetime) -> User:
    """Change a person's own profile; records which fields changed, values only of the harmless."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        changed: dict[str, journal.Json] = {}
        for name, value in changes.items():
            before = getattr(locked, name)
            if before != value:
                setattr(locked, name, value)
                changed[name] = [before, value] if name in _TELLABLE else True
        if changed:
            locked.save(update_fields=list(changed))
            journal.record(
                events.PROFILE_CHANGED,
                merchant=None,
                subject=locked,
                actor=user_actor(locked),
                now=now,
                payload={"changes": changed},
            )
    return locked


def end_session(user: User, *, session_id: int, now: datetime) -> None:
    """Sign a person out on one device; a session of somebody else does not exist (404)."""
    with transaction.atomic():
        session = UserSession.objects.filter(user=user, pk=session_id).first()
        if session is None:
            raise DomainError(
                "accounts.no_session", _("This session has already ended."), status=404
            )
        session.end()
        _record_ended(user, 1, now=now)


def end_other_sessions(user: User, *, current_key: str, now: datetime) -> int:
    """Sign a person out everywhere but here; returns the number of ended sessions."""
    with transaction.atomic():
        others = list(UserSession.objects.filter(user=user).exclude(session_key=current_key))
        for session in others:
            session.end()
        if others:
            _record_ended(user, len(others), now=now)
    return len(others)


def _record_ended(user: User, count: int, *, now: datetime) -> None:
    journal.record(
        events.SESSION_ENDED,
        merchant=None,
        subject=user,
        actor=user_actor(user),
        now=now,
        payload={"sessions": count},
    )


def change_rights(
    user: User,
    *,
    is_active: bool,
    is_staff: bool,
    groups: Sequence[Group],
    actor: Actor,
    now: datetime,
) -> User:
    """Say whether a person may sign in and what they may do as platform staff; recorded."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        before = sorted(locked.groups.values_list("name", flat=True))
        after = sorted(group.name for group in groups)
        pairs: dict[str, tuple[journal.Json, journal.Json]] = {
            "is_active": (locked.is_active, is_active),
            "is_staff": (locked.is_staff, is_staff),
            "groups": (list(before), list(after)),
        }
        changes: dict[str, journal.Json] = {
            name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]
        }
        if not changes:
            return locked
        locked.is_active, locked.is_staff = is_active, is_staff
        locked.save(update_fields=["is_active", "is_staff"])
        locked.groups.set(groups)
        journal.record(
            events.RIGHTS_CHANGED,
            merchant=None,
            subject=locked,
            actor=actor,
            now=now,
            payload={"changes": changes},
        )
    return locked
