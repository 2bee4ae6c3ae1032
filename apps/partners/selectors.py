"""Reads of keys, apps, webhook endpoints and deliveries."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.merchants.models import Merchant
from apps.partners.models import ApiKey, PartnerApp, WebhookDelivery, WebhookEndpoint


def list_keys(merchant: Merchant) -> QuerySet[ApiKey]:
    """Return the merchant's keys, the newest first."""
    keys: QuerySet[ApiKey] = ApiKey.objects.filter(merchant=merchant)
    return keys.order_by("-id")


def get_key(merchant: Merchant, public_id: str) -> ApiKey:
    """Return one key of the merchant; raises ``ApiKey.DoesNotExist``."""
    return list_keys(merchant).select_related("merchant").get(public_id=public_id)


def list_apps(merchant: Merchant) -> QuerySet[PartnerApp]:
    """Return the merchant's OAuth apps, the newest first."""
    apps: QuerySet[PartnerApp] = PartnerApp.objects.filter(merchant=merchant)
    return apps.order_by("-id")


def get_app(merchant: Merchant, public_id: str) -> PartnerApp:
    """Return one app of the merchant; raises ``PartnerApp.DoesNotExist``."""
    return list_apps(merchant).select_related("merchant").get(public_id=public_id)


def list_endpoints(merchant: Merchant) -> QuerySet[WebhookEndpoint]:
    """Return the merchant's webhook endpoints that were not removed, the oldest first."""
    endpoints: QuerySet[WebhookEndpoint] = WebhookEndpoint.objects.filter(
        merchant=merchant, removed_at=None
    )
    return endpoints.order_by("id")


def get_endpoint(merchant: Merchant, public_id: str) -> WebhookEndpoint:
    """Return one endpoint of the merchant; raises ``WebhookEndpoint.DoesNotExist``."""
    return list_endpoints(merchant).select_related("merchant").get(public_id=public_id)


def list_deliveries(endpoint: WebhookEndpoint, state: str = "") -> QuerySet[WebhookDelivery]:
    """Return an endpoint's deliveries, all or of one state, in no particular order."""
    deliveries: QuerySet[WebhookDelivery] = WebhookDelivery.objects.filter(endpoint=endpoint)
    return deliveries.filter(state=state) if state else deliveries


def get_delivery(endpoint: WebhookEndpoint, public_id: str) -> WebhookDelivery:
    """Return one delivery of an endpoint; raises ``WebhookDelivery.DoesNotExist``."""
    return list_deliveries(endpoint).select_related("endpoint__merchant").get(public_id=public_id)
