"""The content of a locked order as it is changed: lines, discounts, totals and the stock behind them.

A line's units are reserved by one posting, named by the order and the line's number. Postings are
never changed, so a line whose quantity changes gives its reservation back and reserves what is left
under the next free number, in the same transaction: the balance stays locked in between, nobody can
take the units, and every reservation still is exactly one line's quantity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.inventory import services as inventory
from apps.inventory.models import Disposition, StockPosting
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.dividing import Part, Run, divide
from apps.orders.models import LineDiscount, Order, OrderChange, OrderLine
from apps.orders.services.locking import record_fact, wrong_state
from apps.orders.services.shares import FOR_SHIPPING, settle_shares, shares_of
from apps.orders.services.writing import reserve_reference
from apps.orders.states import CHANGEABLE, ChangeKind
from apps.promotions.returning import Part as Share

_LINE_FIELDS = ("quantity", "discount_minor", "total_minor", "slot")
_ORDER_FIELDS = (
    "items_minor",
    "shipping_minor",
    "discount_minor",
    "total_minor",
    "line_count",
    "unit_count",
    "last_number",
    "change_count",
    "updated_at",
)


@dataclass(slots=True)
class Content:
    """A locked order with its lines by position and the runs of its discounts.

    ``held`` is what it held of promotions when it was opened. ``mark`` is the outward id of the change
    being made: it names the postings and the change row.
    """

    order: Order
    lines: dict[int, OrderLine]
    runs: dict[int, list[Run]]
    shipping_discount_minor: int
    held: Mapping[str, Share]
    mark: str = field(default_factory=lambda: new_public_id("chg"))

    @property
    def shipping_platform_minor(self) -> int:
        """The platform's part of what was taken off the shipping fee."""
        return sum(run.platform_minor for run in self.runs.get(FOR_SHIPPING, ()))

    def part(self, position: int) -> Part:
        """Return a line as a part that can be divided."""
        line = self.lines[position]
        return Part(line.quantity, line.discount_minor, tuple(self.runs.get(position, ())))

    def next_number(self) -> int:
        """Return a number that no line of the order ever had as position or slot."""
        highest = max((max(line.position, line.slot) for line in self.lines.values()), default=0)
        self.order.last_number = max(self.order.last_number, highest) + 1
        return self.order.last_number


