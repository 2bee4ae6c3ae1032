"""Reads of compliance: what a check looks at, and what earlier runs said."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from apps.catalog.models import Variant
from apps.common.crypto import UnreadableError, blind_index
from apps.compliance.models import CheckRun
from apps.compliance.rules import ADDRESS_RULES, DECLARATION_RULES, AddressFacts, LineFacts
from apps.fulfillment.labels.fonts import find_unprintable
from apps.fulfillment.rules import needs_customs
from apps.orders.models import Order, OrderHold, OrderLine
from apps.orders.services.buyers import read_buyer
from apps.orders.services.holds import HOLDABLE

# A check older than this says too little about today's rules and addresses.
MAX_AGE = timedelta(days=30)
RULE_VERSIONS: dict[str, str] = {
    CheckRun.Kind.ADDRESS: ADDRESS_RULES,
    CheckRun.Kind.DECLARATION: DECLARATION_RULES,
}
_PRINTED = ("name", "street", "city", "region")


@dataclass(frozen=True, slots=True)
class DeclarationFacts:
    """The lines of an order, and whether any of them crosses a customs border."""

    lines: tuple[LineFacts, ...]
    is_abroad: bool


def find_address_facts(order: Order) -> AddressFacts | None:
    """Return the order's address as checks see it, or nothing once the buyer was erased."""
    try:
        buyer = read_buyer(order)
    except UnreadableError:
        return None
    return AddressFacts(
        name=buyer.name,
        country=buyer.country,
        street=buyer.street,
        city=buyer.city,
        region=buyer.region,
        postal_code=buyer.postal_code,
        unprintable=tuple(name for name in _PRINTED if find_unprintable(getattr(buyer, name))),
    )


def get_declaration_facts(order: Order) -> DeclarationFacts:
    """Return the customs facts of the order's lines; one statement."""
    lines = OrderLine.objects.filter(order=order).select_related("node").order_by("position")
    found = [
        LineFacts(
            line.position,
            line.hs_code,
            line.origin_country,
            line.customs_name,
            line.unit_weight_g,
        )
        for line in lines
    ]
    is_abroad = any(needs_customs(line.node.country, order.ship_to_country) for line in lines)
    return DeclarationFacts(tuple(found), is_abroad)


def digest_inputs(facts: AddressFacts | DeclarationFacts | None) -> str:
    """Return the keyed digest of what a check looked at (64 hex digits)."""
    content = asdict(facts) if facts is not None else None
    return blind_index(json.dumps(content, sort_keys=True, ensure_ascii=False))


def find_valid_check(order: Order, kind: str, *, now: datetime) -> CheckRun | None:
    """Return the run that holds a gate open, or nothing: then the gate is closed.

    Only the newest run of the kind counts. It must have passed, by the rule in force, at most 30
    days ago, and on what the order says now.
    """
    newest = list_checks(order).filter(kind=kind).first()
    if newest is None or newest.verdict != CheckRun.Verdict.PASS:
        return None
    if newest.rule_version != RULE_VERSIONS[kind] or now - newest.ran_at > MAX_AGE:
        return None
    is_address = kind == CheckRun.Kind.ADDRESS
    facts = find_address_facts(order) if is_address else get_declaration_facts(order)
    return newest if newest.inputs_digest == digest_inputs(facts) else None


def list_waiting_for_facts(merchant_id: int, subject_id: str) -> list[str]:
    """Return the outward ids of orders held for their declaration that contain a product.

    ``subject_id`` names the product or one of its variants; two statements.
    """
    changed = Variant.objects.filter(
        Q(product__public_id=subject_id) | Q(public_id=subject_id), merchant=merchant_id
    )
    held = OrderHold.objects.filter(
        merchant=merchant_id, open_kind=CheckRun.Kind.DECLARATION, order__status__in=HOLDABLE
    )
    lines = OrderLine.objects.filter(
        variant__in=list(changed.values_list("pk", flat=True)), order__in=held.values("order")
    )
    found = lines.order_by("order_id").values_list("order__public_id", flat=True)
    return list(found.distinct())


def list_checks(order: Order) -> QuerySet[CheckRun]:
    """Return all check runs of an order, the newest first."""
    runs: QuerySet[CheckRun] = CheckRun.objects.filter(order=order)
    return runs.order_by("-id")
