"""What inventory does when something happened, or when a deadline of its own comes."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum
from django_scopes import scopes_disabled

from apps.catalog.models import Variant
from apps.inventory import hot
from apps.inventory import services as inventory
from apps.inventory.models import Node, StockAllocation, StockLotBook, StockPosting
from apps.inventory.selectors.changes import CHANGING, list_changed_balances
from apps.inventory.services import lots, reserving
from apps.inventory.states import AllocationMode
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


@deadline_handler(reserving.EXPIRE)
def expire_reservation(deadline: Deadline, now: datetime) -> str:
    """End a cart's reservation whose time ran out; one that was renewed has a later deadline."""
    public_id, _sep, _renewal = deadline.subject_id.partition(":")
    return reserving.expire_reservation(public_id, now=now)


@deadline_handler(lots.EXPIRE)
def expire_lot(deadline: Deadline, now: datetime) -> str:
    """Quarantine what is left of a lot that is over."""
    public_id, _sep, _posting = deadline.subject_id.partition(":")
    return lots.expire_lot(public_id, now=now)


def has_lots(tenant_id: int) -> bool:
    """Say whether a merchant keeps lots; most do not."""
    with scopes_disabled():
        return StockLotBook.objects.filter(merchant=tenant_id).exists()


@receiver(*CHANGING, name="inventory.book_lots", queue="intake", when=has_lots)
def book_lots(entry: JournalEntry) -> None:
    """Book what moved on the lots it came from or went back to."""
    inventory.book_lots(list_changed_balances(entry))


def has_manual_allocations(tenant_id: int) -> bool:
    """Say whether a merchant sets a number of units aside; most do not."""
    with scopes_disabled():
        own = StockAllocation.objects.filter(merchant=tenant_id, mode=AllocationMode.MANUAL)
        return own.exists()


@receiver(
    "order.placed",
    "order.cancelled",
    name="inventory.use_allocations",
    queue="intake",
    when=has_manual_allocations,
)
def use_allocations(entry: JournalEntry) -> None:
    """Take the units of a new order off what was set aside for its market, or give them back."""
    is_new = entry.event == "order.placed"
    kind = "reserve" if is_new else "cancelled"
    moved = StockPosting.objects.filter(
        merchant=entry.tenant_id, reference__startswith=f"{kind}:{entry.subject_id}:"
    )
    units = dict(
        moved.order_by()
        .values("balance__variant")
        .annotate(units=Sum("quantity"))
        .values_list("balance__variant", "units")
    )
    placed = entry
    if not is_new:
        own = JournalEntry.objects.filter(tenant_id=entry.tenant_id, event="order.placed")
        placed = own.get(subject_id=entry.subject_id)
        units = {variant: -count for variant, count in units.items()}
    inventory.use_allocations(
        entry.tenant_id,
        units,
        market=str(placed.payload["market"]),
        channel=str(placed.payload["channel"]),
    )
