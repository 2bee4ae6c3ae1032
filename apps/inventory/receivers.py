"""What inventory does when something happened: a new company gets its first place for stock."""

from __future__ import annotations

from apps.inventory import services as inventory
from apps.inventory.models import Node
from apps.journal.actors import system_actor
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.merchants.models import Merchant

FIRST_CODE = "MAIN"


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
