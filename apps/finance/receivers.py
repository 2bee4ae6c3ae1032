"""What finance posts when something happens to an order or to one of its labels."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.finance import services
from apps.finance.events import SHIPMENT_CREATED, SHIPMENT_VOIDED
from apps.finance.models import PostageCharge
from apps.finance.services.settling import LabelNews
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.orders import events


@receiver(
    events.ORDER_CONFIRMED,
    events.ORDER_DELIVERED,
    events.ORDER_COMPLETED,
    events.ORDER_CANCELLED,
    events.ORDER_CHANGED,
    name="finance.post_order",
    queue="finance",
)
def post_order(entry: JournalEntry) -> None:
    """Bring the order's postings up to date."""
    services.post_order(entry.subject_id, now=utc_now())


@receiver(SHIPMENT_CREATED, name="finance.charge_label", queue="finance")
def charge_label(entry: JournalEntry) -> None:
    """Post a label's price: payload ``order``, ``postage_minor``, ``currency``.

    A shipment without a price of its own (a warehouse's flat rate) charges nothing.
    """
    postage = entry.payload.get("postage_minor")
    if postage is None:
        return
    news = LabelNews(str(entry.payload["order"]), entry.subject_id, entry.occurred_at)
    services.charge_label(
        news,
        postage_minor=int(postage),
        currency=str(entry.payload["currency"]),
        now=utc_now(),
    )


@receiver(SHIPMENT_VOIDED, name="finance.void_label", queue="finance")
def void_label(entry: JournalEntry) -> None:
    """Take a label's price back."""
    order = entry.payload.get("order") or _order_of(entry.subject_id)
    news = LabelNews(str(order), entry.subject_id, entry.occurred_at)
    services.void_label(news, now=utc_now())


def _order_of(shipment_id: str) -> str:
    known = PostageCharge.objects.filter(shipment_id=shipment_id)
    found: str | None = known.values_list("order__public_id", flat=True).first()
    if found is None:
        # Its creation is still on the way: the journal tries this entry again.
        raise DomainError("finance.unknown_shipment", _("This shipment is not known yet."))
    return found
