"""What people and partners do to stock by hand: moved with a reason, counted, sent elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.bulk import insert_new_row
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.inventory import buckets
from apps.inventory.models import Node, StockAdjustment, StockBalance
from apps.inventory.services.counting import Count, set_many
from apps.inventory.services.moving import Movement, StockShortError, move, open_balances
from apps.inventory.states import OUTSIDE, Disposition, Reason, may_adjust
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant

MAX_CHANGES = 500
MAX_UNITS = 1_000_000_000
MAX_NOTE = 300
_COLUMNS = (
    "public_id",
    "merchant",
    "reference",
    "mark",
    "reason",
    "note",
    "made_by",
    "made_by_name",
    "made_at",
)


@dataclass(frozen=True, slots=True)
class Change:
    """Units of a variant to move at a node."""

    variant: Variant
    node: Node
    quantity: int


@retry_transaction
def adjust_stock(
    merchant: Merchant,
    *,
    changes: Sequence[Change],
    reason: str,
    source: str,
    target: str,
    note: str = "",
    reference: str,
    actor: Actor,
    now: datetime,
) -> StockAdjustment:
    """Move units from one condition to another by hand, all or nothing, once per ``reference``.

    Raises ``DomainError``: 422 ``inventory.not_allowed`` when the reason does not allow the
    movement, 409 ``inventory.short`` when a place holds less, 409 ``inventory.reference_reused``
    when the reference was used for something else. A repeat returns the first adjustment.
    """
    if not may_adjust(reason, source, target):
        raise DomainError(
            "inventory.not_allowed", _("This reason does not move stock that way."), status=422
        )
    _check(changes)
    content = [source, target, *sorted([c.variant.pk, c.node.pk, c.quantity] for c in changes)]
    with transaction.atomic():
        adjustment, is_new = _open(merchant, reason, content, note, reference, actor, now)
        if is_new:
            keys = _balances_of(merchant, changes)
            steps = [
                Movement(key, change.quantity, f"{adjustment.public_id}:{key}")
                for key, change in zip(keys, changes, strict=True)
            ]
            _move(merchant, steps, source, target, reason, changes, now)
            _announce(
                "stock.adjusted",
                merchant,
                adjustment,
                {"from": source, "to": target},
                changes,
                actor,
            )
    return adjustment


@retry_transaction
def transfer_stock(
    merchant: Merchant,
    *,
    source: Node,
    target: Node,
    quantities: Mapping[Variant, int],
    note: str = "",
    reference: str,
    actor: Actor,
    now: datetime,
) -> StockAdjustment:
    """Send available units to another place: out of one shelf, on the way to the other, at once.

    The units stand as in transit at ``target`` until an adjustment with the reason ``arrived`` (or
    damage, or loss) says what came. Once per ``reference``; errors as of ``adjust_stock``.
    """
    if source.pk == target.pk:
        sentence = _("Choose another place.")
        raise DomainError("inventory.same_node", sentence, status=422, fields={"to": sentence})
    changes = [Change(variant, source, quantity) for variant, quantity in quantities.items()]
    _check(changes)
    content = [source.pk, target.pk, *sorted([c.variant.pk, c.quantity] for c in changes)]
    reason = Reason.TRANSFER
    with transaction.atomic():
        adjustment, is_new = _open(merchant, reason, content, note, reference, actor, now)
        if is_new:
            there = open_balances(merchant, target, [c.variant.pk for c in changes])
            here = open_balances(merchant, source, [c.variant.pk for c in changes])
            # Both sides in one order of keys, so that transfers in opposite directions queue up.
            keys = [*here.values(), *there.values()]
            list(StockBalance.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
            out = _steps(adjustment, here, changes)
            _move(merchant, out, Disposition.AVAILABLE, OUTSIDE, reason, changes, now)
            into = _steps(adjustment, there, changes)
            _move(merchant, into, OUTSIDE, Disposition.IN_TRANSIT, reason, changes, now)
            nodes: dict[str, journal.Json] = {
                "from_node": source.public_id,
                "to_node": target.public_id,
            }
            _announce("stock.transferred", merchant, adjustment, nodes, changes, actor)
    return adjustment


@retry_transaction
def count_stock(
    merchant: Merchant,
    *,
    counts: Sequence[Count],
    note: str = "",
    reference: str,
    actor: Actor,
    now: datetime,
) -> StockAdjustment:
    """Set what is available of many variants after a count, once per ``reference``.

    The journal gets ``stock.counted`` for each figure that changed.
    """
    content = sorted([c.variant_id, c.node.pk, c.quantity] for c in counts)
    with transaction.atomic():
        adjustment, is_new = _open(
            merchant, Reason.COUNT, list(content), note, reference, actor, now
        )
        if is_new:
            set_many(
                counts,
                merchant=merchant,
                reason=Reason.COUNT,
                reference=adjustment.public_id,
                actor=actor,
                now=now,
            )
    return adjustment


def _check(changes: Sequence[Change]) -> None:
    if not changes or len(changes) > MAX_CHANGES:
        raise DomainError(
            "inventory.too_many",
            _("Name between 1 and %(limit)s items.") % {"limit": MAX_CHANGES},
            status=422,
        )
    if any(not 0 < change.quantity <= MAX_UNITS for change in changes):
        raise DomainError("inventory.quantity", _("A quantity must be above zero."), status=422)
    if len({(change.variant.pk, change.node.pk) for change in changes}) < len(changes):
        raise DomainError(
            "inventory.twice", _("An item is named twice. Name each once."), status=422
        )


def _open(
    merchant: Merchant,
    reason: str,
    content: Sequence[object],
    note: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> tuple[StockAdjustment, bool]:
    """Return the adjustment of the reference and whether it is new; a twin waits for the first."""
    text = json.dumps([str(reason), *content], separators=(",", ":"))
    mark = hashlib.sha256(text.encode()).hexdigest()
    public_id = new_public_id("adj")
    row = (
        public_id,
        merchant.pk,
        reference,
        mark,
        str(reason),
        note[:MAX_NOTE],
        str(actor),
        actor.label[:120],
        now,
    )
    is_new = insert_new_row(StockAdjustment, _COLUMNS, row)
    adjustment: StockAdjustment = StockAdjustment.objects.get(
        merchant=merchant, reference=reference
    )
    if adjustment.mark != mark:
        raise DomainError(
            "inventory.reference_reused",
            _("This reference already belongs to another adjustment. Use a new one."),
            fields={"reference": _("Already used.")},
        )
    return adjustment, is_new


def _balances_of(merchant: Merchant, changes: Sequence[Change]) -> list[int]:
    by_node: dict[Node, list[int]] = {}
    for change in changes:
        by_node.setdefault(change.node, []).append(change.variant.pk)
    known = {
        node: open_balances(merchant, node, sorted(variants)) for node, variants in by_node.items()
    }
    return [known[change.node][change.variant.pk] for change in changes]


def _steps(
    adjustment: StockAdjustment, balances: Mapping[int, int], changes: Sequence[Change]
) -> list[Movement]:
    return [
        Movement(
            balances[change.variant.pk],
            change.quantity,
            f"{adjustment.public_id}:{balances[change.variant.pk]}",
        )
        for change in changes
    ]


def _move(
    merchant: Merchant,
    steps: Sequence[Movement],
    source: str,
    target: str,
    reason: str,
    changes: Sequence[Change],
    now: datetime,
) -> None:
    try:
        move(steps, merchant_id=merchant.pk, source=source, target=target, reason=reason, now=now)
    except StockShortError as error:
        raise _short(changes, steps, source) from error


def _short(changes: Sequence[Change], steps: Sequence[Movement], source: str) -> DomainError:
    balances = list(StockBalance.objects.filter(pk__in=[step.balance_id for step in steps]))
    buckets.fold(balances)
    held = {balance.pk: getattr(balance, source) for balance in balances}
    fields = {
        f"changes.{index}.quantity": _("Only %(count)s are there.")
        % {"count": held[step.balance_id]}
        for index, step in enumerate(steps)
        if held.get(step.balance_id, 0) < step.quantity
    }
    skus = [
        change.variant.sku
        for index, change in enumerate(changes)
        if f"changes.{index}.quantity" in fields
    ]
    return DomainError(
        "inventory.short",
        _("There are fewer units of %(skus)s than that.") % {"skus": ", ".join(skus)[:200]},
        fields=fields,
    )


def _announce(
    event: str,
    merchant: Merchant,
    adjustment: StockAdjustment,
    facts: Mapping[str, journal.Json],
    changes: Sequence[Change],
    actor: Actor,
) -> None:
    units = sum(change.quantity for change in changes)
    payload: dict[str, journal.Json] = {
        "reason": adjustment.reason,
        "reference": adjustment.reference,
        **facts,
        "balances": len(changes),
        "units": units,
    }
    journal.record(
        event,
        merchant=merchant,
        subject=adjustment,
        actor=actor,
        now=adjustment.made_at,
        payload=payload,
    )
