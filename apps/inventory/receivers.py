"""What inventory does when something happened, or when a deadline of its own comes."""

from __future__ import annotations

from datetime import datetime

from apps.catalog.models import Variant
from apps.inventory import hot
from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.jobs.deadlines import deadline_handler
from apps.jobs.models import Deadline
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.merchants.models import Merchant

FIRST_CODE = "MAIN"


@deadline_handler(hot.COOL)
def cool_after_sale(deadline: Deadline, now: datetime) -> str:
    """Bring the units of a variant back to one row per node: its sale is over."""
    variant = Variant.objects.get(public_id=deadline.subject_id)
    actor = system_actor("deadlines")
    count = hot.cool_balances(variant.merchant, variants=[variant], actor=actor, now=now)
    return f"cooled {count}"


@receiver("merchant.created", name="inventory.open_first_node", queue="intake")
def open_first_node(entry: JournalEntry) -> None:
    """Open a company's own hub, unless it already has a place for stock."""
    merchant = Merchant.objects.get(public_id=entry.subject_id)
    if Node.objects.filter(merchant=merchant).exists():
        return
    inventory.create_node(
        merchant,
        code=FIRST_CODE,
        name=merchant.name[:120],
        kind=Node.Kind.MERCHANT_HUB,
        country=merchant.country,
        actor=system_actor("inventory"),
        now=entry.occurred_at,
    )
