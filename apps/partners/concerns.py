"""Webhooks that do not arrive, as things that need the company."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.merchants.concerns import Concern, Words
from apps.merchants.models import Merchant
from apps.partners import selectors
from apps.partners.models import WebhookEndpoint

KIND = "webhook"
SHOWN = 3


def find_silent_webhooks(merchant: Merchant, now: datetime) -> list[Concern]:
    """Return the endpoints that the portal paused, and those whose deliveries fail (one statement).

    An endpoint that a person switched off is no concern. Beyond ``SHOWN`` the rest is one line.
    """
    reason = WebhookEndpoint.Reason
    by_portal = Q(pause_reason__in=(reason.GONE, reason.FAILING), paused_at__isnull=False)
    failing = Q(failing_since__isnull=False, paused_at=None)
    silent = list(selectors.list_endpoints(merchant).filter(by_portal | failing))
    concerns = [_concern(endpoint) for endpoint in silent[:SHOWN]]
    rest = silent[SHOWN:]
    if rest:
        concerns.append(Concern(len(rest), max(_since(endpoint) for endpoint in rest)))
    return concerns


def _concern(endpoint: WebhookEndpoint) -> Concern:
    name = f"{endpoint.pause_reason}|{endpoint.url}"
    return Concern(1, _since(endpoint), endpoint.public_id, name)


def _since(endpoint: WebhookEndpoint) -> datetime:
    return endpoint.paused_at or endpoint.failing_since or endpoint.updated_at


def describe_silent_webhook(concern: Concern) -> Words:
    """Return what happened, what it means, and the link to the endpoint."""
    if not concern.subject:
        title = ngettext(
            "%(count)s more webhook does not arrive",
            "%(count)s more webhooks do not arrive",
            concern.count,
        ) % {"count": concern.count}
        return Words("triangle-alert", title, "", reverse("partners:webhooks"), _("See why"))
    reason, _bar, url = concern.name.partition("|")
    link = reverse("partners:webhook", args=[concern.subject])
    if not reason:
        detail = _("%(url)s does not take events. We try again by ourselves.") % {"url": url}
        return Words("triangle-alert", _("A webhook fails"), detail, link, _("See why"))
    detail = _("%(url)s gets no events. What came meanwhile can be sent again.") % {"url": url}
    return Words("circle-pause", _("A webhook was paused"), detail, link, _("Repair and resume"))
