"""Splitting an order in two, and dividing a line whose units leave apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.jobs.deadlines import NewDeadline, find_deadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.dividing import Part, Run, cut_amount
from apps.orders.models import LineDiscount, Order, OrderHold, OrderLine
from apps.orders.rules import new_number
from apps.orders.services.content import (
    Content,
    Taken,
    amounts_of,
    discount_row,
    open_content,
    require_part,
    reserve_lines,
    save_content,
    take_units,
    told_lines,
)
from apps.orders.services.locking import lock_order, record_fact
from apps.orders.services.pausing import copy_pause
from apps.orders.services.shares import FOR_SHIPPING
from apps.orders.services.writing import AUTO_CANCEL
from apps.orders.states import ChangeKind, OrderStatus

# What a new order of the same buyer takes over as it is.
_INHERITED = (
    "merchant_id",
    "store_id",
    "market_id",
    "channel",
    "content_ref",
    "model",
    "currency",
    "buyer_label",
    "buyer_index",
    "buyer_key",
    "buyer_sealed",
    "ship_to_country",
    "placed_at",
    "ship_by_at",
)
_LINE_FACTS = (
    "merchant_id",
    "variant_id",
    "node_id",
    "sku",
    "title",
    "unit_price_minor",
    "unit_weight_g",
    "unit_cost_minor",
    "cost_currency",
    "hs_code",
    "origin_country",
    "customs_name",
)
_HOLD_FACTS = ("merchant_id", "kind", "open_kind", "reason", "fix", "details", "placed_by")


@retry_transaction
def split_order(
    order: Order,
    units: Mapping[int, int],
    *,
    note: str = "",
    shipping_minor: int | None = None,
    actor: Actor,
    now: datetime,
) -> Order:
    """Move units (position → how many, the last ones of a line) to an order of their own; return it.

    The new order is checked like any other before it ships. Both orders together have exactly the
    units, amounts, discounts and reservations of the one before; the shipping fee is shared by the
    value of the items (rounded down for the new order) unless ``shipping_minor`` says what goes.
    Open holds and both clocks are taken over. Raises 422 for units or a fee the order does not
    have, and 409 once its label exists.
    """
    with transaction.atomic():
        content = open_content(lock_order(order))
        require_part(content, units)
        before = amounts_of(content)
        taken = take_units(content, units, now=now)
        fee, discount, runs = _take_fee(content, taken, before.items_minor, shipping_minor)
        child = _write_child(content.order, taken, fee, discount, now=now)
        _write_child_rows(child, taken, runs, now=now)
        save_content(
            content,
            before,
            kind=ChangeKind.SPLIT_OFF,
            touched=[*units, FOR_SHIPPING],
            note=note,
            other=child,
            details={"lines": told_lines(taken), "shipping_minor": fee},
            actor=actor,
            now=now,
        )
        _announce(child, content.order, actor=actor, now=now)
    return child


def _take_fee(
    content: Content, taken: Sequence[Taken], items_minor: int, wanted: int | None
) -> tuple[int, int, list[Run]]:
    """Take the new order's part of fee and fee discount out of the old one; returns both and the runs."""
    order = content.order
    moved = sum(item.line.unit_price_minor * item.part.quantity for item in taken)
    fee = order.shipping_minor
    part = cut_amount(fee, part=moved, whole=items_minor) if wanted is None else wanted
    if not 0 <= part <= fee:
        sentence = _("The new order can have at most the shipping fee of this one.")
        raise DomainError("orders.shipping", sentence, status=422, fields={"shipping": sentence})
    discount = cut_amount(content.shipping_discount_minor, part=part, whole=fee)
    kept: list[Run] = []
    moved_runs: list[Run] = []
    for run in content.runs.get(FOR_SHIPPING, ()):
        amount = cut_amount(run.amount_minor, part=part, whole=fee)
        platform = min(cut_amount(run.platform_minor, part=part, whole=fee), amount)
        _keep(kept, run, run.amount_minor - amount, run.platform_minor - platform)
        _keep(moved_runs, run, amount, platform)
    if moved_runs or kept:
        discount = sum(run.amount_minor for run in moved_runs)
    content.runs[FOR_SHIPPING] = kept
    content.shipping_discount_minor -= discount
    order.shipping_minor -= part
    return part, discount, moved_runs


def _keep(runs: list[Run], run: Run, amount: int, platform: int) -> None:
    if amount:
        runs.append(replace(run, amount_minor=amount, platform_minor=platform))


