"""Webhook endpoints by API."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from msgspec import UNSET

from apps.common.pagination import paginate
from apps.merchants.models import Merchant
from apps.partners import selectors, services
from apps.partners.api.base import PartnerView
from apps.partners.api.input import field_error, to_utc
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.webhooks import (
    DeliveryPage,
    DeliveryQuery,
    DeliveryView,
    EndpointChanges,
    EndpointList,
    EndpointView,
    NewEndpoint,
    Replay,
    ReplayResult,
    SecretView,
)
from apps.partners.models import WebhookDelivery, WebhookEndpoint
from apps.partners.scopes import WEBHOOKS_MANAGE


def _check_new(body: NewEndpoint) -> None:
    services.check_url(body.url)


def _check_changes(body: EndpointChanges) -> None:
    if body.url is not UNSET:
        services.check_url(str(body.url))


class EndpointsView(PartnerView):
    """The webhook endpoints of the company."""

    @operation("webhooks.list", scope=WEBHOOKS_MANAGE, answers={200: EndpointList})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """List the addresses that get events."""
        found = selectors.list_endpoints(call.merchant)
        return Answer(EndpointList([endpoint_view(item) for item in found]))

    @operation(
        "webhooks.create",
        scope=WEBHOOKS_MANAGE,
        body=NewEndpoint,
        answers={201: EndpointView},
        before=_check_new,
    )
    def post(self, call: Call[Nothing, NewEndpoint]) -> Answer:
        """Add an address.

        Messages are signed as Standard Webhooks describes; read the secret with `webhooks.secret`.
        """
        endpoint, _secret = services.create_endpoint(
            call.merchant,
            url=call.body.url,
            events_wanted=call.body.events,
            description=call.body.description,
            actor=call.actor,
            now=call.now,
        )
        return Answer(endpoint_view(endpoint), 201)


class OneEndpointView(PartnerView):
    """One webhook endpoint."""

    @operation("webhooks.get", scope=WEBHOOKS_MANAGE, answers={200: EndpointView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one address."""
        return Answer(endpoint_view(_one(call.merchant, call.path)))

    @operation(
        "webhooks.update",
        scope=WEBHOOKS_MANAGE,
        body=EndpointChanges,
        answers={200: EndpointView},
        before=_check_changes,
    )
    def patch(self, call: Call[Nothing, EndpointChanges]) -> Answer:
        """Change an address, its events or description; pause and resume it."""
        endpoint, body = _one(call.merchant, call.path), call.body
        endpoint = services.update_endpoint(
            endpoint,
            url=endpoint.url if body.url is UNSET else body.url,
            events_wanted=endpoint.events if body.events is UNSET else body.events,
            description=(endpoint.description if body.description is UNSET else body.description),
            actor=call.actor,
            now=call.now,
        )
        if body.is_active is True:
            endpoint = services.resume_endpoint(endpoint, actor=call.actor, now=call.now)
        elif body.is_active is False:
            endpoint = services.pause_endpoint(endpoint, actor=call.actor, now=call.now)
        return Answer(endpoint_view(endpoint))

    @operation("webhooks.delete", scope=WEBHOOKS_MANAGE, answers={204: None})
    def delete(self, call: Call[Nothing, Nothing]) -> Answer:
        """Remove an address for good."""
        endpoint = _one(call.merchant, call.path)
        services.remove_endpoint(endpoint, actor=call.actor, now=call.now)
        return Answer(None, 204)


class EndpointSecretView(PartnerView):
    """The signing secret."""

    @operation("webhooks.secret", scope=WEBHOOKS_MANAGE, answers={200: SecretView})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the secrets that sign now."""
        endpoint = _one(call.merchant, call.path)
        secrets = services.signing_secrets(endpoint, now=call.now)
        return Answer(SecretView(secrets), is_secret=True)

    @operation("webhooks.rotate_secret", scope=WEBHOOKS_MANAGE, answers={200: EndpointView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Make a new secret; for 24 hours messages carry the signatures of both."""
        endpoint, _secret = services.rotate_signing_secret(
            _one(call.merchant, call.path), actor=call.actor, now=call.now
        )
        return Answer(endpoint_view(endpoint))


class TestEndpointView(PartnerView):
    """A test message."""

    @operation("webhooks.test", scope=WEBHOOKS_MANAGE, answers={202: DeliveryView})
    def post(self, call: Call[Nothing, Nothing]) -> Answer:
        """Send a test message; see what became of it in the deliveries."""
        delivery = services.send_test(_one(call.merchant, call.path), now=call.now)
        return Answer(delivery_view(delivery), 202)


class DeliveriesView(PartnerView):
    """What was sent."""

    @operation(
        "webhooks.deliveries",
        scope=WEBHOOKS_MANAGE,
        query=DeliveryQuery,
        answers={200: DeliveryPage},
    )
    def get(self, call: Call[DeliveryQuery, Nothing]) -> Answer:
        """List the messages to an address, the newest first."""
        endpoint, query = _one(call.merchant, call.path), call.query
        found = selectors.list_deliveries(endpoint, query.state or "")
        page = paginate(found, key="id", cursor=query.cursor, size=query.limit, is_time=False)
        items = [delivery_view(item) for item in page.rows]
        return Answer(DeliveryPage(items, page.next_cursor or None))


class ReplayView(PartnerView):
    """Sending again."""

    @operation("webhooks.replay", scope=WEBHOOKS_MANAGE, body=Replay, answers={202: ReplayResult})
    def post(self, call: Call[Nothing, Replay]) -> Answer:
        """Send one delivery again, or everything since a moment that was not taken.

        A replayed message keeps its `webhook-id`. With `since`, events that came while the webhook
        was paused are sent as well, at most 5,000 at once.
        """
        endpoint, body = _one(call.merchant, call.path), call.body
        if body.delivery_id is not None and body.since is None:
            delivery = selectors.get_delivery(endpoint, body.delivery_id)
            services.replay_delivery(delivery, actor=call.actor, now=call.now)
            return Answer(ReplayResult(1), 202)
        if body.since is None or body.delivery_id is not None:
            sentence = _("Name either a delivery or a moment.")
            raise field_error("webhooks.replay", "delivery_id", sentence)
        since = to_utc(body.since, "since", now=call.now)
        count = services.replay_since(endpoint, since, actor=call.actor, now=call.now)
        return Answer(ReplayResult(count), 202)


def _one(merchant: Merchant, path: Mapping[str, str]) -> WebhookEndpoint:
    return selectors.get_endpoint(merchant, path["endpoint_id"])


def endpoint_view(endpoint: WebhookEndpoint) -> EndpointView:
    """Return an endpoint as the API writes it."""
    return EndpointView(
        endpoint.public_id,
        endpoint.url,
        endpoint.description,
        list(endpoint.events),
        endpoint.is_active,
        endpoint.pause_reason,
        endpoint.failing_since,
        endpoint.created_at,
    )


def delivery_view(delivery: WebhookDelivery) -> DeliveryView:
    """Return a delivery as the API writes it; ``message_id`` is the header ``webhook-id``."""
    return DeliveryView(
        id=delivery.public_id,
        event=delivery.event,
        message_id=delivery.entry_id,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        response_body=delivery.response_body,
        duration_ms=delivery.duration_ms,
        delivered_at=delivery.delivered_at,
        created_at=delivery.created_at,
    )
