"""Running the checks of an order, holding what they find, confirming what passes.

The gate of the label: a label exists only for an order that was confirmed, and nothing but this
module confirms orders. So no label can be made while a check is missing, failed or held, although
fulfilment, one floor below, knows nothing of checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from apps.common.db import retry_transaction
from apps.compliance import selectors
from apps.compliance.models import CheckRun
from apps.compliance.rules import FAIL, Finding, check_address, check_declaration, judge
from apps.compliance.sentences import explain
from apps.journal.actors import Actor, system_actor
from apps.journal.services import Json
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold
from apps.orders.services.holds import HOLDABLE
from apps.orders.states import OrderStatus

ACTOR = system_actor("compliance")
_Inspection = tuple[str, list[Finding], str]


@retry_transaction
def run_order_checks(
    order: Order, *, now: datetime, released: OrderHold | None = None, actor: Actor = ACTOR
) -> list[CheckRun]:
    """Check address and declaration, store both runs, and act on them in the same transaction.

    A finding holds the order, a check that passes now releases its own hold, and a pending order
    without any open hold is confirmed. ``released`` is the hold a person has just released: if it
    named nothing that must be corrected and nothing changed since, the person's word counts and the
    check passes. An order that has left or ended is not checked: returns no runs.
    """
    with transaction.atomic():
        locked: Order = Order.objects.select_for_update().get(pk=order.pk)
        if locked.status not in HOLDABLE:
            return []
        inspections = _inspect(locked)
        runs = [_judge(locked, item, released, now) for item in inspections]
        CheckRun.objects.bulk_create(runs)
        held = 0
        if locked.open_hold_count or any(run.verdict != CheckRun.Verdict.PASS for run in runs):
            _hold_or_release(locked, runs, inspections, actor=actor, now=now)
            held = OrderHold.objects.filter(order=locked, open_kind__isnull=False).count()
        if locked.status == OrderStatus.PENDING and not held:
            orders.confirm_order(locked, actor=actor, now=now)
    return runs


def _inspect(order: Order) -> list[_Inspection]:
    """Return kind, findings and digest of the inputs of each check."""
    address = selectors.find_address_facts(order)
    declaration = selectors.get_declaration_facts(order)
    erased = (Finding("erased", "address", FAIL),)
    about_address = check_address(address) if address is not None else erased
    about_lines = check_declaration(declaration.lines, is_abroad=declaration.is_abroad)
    return [
        (CheckRun.Kind.ADDRESS, list(about_address), selectors.digest_inputs(address)),
        (CheckRun.Kind.DECLARATION, list(about_lines), selectors.digest_inputs(declaration)),
    ]


def _judge(
    order: Order, inspection: _Inspection, released: OrderHold | None, now: datetime
) -> CheckRun:
    kind, findings, digest = inspection
    verdict = judge(findings)
    reasons: list[dict[str, Json]] = [asdict(finding) for finding in findings]
    if verdict == CheckRun.Verdict.HOLD:
        accepted_by = _who_accepted(order, kind, digest, released)
        if accepted_by:
            verdict = CheckRun.Verdict.PASS
            reasons.append({"code": "accepted", "by": accepted_by})
    return CheckRun(
        merchant_id=order.merchant_id,
        order=order,
        kind=kind,
        verdict=verdict,
        reasons=reasons,
        rule_version=selectors.RULE_VERSIONS[kind],
        inputs_digest=digest,
        ran_at=now,
    )


def _who_accepted(order: Order, kind: str, digest: str, released: OrderHold | None) -> str:
    """Return the person who accepted exactly these inputs, now or at an earlier run."""
    if (
        released is not None
        and released.kind == kind
        and released.details.get("digest") == digest
        and not released.released_by.startswith("system:")
    ):
        return released.released_by
    earlier = selectors.list_checks(order).filter(
        kind=kind,
        verdict=CheckRun.Verdict.PASS,
        rule_version=selectors.RULE_VERSIONS[kind],
        inputs_digest=digest,
    )
    run = earlier.first()
    return str(run.reasons[-1].get("by", "")) if run is not None and run.reasons else ""


def _hold_or_release(
    order: Order,
    runs: Sequence[CheckRun],
    inspections: Sequence[_Inspection],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    open_holds = OrderHold.objects.filter(order=order, open_kind__isnull=False)
    by_kind = {hold.kind: hold for hold in open_holds.select_related("order")}
    for run, (kind, findings, digest) in zip(runs, inspections, strict=True):
        hold = by_kind.get(kind)
        stored: list[Json] = [dict(asdict(finding)) for finding in findings]
        is_held = run.verdict != CheckRun.Verdict.PASS
        if hold is not None and is_held and hold.details.get("digest") == digest:
            continue
        if hold is not None:
            note = "Replaced by a newer check" if is_held else "The check passes now"
            orders.release_hold(hold, note=note, actor=actor, now=now)
        if is_held:
            told = explain(kind, findings, order.ship_to_country)
            orders.place_hold(
                order,
                kind=kind,
                reason=told.reason,
                fix=told.fix,
                details={"check": run.public_id, "digest": digest, "findings": stored},
                actor=actor,
                now=now,
            )