def _write_child(
    parent: Order, taken: Sequence[Taken], fee: int, fee_discount: int, *, now: datetime
) -> Order:
    number = new_number(now)
    items = sum(item.line.unit_price_minor * item.part.quantity for item in taken)
    discount = sum(item.part.discount_minor for item in taken) + fee_discount
    child: Order = Order.objects.create(
        **{name: getattr(parent, name) for name in _INHERITED},
        number=number,
        parent=parent,
        external_ref=f"{parent.external_ref[:40]}/{number}",
        status=OrderStatus.PENDING,
        items_minor=items,
        shipping_minor=fee,
        discount_minor=discount,
        total_minor=items + fee - discount,
        open_hold_count=parent.open_hold_count,
        line_count=len(taken),
        unit_count=sum(item.part.quantity for item in taken),
    )
    return child


def _write_child_rows(
    child: Order, taken: Sequence[Taken], fee_runs: Sequence[Run], *, now: datetime
) -> None:
    lines = [_line_of(child, position, item) for position, item in enumerate(taken, 1)]
    pairs = [(line, item.balance_id) for line, item in zip(lines, taken, strict=True)]
    reserve_lines(child, pairs, now=now)
    OrderLine.objects.bulk_create(lines)
    rows = [discount_row(child, FOR_SHIPPING, run) for run in fee_runs]
    for position, item in enumerate(taken, 1):
        rows += [discount_row(child, position, run) for run in item.part.runs]
    LineDiscount.objects.bulk_create(rows)
    copy_holds(child.parent, child, now=now)


def twin_line(order: Order, position: int, line: OrderLine) -> OrderLine:
    """Return a line as it is, not saved, at a position of another order."""
    part = Part(line.quantity, line.discount_minor, ())
    return _line_of(order, position, Taken(line, part, 0))


def _line_of(order: Order, position: int, item: Taken) -> OrderLine:
    part = item.part
    return OrderLine(
        **{name: getattr(item.line, name) for name in _LINE_FACTS},
        order=order,
        position=position,
        quantity=part.quantity,
        discount_minor=part.discount_minor,
        total_minor=item.line.unit_price_minor * part.quantity - part.discount_minor,
    )


def copy_holds(source: Order | None, target: Order, *, now: datetime) -> int:
    """Hold an order by every open hold of another that it does not have; returns how many."""
    known = OrderHold.objects.filter(order=target, open_kind__isnull=False)
    kinds = set(known.values_list("kind", flat=True))
    found = OrderHold.objects.filter(order=source, open_kind__isnull=False).exclude(kind__in=kinds)
    holds = [
        OrderHold(
            **{name: getattr(hold, name) for name in _HOLD_FACTS},
            public_id=new_public_id("hld"),
            order=target,
            placed_at=now,
        )
        for hold in found.order_by("pk")
    ]
    OrderHold.objects.bulk_create(holds)
    return len(holds)


def _announce(child: Order, parent: Order, *, actor: Actor, now: datetime) -> None:
    due = find_deadline(AUTO_CANCEL, parent.public_id)
    if due is not None:
        same = NewDeadline(AUTO_CANCEL, child.public_id, due.due_at, due.warn_at)
        set_deadlines(child.merchant_id, [same])
    copy_pause(parent, child, now=now)
    payload: dict[str, journal.Json] = {
        "market": child.market.code,
        "channel": child.channel,
        "external_ref": child.external_ref,
        "total_minor": child.total_minor,
        "currency": child.currency,
        "split_from": parent.public_id,
    }
    record_fact(child, events.ORDER_PLACED, payload, actor=actor, now=now)


def divide_line(order: Order, position: int, units: int, *, now: datetime) -> OrderLine:
    """Give the last units of a line a line of their own in the same order; returns the new line.

    For units that leave in another parcel; must run in a transaction that holds the order's lock.
    No amount changes.
    """
    content = open_content(order, also=(OrderStatus.ALLOCATED,))
    line = content.lines[position]
    number = content.next_number()
    [taken] = take_units(content, {position: units}, now=now)
    new = _line_of(order, number, taken)
    reserve_lines(order, [(new, taken.balance_id)], now=now)
    content.lines[number], content.runs[number] = new, list(taken.part.runs)
    LineDiscount.objects.filter(order=order, position=position).delete()
    line.save(update_fields=["quantity", "discount_minor", "total_minor", "slot"])
    new.save()
    LineDiscount.objects.bulk_create(
        discount_row(order, key, run) for key in (position, number) for run in content.runs[key]
    )
    order.line_count += 1
    order.save(update_fields=["line_count", "last_number", "updated_at"])
    return new
