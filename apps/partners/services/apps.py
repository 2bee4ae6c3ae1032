"""OAuth apps: clients that fetch short-lived tokens with their own id and secret."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken

from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.partners import events
from apps.partners.grants import forget_grants
from apps.partners.models import PartnerApp
from apps.partners.services.keys import check_name, check_scopes

MAX_APPS = 20


@dataclass(frozen=True, slots=True)
class NewApp:
    """An app and its client secret, which is stored only as a hash."""

    app: PartnerApp
    secret: str


def create_app(
    merchant: Merchant, *, name: str, scopes: Collection[str], actor: Actor, now: datetime
) -> NewApp:
    """Register a client; its secret is returned this once."""
    granted = check_scopes(scopes)
    check_name(name)
    secret = generate_client_secret()
    with transaction.atomic():
        if PartnerApp.objects.filter(merchant=merchant, revoked_at=None).count() >= MAX_APPS:
            raise DomainError(
                "partners.too_many_apps", _("Revoke apps you no longer use, then try again.")
            )
        app: PartnerApp = PartnerApp.objects.create(
            merchant=merchant,
            name=name.strip(),
            scopes=granted,
            client_type=PartnerApp.CLIENT_CONFIDENTIAL,
            authorization_grant_type=PartnerApp.GRANT_CLIENT_CREDENTIALS,
            client_secret=secret,
            created_by=str(actor),
            created_by_name=actor.label[:120],
        )
        _record(events.APP_CREATED, app, actor=actor, now=now)
    return NewApp(app, secret)


def update_app(
    app: PartnerApp, *, name: str, scopes: Collection[str], actor: Actor, now: datetime
) -> PartnerApp:
    """Change name and scopes; a scope taken away is gone from tokens already issued as well."""
    granted = check_scopes(scopes)
    check_name(name)
    with transaction.atomic():
        locked = _lock(app)
        locked.name, locked.scopes = name.strip(), granted
        locked.save(update_fields=["name", "scopes", "updated"])
        _record(events.APP_CHANGED, locked, actor=actor, now=now)
    _forget_tokens(locked)
    return locked


def rotate_app_secret(app: PartnerApp, *, actor: Actor, now: datetime) -> NewApp:
    """Replace the client secret; tokens already issued live on until they expire."""
    secret = generate_client_secret()
    with transaction.atomic():
        locked = _lock(app)
        locked.client_secret = secret
        locked.save(update_fields=["client_secret", "updated"])
        _record(events.APP_CHANGED, locked, actor=actor, now=now)
    return NewApp(locked, secret)


def revoke_app(app: PartnerApp, *, actor: Actor, now: datetime) -> PartnerApp:
    """End an app and all its tokens now; repeating it changes nothing."""
    with transaction.atomic():
        locked: PartnerApp = PartnerApp.objects.select_for_update().get(pk=app.pk)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at", "updated"])
            _record(events.APP_REVOKED, locked, actor=actor, now=now)
    _forget_tokens(locked)
    return locked


def _lock(app: PartnerApp) -> PartnerApp:
    locked: PartnerApp = PartnerApp.objects.select_for_update().get(pk=app.pk)
    if locked.revoked_at is not None:
        raise DomainError("partners.app_ended", _("This app was revoked."))
    return locked


def _forget_tokens(app: PartnerApp) -> None:
    tokens = AccessToken.objects.filter(application=app.pk)
    forget_grants(*tokens.values_list("token_checksum", flat=True))


def _record(event: str, app: PartnerApp, *, actor: Actor, now: datetime) -> None:
    journal.record(
        event,
        merchant=app.merchant,
        subject=app,
        actor=actor,
        now=now,
        payload={"name": app.name, "scopes": list(app.scopes)},
    )
