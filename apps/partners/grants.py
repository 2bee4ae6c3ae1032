"""From a bearer secret to what it may do, remembered for half a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q
from django_scopes import scopes_disabled
from oauth2_provider.models import AccessToken

from apps.journal.actors import Actor
from apps.markets.selectors import list_markets
from apps.merchants.models import Merchant, Store
from apps.partners import fallback
from apps.partners.models import ApiKey, PartnerApp
from apps.partners.rules import KEY_MARK, clean_scopes, digest_of

REMEMBERED_S = 30
_UNKNOWN = "-"
_TOUCH_AFTER = timedelta(minutes=1)
M = TypeVar("M", bound=Model)
Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Grant:
    """Who calls: the actor, the merchant it acts for, and its scopes.

    ``store`` (the merchant's first) and ``currencies`` (of the open markets, by code) ride along,
    so that order intake reads neither again.
    """

    actor: Actor
    merchant: Merchant
    scopes: frozenset[str]
    expires_at: datetime | None
    store: Store | None
    currencies: Mapping[str, str]


def find_grant(secret: str, *, now: datetime) -> Grant | None:
    """Return what the bearer secret grants now, or nothing.

    Looked up by its SHA-256 in the cache, then in the database; an unknown secret is remembered as
    well. A revoked one is forgotten at once (``forget_grants``).
    """
    digest = digest_of(secret)
    known = fallback.read(_key(digest))
    if known is None:
        grant = _load(secret, digest, now=now)
        fallback.write(_key(digest), _pack(grant) if grant else _UNKNOWN, REMEMBERED_S)
    else:
        grant = None if known == _UNKNOWN else _unpack(known)
    if grant is None or (grant.expires_at is not None and grant.expires_at <= now):
        return None
    return grant


def forget_grants(*digests: str) -> None:
    """Forget what was remembered of these secrets, so that a revocation holds from now on."""
    for digest in digests:
        fallback.forget(_key(digest))


def forget_merchant(merchant_id: int) -> None:
    """Forget what was remembered of a company's keys and tokens, when its standing changed."""
    with scopes_disabled():
        keys = ApiKey.objects.filter(merchant=merchant_id, revoked_at=None)
        tokens = AccessToken.objects.filter(application__merchant=merchant_id)
        forget_grants(*keys.values_list("digest", flat=True))
        forget_grants(*tokens.values_list("token_checksum", flat=True))


def _key(digest: str) -> str:
    return f"partners:grant:{digest}"


def _load(secret: str, digest: str, *, now: datetime) -> Grant | None:
    with scopes_disabled():
        if secret.startswith(f"{KEY_MARK}_"):
            return _load_key(digest, now=now)
        return _load_token(digest, now=now)


def _load_key(digest: str, *, now: datetime) -> Grant | None:
    usable = ApiKey.objects.filter(digest=digest, revoked_at=None).select_related("merchant")
    key: ApiKey | None = usable.filter(Q(expires_at=None) | Q(expires_at__gt=now)).first()
    if key is None:
        return None
    _touch(key, now=now)
    actor = Actor("key", key.public_id, key.name)
    return _grant(actor, key.merchant, key.scopes, key.expires_at)


def _load_token(digest: str, *, now: datetime) -> Grant | None:
    usable = AccessToken.objects.filter(
        token_checksum=digest, expires__gt=now, application__revoked_at=None
    )
    token = usable.select_related("application__merchant").first()
    if token is None:
        return None
    app: PartnerApp = token.application
    _touch(app, now=now)
    actor = Actor("app", app.public_id, app.name)
    scopes = clean_scopes(token.scope.split(), app.scopes)
    return _grant(actor, app.merchant, scopes, token.expires)


def _grant(
    actor: Actor, merchant: Merchant, scopes: list[str], expires_at: datetime | None
) -> Grant:
    store: Store | None = Store.objects.filter(merchant=merchant).order_by("id").first()
    currencies = {market.code: market.currency for market in list_markets()}
    return Grant(actor, merchant, frozenset(scopes), expires_at, store, currencies)


def _touch(used: ApiKey | PartnerApp, *, now: datetime) -> None:
    """Note the use, at most once a minute, without taking part in the call's own transaction."""
    if used.last_used_at is None or now - used.last_used_at > _TOUCH_AFTER:
        type(used).objects.filter(pk=used.pk).update(last_used_at=now)


def _pack(grant: Grant) -> Facts:
    """Return plain values only: a model of an older release must never come out of the cache."""
    actor = grant.actor
    return {
        "actor": (actor.kind, actor.ident, actor.label),
        "merchant": _facts(grant.merchant),
        "scopes": sorted(grant.scopes),
        "expires_at": grant.expires_at,
        "store": _facts(grant.store) if grant.store is not None else None,
        "currencies": dict(grant.currencies),
    }


def _unpack(packed: Mapping[str, Any]) -> Grant:
    return Grant(
        Actor(*packed["actor"]),
        _row(Merchant, packed["merchant"]),
        frozenset(packed["scopes"]),
        packed["expires_at"],
        _row(Store, packed["store"]) if packed["store"] is not None else None,
        packed["currencies"],
    )


def _facts(row: Model) -> Facts:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _row(model: type[M], facts: Facts) -> M:
    """Return a row with these columns; a column the facts do not know is read when it is used."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in facts]
    return model.from_db("default", names, [facts[name] for name in names])
