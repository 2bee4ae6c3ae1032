"""Making a company and changing its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.merchants import events
from apps.merchants.models import Member, Merchant, Role, Store
from apps.merchants.permissions import SETTINGS_MANAGE, require

_CHANGEABLE = ("name", "country", "base_currency", "time_zone", "default_model")


def create_merchant(
    user: User,
    *,
    name: str,
    country: str,
    base_currency: str,
    time_zone: str,
    default_model: str = Merchant.Model.DIRECT,
    store_name: str = "",
    now: datetime,
) -> Merchant:
    """Make a company with one store, owned by ``user``; its first place for stock follows.

    ``country`` is ISO 3166-1 alpha-2, ``base_currency`` ISO 4217, ``time_zone`` an IANA name.
    """
    with transaction.atomic():
        merchant = Merchant.objects.create(
            name=name,
            country=country,
            base_currency=base_currency,
            time_zone=time_zone,
            default_model=default_model,
        )
        with scope(merchant=merchant):
            Store.objects.create(merchant=merchant, name=store_name or name)
            Member.objects.create(merchant=merchant, user=user, role=Role.OWNER)
        journal.record(
            events.MERCHANT_CREATED,
            merchant=merchant,
            subject=merchant,
            actor=user_actor(user),
            now=now,
            payload={"name": name, "country": country, "model": str(default_model)},
        )
    return merchant


def update_merchant(
    merchant: Merchant, *, changes: Mapping[str, str], by: Member, now: datetime
) -> Merchant:
    """Change a company's name, country, currency, zone or usual model; unknown names raise 422."""
    require(by, SETTINGS_MANAGE)
    unknown = [name for name in changes if name not in _CHANGEABLE]
    if unknown:
        raise DomainError("merchants.unknown_field", unknown[0], status=422)
    with transaction.atomic():
        locked = Merchant.objects.select_for_update().get(pk=merchant.pk)
        changed: dict[str, journal.Json] = {}
        for name, value in changes.items():
            before = getattr(locked, name)
            if before != value:
                setattr(locked, name, value)
                changed[name] = [before, value]
        if changed:
            locked.save(update_fields=[*changed, "updated_at"])
            journal.record(
                events.MERCHANT_CHANGED,
                merchant=locked,
                subject=locked,
                actor=user_actor(by.user),
                now=now,
                payload={"changes": changed},
            )
    return locked


def rename_store(store: Store, *, name: str, by: Member, now: datetime) -> Store:
    """Change the name buyers see."""
    require(by, SETTINGS_MANAGE)
    with transaction.atomic():
        locked: Store = Store.objects.select_for_update().get(pk=store.pk)
        before = locked.name
        if before == name:
            return locked
        locked.name = name
        locked.save(update_fields=["name", "updated_at"])
        journal.record(
            events.STORE_RENAMED,
            merchant=by.merchant,
            subject=locked,
            actor=user_actor(by.user),
            now=now,
            payload={"changes": {"name": [before, name]}},
        )
    return locked
