"""API keys: made once, shown once, rotated with an overlap, revoked at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.partners import events
from apps.partners.grants import forget_grants
from apps.partners.models import ApiKey
from apps.partners.rules import NewSecret, clean_scopes, new_key
from apps.partners.scopes import SCOPES

MAX_KEYS = 50
OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its secret, which exists nowhere else."""

    key: ApiKey
    secret: str


def create_key(
    merchant: Merchant,
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> NewKey:
    """Make a key with these scopes; the secret is returned this once."""
    granted = check_scopes(scopes)
    check_name(name)
    if expires_at is not None and expires_at <= now:
        sentence = _("Choose a day in the future.")
        raise DomainError("partners.expired", sentence, status=422, fields={"expires_at": sentence})
    with transaction.atomic():
        if ApiKey.objects.filter(merchant=merchant, revoked_at=None).count() >= MAX_KEYS:
            raise DomainError(
                "partners.too_many_keys", _("Revoke keys you no longer use, then try again.")
            )
        made = _insert(merchant, new_key(), name, granted, expires_at, actor=actor)
        _record(events.KEY_CREATED, made.key, actor=actor, now=now)
    return made


def rotate_key(key: ApiKey, *, overlap: timedelta = OVERLAP, actor: Actor, now: datetime) -> NewKey:
    """Make a successor with the same name and scopes; the old key works until the overlap ends.

    An overlap of zero ends the old key at once. A key that was rotated or revoked is refused (409).
    """
    with transaction.atomic():
        locked: ApiKey = ApiKey.objects.select_for_update().get(pk=key.pk)
        if locked.revoked_at is not None or locked.replaced_by_id is not None:
            raise DomainError("partners.key_ended", _("This key was replaced or revoked already."))
        made = _insert(
            locked.merchant,
            new_key(),
            locked.name,
            list(locked.scopes),
            locked.expires_at,
            actor=actor,
        )
        ends_at = now + overlap
        if locked.expires_at is not None:
            ends_at = min(ends_at, locked.expires_at)
        locked.replaced_by, locked.expires_at = made.key, ends_at
        locked.save(update_fields=["replaced_by", "expires_at", "updated_at"])
        _record(events.KEY_ROTATED, locked, actor=actor, now=now)
    forget_grants(locked.digest)
    return made


def revoke_key(key: ApiKey, *, actor: Actor, now: datetime) -> ApiKey:
    """End a key now; repeating it changes nothing."""
    with transaction.atomic():
        locked: ApiKey = ApiKey.objects.select_for_update().get(pk=key.pk)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at", "updated_at"])
            _record(events.KEY_REVOKED, locked, actor=actor, now=now)
    forget_grants(locked.digest)
    return locked


def check_scopes(scopes: Collection[str]) -> list[str]:
    """Return the scopes in their usual order; 422 if there is none or an unknown one."""
    granted = clean_scopes(scopes, list(SCOPES))
    if not granted or len(granted) != len(set(scopes)):
        sentence = _("Choose at least one permission.")
        raise DomainError("partners.scopes", sentence, status=422, fields={"scopes": sentence})
    return granted


def check_name(name: str) -> None:
    """Raise 422 for a name that is empty or too long."""
    if not 0 < len(name.strip()) <= 80:
        sentence = _("Give it a name of at most 80 characters.")
        raise DomainError("partners.name", sentence, status=422, fields={"name": sentence})


def _insert(
    merchant: Merchant,
    secret: NewSecret,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    *,
    actor: Actor,
) -> NewKey:
    key: ApiKey = ApiKey.objects.create(
        merchant=merchant,
        name=name.strip(),
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=scopes,
        expires_at=expires_at,
        created_by=str(actor),
        created_by_name=actor.label[:120],
    )
    return NewKey(key, secret.text)


def _record(event: str, key: ApiKey, *, actor: Actor, now: datetime) -> None:
    journal.record(
        event,
        merchant=key.merchant,
        subject=key,
        actor=actor,
        now=now,
        payload={"name": key.name, "prefix": key.prefix, "scopes": list(key.scopes)},
    )
