"""The sign-in log: what allauth reports about a person, written to the journal."""

from __future__ import annotations

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from apps.accounts import events
from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.accounts.rules import browser_of, network_of
from apps.common.clock import utc_now
from apps.journal import services as journal


def connect() -> None:
    """Listen to allauth and Django's own sign-in (called once, when the app starts)."""
    account.user_signed_up.connect(_signed_up, dispatch_uid="log.signed_up")
    auth.user_logged_in.connect(_signed_in, dispatch_uid="log.signed_in")
    auth.user_logged_out.connect(_signed_out, dispatch_uid="log.signed_out")
    auth.user_login_failed.connect(_sign_in_failed, dispatch_uid="log.failed")
    account.password_changed.connect(_password_changed, dispatch_uid="log.password")
    account.password_set.connect(_password_changed, dispatch_uid="log.password_set")
    account.password_reset.connect(_password_reset, dispatch_uid="log.reset")
    account.email_confirmed.connect(_email_confirmed, dispatch_uid="log.confirmed")
    account.email_changed.connect(_email_changed, dispatch_uid="log.email")
    mfa.authenticator_added.connect(_factor_added, dispatch_uid="log.factor_added")
    mfa.authenticator_removed.connect(_factor_removed, dispatch_uid="log.factor_removed")
    mfa.authenticator_reset.connect(_factor_reset, dispatch_uid="log.factor_reset")
    mfa.authentication_failed.connect(_factor_failed, dispatch_uid="log.factor_failed")


def _write(event: str, user: User, request: HttpRequest | None, **facts: journal.Json) -> None:
    payload: dict[str, journal.Json] = {**_origin(request), **facts}
    with transaction.atomic():
        journal.record(
            event,
            merchant=None,
            subject=user,
            actor=user_actor(user),
            now=utc_now(),
            payload=payload,
        )


def _origin(request: HttpRequest | None) -> dict[str, journal.Json]:
    if request is None:
        return {}
    try:
        address = str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # allauth's answer when the server does not know the address
        address = ""
    agent = request.headers.get("User-Agent", "")
    return {"browser": browser_of(agent), "network": network_of(address)}


def _signed_up(request: HttpRequest, user: User, **kwargs: object) -> None:
    _write(events.SIGNED_UP, user, request)


def _signed_in(request: HttpRequest, user: User, **kwargs: object) -> None:
    _write(events.SIGNED_IN, user, request)


def _signed_out(request: HttpRequest, user: User | None, **kwargs: object) -> None:
    if user is not None:
        _write(events.SIGNED_OUT, user, request)


def _sign_in_failed(
    credentials: dict[str, object], request: HttpRequest | None = None, **kwargs: object
) -> None:
    address = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email=address.strip().lower()).first() if address else None
    if user is not None:
        _write(events.SIGN_IN_FAILED, user, request)


def _password_changed(request: HttpRequest, user: User, **kwargs: object) -> None:
    _write(events.PASSWORD_CHANGED, user, request)


def _password_reset(request: HttpRequest, user: User, **kwargs: object) -> None:
    _write(events.PASSWORD_RESET, user, request)


def _email_confirmed(request: HttpRequest, email_address: EmailAddress, **kwargs: object) -> None:
    _write(events.EMAIL_CONFIRMED, email_address.user, request)


def _email_changed(request: HttpRequest, user: User, **kwargs: object) -> None:
    _write(events.EMAIL_CHANGED, user, request)


def _factor_added(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    _write(events.FACTOR_ADDED, user, request, kind=str(authenticator.type))


def _factor_removed(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    _write(events.FACTOR_REMOVED, user, request, kind=str(authenticator.type))


def _factor_reset(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    _write(events.FACTOR_RESET, user, request, kind=str(authenticator.type))


def _factor_failed(
    request: HttpRequest, user: User, authenticator: Authenticator | None = None, **kwargs: object
) -> None:
    kind = str(authenticator.type) if authenticator is not None else ""
    _write(events.FACTOR_FAILED, user, request, kind=kind)
