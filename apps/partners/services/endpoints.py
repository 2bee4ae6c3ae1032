"""Webhook endpoints: where a merchant's events go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.crypto import Sealed, seal, unseal
from apps.common.errors import DomainError
from apps.common.http import OutboundError, check_target
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from apps.partners import events
from apps.partners.models import WebhookEndpoint
from apps.partners.rules import EVERY_EVENT, is_address, new_signing_secret

MAX_ENDPOINTS = 20
MAX_URL = 500
SECRET_OVERLAP = timedelta(hours=24)


def create_endpoint(
    merchant: Merchant,
    *,
    url: str,
    events_wanted: Collection[str],
    description: str = "",
    actor: Actor,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:
    """Add an address; returns the endpoint and its signing secret.

    Raises 422 for an address that is not https, and for unknown events. Doors call ``check_url``
    before; what protects the network is the guard at every connection.
    """
    check_address(url)
    wanted = check_events(events_wanted)
    secret = new_signing_secret()
    sealed = seal({"secret": secret})
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(merchant=merchant, removed_at=None).count() >= (
            MAX_ENDPOINTS
        ):
            raise DomainError(
                "partners.too_many_endpoints", _("Remove webhooks you no longer use first.")
            )
        endpoint: WebhookEndpoint = WebhookEndpoint.objects.create(
            merchant=merchant,
            url=url,
            description=description[:120],
            events=wanted,
            secret_key=sealed.key,
            secret_sealed=sealed.text,
            created_by=str(actor),
        )
        _record(events.WEBHOOK_CREATED, endpoint, actor=actor, now=now)
    return endpoint, secret


def update_endpoint(
    endpoint: WebhookEndpoint,
    *,
    url: str,
    events_wanted: Collection[str],
    description: str,
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """Change address, events and description."""
    wanted = check_events(events_wanted)
    check_address(url)
    with transaction.atomic():
        locked = _lock(endpoint)
        locked.url, locked.events, locked.description = url, wanted, description[:120]
        locked.save(update_fields=["url", "events", "description", "updated_at"])
        _record(events.WEBHOOK_CHANGED, locked, actor=actor, now=now)
    return locked


def pause_endpoint(endpoint: WebhookEndpoint, *, actor: Actor, now: datetime) -> WebhookEndpoint:
    """Send nothing to it until it is resumed; what is waiting keeps waiting."""
    return stop_endpoint(
        endpoint, WebhookEndpoint.Reason.SWITCHED_OFF, actor=actor, now=now, event="changed"
    )


def stop_endpoint(
    endpoint: WebhookEndpoint, reason: str, *, actor: Actor, now: datetime, event: str = "paused"
) -> WebhookEndpoint:
    """Pause an endpoint for a reason; repeating it changes nothing.

    ``event`` is ``paused`` when the portal did it, so that people get a notice.
    """
    with transaction.atomic():
        locked = _lock(endpoint)
        if locked.paused_at is None:
            locked.paused_at, locked.pause_reason = now, reason
            locked.save(update_fields=["paused_at", "pause_reason", "updated_at"])
            name = events.WEBHOOK_PAUSED if event == "paused" else events.WEBHOOK_CHANGED
            _record(name, locked, actor=actor, now=now)
    return locked


def resume_endpoint(endpoint: WebhookEndpoint, *, actor: Actor, now: datetime) -> WebhookEndpoint:
    """Send to it again, starting with what is waiting."""
    with transaction.atomic():
        locked = _lock(endpoint)
        if locked.paused_at is not None:
            locked.paused_at, locked.pause_reason, locked.failing_since = None, "", None
            locked.save(update_fields=["paused_at", "pause_reason", "failing_since", "updated_at"])
            _record(events.WEBHOOK_CHANGED, locked, actor=actor, now=now)
    return locked


def rotate_signing_secret(
    endpoint: WebhookEndpoint, *, actor: Actor, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """Make a new signing secret; for 24 hours messages carry the signatures of both."""
    secret = new_signing_secret()
    sealed = seal({"secret": secret})
    with transaction.atomic():
        locked = _lock(endpoint)
        locked.previous_key, locked.previous_sealed = locked.secret_key, locked.secret_sealed
        locked.previous_until = now + SECRET_OVERLAP
        locked.secret_key, locked.secret_sealed = sealed.key, sealed.text
        locked.save()
        _record(events.WEBHOOK_CHANGED, locked, actor=actor, now=now)
    return locked, secret


def remove_endpoint(endpoint: WebhookEndpoint, *, actor: Actor, now: datetime) -> None:
    """Remove an endpoint for good; its delivery log stays for the audit."""
    with transaction.atomic():
        locked = _lock(endpoint)
        locked.removed_at = now
        locked.paused_at = locked.paused_at or now
        locked.save(update_fields=["removed_at", "paused_at", "updated_at"])
        _record(events.WEBHOOK_REMOVED, locked, actor=actor, now=now)


def signing_secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return the secrets that sign now: the current one, and the previous one in its overlap."""
    pairs = [(endpoint.secret_key, endpoint.secret_sealed)]
    if endpoint.previous_until is not None and endpoint.previous_until > now:
        pairs.append((endpoint.previous_key or b"", endpoint.previous_sealed or b""))
    return [unseal(Sealed(bytes(key), bytes(text)))["secret"] for key, text in pairs]


def check_address(url: str) -> None:
    """Raise 422 unless the text is an https address with a host and without a password.

    With ``ALLOW_PRIVATE_WEBHOOKS`` (development only) http passes as well.
    """
    schemes = ("https", "http") if settings.ALLOW_PRIVATE_WEBHOOKS else ("https",)
    if not is_address(url, schemes) or len(url) > MAX_URL:
        raise _url_error(_("Give an address that starts with https://."))


def check_url(url: str) -> None:
    """Raise 422 unless the address is one we may send to; asks the name service, so it may wait."""
    check_address(url)
    try:
        check_target(url)
    except OutboundError as error:
        raise _url_error(_("This address cannot be used: %(why)s") % {"why": error}) from error


def _url_error(sentence: str) -> DomainError:
    return DomainError("partners.url_refused", sentence, status=422, fields={"url": sentence})


def check_events(wanted: Collection[str]) -> list[str]:
    """Return the events in their usual order, or ``*`` alone; 422 for unknown or no events."""
    if EVERY_EVENT in wanted:
        return [EVERY_EVENT]
    known = [event for event in events.PUBLIC_EVENTS if event in set(wanted)]
    if not known or len(known) != len(set(wanted)):
        sentence = _("Choose at least one event.")
        raise DomainError("partners.events", sentence, status=422, fields={"events": sentence})
    return known


def _lock(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    locked: WebhookEndpoint = WebhookEndpoint.objects.select_for_update().get(
        pk=endpoint.pk, removed_at=None
    )
    return locked


def _record(event: str, endpoint: WebhookEndpoint, *, actor: Actor, now: datetime) -> None:
    journal.record(
        event,
        merchant=endpoint.merchant,
        subject=endpoint,
        actor=actor,
        now=now,
        payload={
            "url": endpoint.url,
            "events": list(endpoint.events),
            "is_active": endpoint.is_active,
            "reason": endpoint.pause_reason,
        },
    )
