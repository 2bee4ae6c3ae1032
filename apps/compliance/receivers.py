"""When compliance checks an order: at once, and after anything about it changed."""

from __future__ import annotations

from django.db.models import Q

from apps.catalog import events as catalog
from apps.catalog.models import Party, Product
from apps.common.clock import utc_now
from apps.compliance import selectors
from apps.compliance import services as compliance
from apps.compliance.duplicates import hold_duplicate
from apps.compliance.models import CheckRun
from apps.compliance.publishing.services import recheck_product, start_party_recheck
from apps.journal import services as journal
from apps.journal.models import JournalEntry
from apps.journal.registry import receiver
from apps.orders import events
from apps.orders.models import Order, OrderHold
from apps.orders.services.declarations import refresh_declaration
from apps.orders.services.holds import HOLDABLE


@receiver(events.ORDER_PLACED, name="compliance.checks", queue="checks")
def check(entry: JournalEntry) -> None:
    """Check a new order and confirm it, or hold it."""
    order = Order.objects.get(public_id=entry.subject_id)
    hold_duplicate(order, actor=compliance.ACTOR, now=utc_now())
    compliance.run_order_checks(order, now=utc_now())


@receiver(
    catalog.PRODUCT_CHANGED,
    catalog.VARIANT_CHANGED,
    name="compliance.product_facts",
    queue="checks",
)
def ask_for_rechecks(entry: JournalEntry) -> None:
    """Ask for a new look at each order whose declaration is held and that has the changed product.

    One fact per order, so that each is checked in a transaction of its own.
    """
    waiting = selectors.list_waiting_for_facts(entry.tenant_id, entry.subject_id)
    facts = [
        journal.Fact(events.RECHECK_REQUESTED, "order", public_id, {"product": entry.subject_id})
        for public_id in waiting
    ]
    journal.record_many(facts, tenant_id=entry.tenant_id, actor=compliance.ACTOR, now=utc_now())


@receiver(
    catalog.PRODUCT_CHANGED,
    catalog.VARIANT_CHANGED,
    catalog.FACTS_CHANGED,
    catalog.ATTRIBUTES_CHANGED,
    catalog.CATEGORY_CHOSEN,
    name="compliance.recheck_listings",
    queue="checks",
)
def recheck_listings(entry: JournalEntry) -> None:
    """Ask the gates again that keep the changed product off sale."""
    own = Product.objects.filter(merchant=entry.tenant_id).select_related("merchant")
    named = Q(public_id=entry.subject_id) | Q(variants__public_id=entry.subject_id)
    product = own.filter(named).first()
    if product is not None:
        recheck_product(product, actor=compliance.ACTOR, now=utc_now())


@receiver(catalog.PARTY_CHANGED, name="compliance.recheck_party", queue="checks")
def recheck_party(entry: JournalEntry) -> None:
    """Ask the gates again of the products that name a company which moved, left or came back."""
    changed = entry.payload.get("fields")
    if not isinstance(changed, list) or not {"country", "is_active"} & set(map(str, changed)):
        return
    party = Party.objects.filter(merchant=entry.tenant_id, public_id=entry.subject_id).first()
    if party is not None:
        start_party_recheck(party, actor=compliance.ACTOR, now=utc_now())


@receiver(events.RECHECK_REQUESTED, name="compliance.recheck_facts", queue="checks")
def recheck_facts(entry: JournalEntry) -> None:
    """Copy the product's facts to an order that still waits, and check it again."""
    order = Order.objects.get(public_id=entry.subject_id)
    if order.status in HOLDABLE:
        refresh_declaration(order, actor=compliance.ACTOR, now=utc_now())
        compliance.run_order_checks(order, now=utc_now())


@receiver(
    events.HOLD_RELEASED,
    events.BUYER_CORRECTED,
    events.ORDER_CHANGED,
    name="compliance.recheck",
    queue="checks",
)
def recheck(entry: JournalEntry) -> None:
    """Check an order again after a hold was released, its buyer corrected or its lines changed.

    A hold that compliance released itself needs no second look. Before the declaration is checked
    again, the lines get the customs facts their products have by now.
    """
    if entry.actor == str(compliance.ACTOR):
        return
    order = Order.objects.get(public_id=entry.subject_id)
    released = OrderHold.objects.filter(public_id=entry.payload.get("hold", "")).first()
    if released is not None and released.kind == CheckRun.Kind.DECLARATION:
        if order.status not in HOLDABLE:
            return
        refresh_declaration(order, actor=compliance.ACTOR, now=utc_now())
    compliance.run_order_checks(order, now=utc_now(), released=released)
