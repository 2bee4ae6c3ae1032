"""From the journal to webhooks, and the notice that a webhook was paused."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from apps.common.clock import utc_now
from apps.inventory.selectors.changes import CHANGING, list_stock_changes
from apps.journal import services as journal
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.merchants.models import Member
from apps.merchants.permissions import API_MANAGE, has_permission
from apps.partners import events
from apps.partners.models import WebhookEndpoint
from apps.partners.rules import wants
from apps.partners.services.deliveries import enqueue_entry


def has_endpoint(tenant_id: int) -> bool:
    """Say whether a merchant has a webhook that listens; most have none."""
    with scopes_disabled():
        return WebhookEndpoint.objects.filter(merchant=tenant_id, paused_at=None).exists()


@receiver(*events.PUBLIC_EVENTS, name="partners.webhooks", queue="webhooks", when=has_endpoint)
def queue_webhooks(entry: JournalEntry) -> None:
    """Make a delivery for each endpoint that subscribed to the event."""
    enqueue_entry(entry, now=utc_now())


def wants_stock(tenant_id: int) -> bool:
    """Say whether a webhook of the merchant listens to changes of stock."""
    with scopes_disabled():
        own = WebhookEndpoint.objects.filter(merchant=tenant_id, paused_at=None)
        wanted = list(own.values_list("events", flat=True))
    return any(wants(names, events.STOCK_CHANGED) for names in wanted)


@receiver(*CHANGING, name="partners.stock_changed", queue="webhooks", when=wants_stock)
def tell_stock_changes(entry: JournalEntry) -> None:
    """Record what a fact changed in stock, one entry for all SKUs and nodes, for webhooks to carry.

    Derived from the postings afterwards, so that intake pays nothing for it.
    """
    found = list_stock_changes(entry)
    if not found:
        return
    changes: list[journal.Json] = [
        {"sku": item.sku, "node": item.node, "deltas": dict(item.deltas)} for item in found
    ]
    payload: dict[str, journal.Json] = {"cause": entry.event, "changes": changes}
    fact = journal.Fact(events.STOCK_CHANGED, entry.subject_type, entry.subject_id, payload)
    journal.record_many(
        [fact],
        tenant_id=entry.tenant_id,
        actor=system_actor("stock"),
        now=entry.occurred_at,
    )


@receiver(events.WEBHOOK_PAUSED, name="partners.webhook_notice", queue="webhooks")
def tell_people(entry: JournalEntry) -> None:
    """Write to everybody who may manage the API that the portal stopped sending to an address."""
    members = Member.objects.filter(merchant=entry.tenant_id, is_active=True)
    for member in members.select_related("user"):
        if not has_permission(member, API_MANAGE):
            continue
        with translation.override(member.user.language):
            subject = _("A webhook was paused")
            text = _(
                "We stopped sending events to %(url)s. Repair the receiver, then resume the webhook: "
                "%(link)s. Nothing is lost: what came meanwhile can be sent again."
            ) % {
                "url": entry.payload["url"],
                "link": f"{settings.PORTAL_URL}/settings/api/webhooks/{entry.subject_id}/",
            }
            send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [member.user.email])