@dataclass(frozen=True, slots=True)
class Taken:
    """Units taken out of a line: the line as it was, the part, and the balance they came from."""

    line: OrderLine
    part: Part
    balance_id: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of an order before a change, to know what the change did."""

    items_minor: int
    shipping_minor: int
    discount_minor: int
    platform_minor: int


def open_content(order: Order, *, also: Collection[str] = ()) -> Content:
    """Return the content of a locked order that may change; 409 once its label exists.

    ``also`` names further states in which this change is possible.
    """
    if order.status not in CHANGEABLE and order.status not in also:
        raise wrong_state(order)
    lines = {line.position: line for line in OrderLine.objects.filter(order=order)}
    runs: dict[int, list[Run]] = {}
    discounts = LineDiscount.objects.filter(order=order).order_by("position", "first_unit", "id")
    for row in discounts:
        runs.setdefault(row.position, []).append(run_of(row))
    on_lines = sum(line.discount_minor for line in lines.values())
    return Content(order, lines, runs, order.discount_minor - on_lines, shares_of(runs))


def run_of(row: LineDiscount) -> Run:
    """Return a discount row as a run that can be cut."""
    return Run(
        row.promotion_ref,
        row.promotion_name,
        row.code,
        row.first_unit,
        row.unit_count,
        row.amount_minor,
        row.platform_minor,
    )


def amounts_of(content: Content) -> Amounts:
    """Return the amounts as they are now."""
    order = content.order
    platform = sum(run.platform_minor for runs in content.runs.values() for run in runs)
    return Amounts(order.items_minor, order.shipping_minor, order.discount_minor, platform)


def require_part(content: Content, wanted: Mapping[int, int]) -> None:
    """Refuse (422) units that the order does not have, none at all, and all of them."""
    sentence = ""
    if not wanted:
        sentence = _("Say how many units of which line.")
    for position, units in wanted.items():
        line = content.lines.get(position)
        if line is None or not 1 <= units <= line.quantity:
            sentence = _("Line %(position)s does not have that many units.") % {
                "position": position
            }
    if not sentence and sum(wanted.values()) == content.order.unit_count:
        sentence = _("These are all units of the order. Leave at least one.")
    if sentence:
        raise DomainError("orders.units", sentence, status=422, fields={"lines": sentence})


def take_units(content: Content, wanted: Mapping[int, int], *, now: datetime) -> list[Taken]:
    """Take units out of lines and give their reservations back; what stays is reserved anew.

    The units taken are available afterwards. The rows are written by ``save_content``.
    """
    before = [copy(content.lines[position]) for position in sorted(wanted)]
    balances = free_lines(content, before, now=now)
    taken: list[Taken] = []
    kept: list[OrderLine] = []
    for was in before:
        position, units = was.position, wanted[was.position]
        if units == was.quantity:
            part = content.part(position)
            del content.lines[position]
            content.runs.pop(position, None)
        else:
            stays, part = divide(content.part(position), units)
            line = content.lines[position]
            line.slot = content.next_number()
            _reduce(line, stays)
            content.runs[position] = list(stays.runs)
            kept.append(line)
        taken.append(Taken(was, part, balances[position]))
    reserve_lines(content.order, [(line, balances[line.position]) for line in kept], now=now)
    return taken


def _reduce(line: OrderLine, part: Part) -> None:
    line.quantity = part.quantity
    line.discount_minor = part.discount_minor
    line.total_minor = line.unit_price_minor * part.quantity - part.discount_minor


def free_lines(content: Content, lines: Sequence[OrderLine], *, now: datetime) -> dict[int, int]:
    """Make all reserved units of lines available; returns position → balance."""
    order = content.order
    numbers = {reserve_reference(order.public_id, line.reserved_as): line for line in lines}
    found = StockPosting.objects.filter(reference__in=list(numbers))
    balances = {
        numbers[reference].position: balance_id
        for reference, balance_id in found.values_list("reference", "balance_id")
    }
    _move(
        order,
        [
            inventory.Movement(
                balances[line.position], line.quantity, f"free:{content.mark}:{line.position}"
            )
            for line in lines
        ],
        source=Disposition.RESERVED,
        target=Disposition.AVAILABLE,
        reason="changed",
        now=now,
    )
    return balances


def reserve_lines(order: Order, pairs: Iterable[tuple[OrderLine, int]], *, now: datetime) -> None:
    """Reserve the units of lines at balances under the lines' numbers.

    Raises ``StockShortError`` when a balance does not have them.
    """
    _move(
        order,
        [
            inventory.Movement(
                balance_id,
                line.quantity,
                reserve_reference(order.public_id, line.reserved_as),
            )
            for line, balance_id in pairs
        ],
        source=Disposition.AVAILABLE,
        target=Disposition.RESERVED,
        reason="order",
        now=now,
    )


def _move(
    order: Order,
    movements: Sequence[inventory.Movement],
    *,
    source: Disposition,
    target: Disposition,
    reason: str,
    now: datetime,
) -> None:
    if movements:
        inventory.move(
            movements,
            merchant_id=order.merchant_id,
            source=source,
            target=target,
            reason=reason,
            now=now,
        )


def save_content(
    content: Content,
    before: Amounts,
    *,
    kind: ChangeKind,
    touched: Collection[int],
    code: str = "",
    note: str = "",
    other: Order | None = None,
    details: dict[str, journal.Json] | None = None,
    actor: Actor,
    now: datetime,
) -> OrderChange:
    """Write the lines and discounts of the ``touched`` positions, the totals, the change, the fact.

    Lines that are new are inserted, lines no longer there deleted. The change row says by how much
    the amounts changed; the ledger follows from it.
    """
    order = content.order
    _write_rows(content, touched)
    _add_up(content)
    order.change_count += 1
    order.save(update_fields=_ORDER_FIELDS)
    after = amounts_of(content)
    change: OrderChange = OrderChange.objects.create(
        public_id=content.mark,
        merchant_id=order.merchant_id,
        order=order,
        kind=kind,
        code=code,
        note=note[:300],
        other=other,
        items_minor=after.items_minor - before.items_minor,
        shipping_minor=after.shipping_minor - before.shipping_minor,
        discount_minor=after.discount_minor - before.discount_minor,
        platform_minor=after.platform_minor - before.platform_minor,
        was_captured=order.confirmed_at is not None,
        details=details or {},
        made_by=str(actor),
        made_at=now,
    )
    settle_shares(order, content.held, content.runs, kind=kind, other=other, now=now)
    record_fact(order, events.ORDER_CHANGED, _facts_of(change, other), actor=actor, now=now)
    return change


def _facts_of(change: OrderChange, other: Order | None) -> dict[str, journal.Json]:
    facts: dict[str, journal.Json] = {
        "change": change.public_id,
        "kind": str(change.kind),
        "code": str(change.code),
        "note": change.note,
        "total_minor": change.order.total_minor,
        "changed_minor": change.total_minor,
        "currency": change.order.currency,
    }
    if other is not None:
        facts |= {"other": other.public_id, "other_number": other.number}
    return facts


def _write_rows(content: Content, touched: Collection[int]) -> None:
    order = content.order
    LineDiscount.objects.filter(order=order, position__in=touched).delete()
    gone = [position for position in touched if position and position not in content.lines]
    OrderLine.objects.filter(order=order, position__in=gone).delete()
    lines = [content.lines[position] for position in touched if position in content.lines]
    OrderLine.objects.bulk_update([line for line in lines if line.pk], _LINE_FIELDS)
    OrderLine.objects.bulk_create([line for line in lines if not line.pk])
    LineDiscount.objects.bulk_create(
        discount_row(order, position, run)
        for position in touched
        for run in content.runs.get(position, ())
    )


def discount_row(order: Order, position: int, run: Run) -> LineDiscount:
    """Return the row of a run at a line of an order, 0 for the shipping fee."""
    return LineDiscount(
        merchant_id=order.merchant_id,
        order=order,
        position=position,
        first_unit=run.first_unit,
        unit_count=run.unit_count,
        promotion_ref=run.promotion_ref,
        promotion_name=run.promotion_name,
        code=run.code,
        amount_minor=run.amount_minor,
        platform_minor=run.platform_minor,
    )


def _add_up(content: Content) -> None:
    order, lines = content.order, content.lines.values()
    order.items_minor = sum(line.unit_price_minor * line.quantity for line in lines)
    on_lines = sum(line.discount_minor for line in lines)
    order.discount_minor = on_lines + content.shipping_discount_minor
    order.total_minor = order.items_minor + order.shipping_minor - order.discount_minor
    order.line_count = len(content.lines)
    order.unit_count = sum(line.quantity for line in lines)


def told_lines(taken: Sequence[Taken]) -> list[journal.Json]:
    """Return what was taken out of which line, for the change's details."""
    return [
        {
            "position": item.line.position,
            "sku": item.line.sku,
            "title": item.line.title,
            "units": item.part.quantity,
            "unit_price_minor": item.line.unit_price_minor,
            "discount_minor": item.part.discount_minor,
        }
        for item in taken
    ]
