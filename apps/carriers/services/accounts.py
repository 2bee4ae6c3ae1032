"""Accounts with carriers: connected, asked, changed, paused."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.carriers import events
from apps.carriers.contract import CarrierError, Operation
from apps.carriers.models import Booking, CarrierAccount, CarrierHealth
from apps.carriers.rules import FULL
from apps.carriers.services.asking import no_answer
from apps.carriers.services.calling import PATIENCE_S, NotNowError, call
from apps.carriers.states import BookingStatus
from apps.common.clock import utc_now
from apps.common.crypto import seal
from apps.common.errors import DomainError
from apps.common.http import OutboundError, check_target
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_ACCOUNTS = 20
MAX_SECRET = 500


def connect_account(
    merchant: Merchant,
    *,
    name: str,
    url: str,
    secret: str,
    per_minute: int,
    actor: Actor,
    now: datetime,
) -> CarrierAccount:
    """Add an account; ask it afterwards with ``check_account``.

    Raises 422 with the field for a wrong address, name, key or pace, and
    ``carriers.too_many_accounts`` (409).
    """
    _check_address(url)
    _check_secret(secret)
    _check_pace(per_minute)
    sealed = seal({"secret": secret})
    try:
        with transaction.atomic():
            if CarrierAccount.objects.filter(merchant=merchant).count() >= MAX_ACCOUNTS:
                message = _("A company can have %(count)d accounts with carriers.")
                raise DomainError("carriers.too_many_accounts", message % {"count": MAX_ACCOUNTS})
            account: CarrierAccount = CarrierAccount.objects.create(
                merchant=merchant,
                name=_check_name(name),
                url=url.rstrip("/"),
                secret_key=sealed.key,
                secret_sealed=sealed.text,
                per_minute=per_minute,
                created_by=str(actor),
            )
            CarrierHealth.objects.create(
                merchant=merchant, account=account, tokens=FULL, refilled_at=now
            )
            _record(events.ACCOUNT_CONNECTED, account, actor=actor, now=now)
    except IntegrityError as error:
        raise _name_taken(name) from error
    return account


def change_account(
    account: CarrierAccount,
    *,
    name: str,
    url: str,
    secret: str,
    per_minute: int,
    actor: Actor,
    now: datetime,
) -> CarrierAccount:
    """Change an account; an empty ``secret`` keeps the key it has. Errors as for connecting."""
    _check_address(url)
    _check_pace(per_minute)
    columns = ["name", "url", "per_minute", "updated_at"]
    try:
        with transaction.atomic():
            locked = _lock(account)
            locked.name, locked.url = _check_name(name), url.rstrip("/")
            locked.per_minute = per_minute
            if secret:
                _check_secret(secret)
                sealed = seal({"secret": secret})
                locked.secret_key, locked.secret_sealed = sealed.key, sealed.text
                columns += ["secret_key", "secret_sealed"]
            locked.save(update_fields=columns)
            _record(events.ACCOUNT_CHANGED, locked, actor=actor, now=now)
    except IntegrityError as error:
        raise _name_taken(name) from error
    return locked


def check_account(account: CarrierAccount, *, actor: Actor) -> CarrierAccount:
    """Ask the carrier what may be booked and keep its answer; waits for the carrier.

    Raises ``carriers.no_answer`` (409) with what the carrier or the network said; the services of
    the last good answer stay.
    """
    try:
        services = call(
            account, Operation.CHECK, lambda carrier: carrier.check(), timeout_s=PATIENCE_S
        )
    except NotNowError as wait:
        raise no_answer(wait.detail) from wait
    except CarrierError as error:
        raise no_answer(error.detail) from error
    with transaction.atomic():
        locked = _lock(account)
        locked.services = [{"code": item.code, "name": item.name} for item in services]
        locked.checked_at = utc_now()
        locked.save(update_fields=["services", "checked_at", "updated_at"])
        _record(events.ACCOUNT_CHANGED, locked, actor=actor, now=locked.checked_at)
    return locked


def pause_account(account: CarrierAccount, *, actor: Actor, now: datetime) -> CarrierAccount:
    """Book nothing more there until it is resumed; what is under way is looked after as before."""
    with transaction.atomic():
        locked = _lock(account)
        if locked.paused_at is None:
            locked.paused_at = now
            locked.save(update_fields=["paused_at", "updated_at"])
            _record(events.ACCOUNT_PAUSED, locked, actor=actor, now=now)
    return locked


def resume_account(account: CarrierAccount, *, actor: Actor, now: datetime) -> CarrierAccount:
    """Book there again, starting with what waits."""
    with transaction.atomic():
        locked = _lock(account)
        if locked.paused_at is not None:
            locked.paused_at = None
            locked.save(update_fields=["paused_at", "updated_at"])
            waiting = Booking.objects.filter(account=locked, status=BookingStatus.WANTED)
            waiting.update(next_at=now)
            _record(events.ACCOUNT_RESUMED, locked, actor=actor, now=now)
    return locked


def check_url(url: str) -> None:
    """Raise 422 unless the address is one we may call; asks the name service, so it may wait."""
    _check_address(url)
    try:
        check_target(url)
    except OutboundError as error:
        raise _wrong("url", _("This address cannot be used: %(why)s") % {"why": error}) from error


def _check_address(url: str) -> None:
    schemes = ("https://", "http://") if settings.ALLOW_PRIVATE_WEBHOOKS else ("https://",)
    plain = url.isascii() and not any(letter.isspace() for letter in url)
    if not url.startswith(schemes) or len(url) > 300 or not plain or "?" in url or "#" in url:
        raise _wrong("url", _("Give an address that starts with https://."))


def _check_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 60:
        raise _wrong("name", _("Give a name of at most 60 characters."))
    return cleaned


def _check_secret(secret: str) -> None:
    # It becomes part of a header.
    if not 1 <= len(secret) <= MAX_SECRET or not secret.isascii() or not secret.isprintable():
        raise _wrong("secret", _("The key is letters, digits and signs, at most 500 of them."))


def _check_pace(per_minute: int) -> None:
    if not 1 <= per_minute <= 6000:
        raise _wrong("per_minute", _("Choose between 1 and 6,000 calls a minute."))


def _wrong(field: str, sentence: str) -> DomainError:
    return DomainError("carriers.account", sentence, status=422, fields={field: sentence})


def _name_taken(name: str) -> DomainError:
    return _wrong("name", _("There is an account “%(name)s” already.") % {"name": name[:60]})


def _lock(account: CarrierAccount) -> CarrierAccount:
    locked: CarrierAccount = CarrierAccount.objects.select_for_update().get(pk=account.pk)
    return locked


def _record(event: str, account: CarrierAccount, *, actor: Actor, now: datetime) -> None:
    payload: dict[str, journal.Json] = {
        "name": account.name,
        "url": account.url,
        "per_minute": account.per_minute,
        "services": len(account.services),
        "is_paused": account.paused_at is not None,
    }
    journal.record(
        event, merchant=account.merchant, subject=account, actor=actor, now=now, payload=payload
    )
