"""Joining two orders of one buyer for one address, and taking that back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import lock_by_pk, retry_transaction
from apps.common.errors import DomainError
from apps.jobs.deadlines import close_deadline
from apps.jobs.models import Deadline
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.orders import events
from apps.orders.dividing import Run
from apps.orders.duties import compare_duties, keep_quotes
from apps.orders.family_selectors import bundle_of, may_join
from apps.orders.models import Order, OrderChange, OrderLine
from apps.orders.services.content import (
    Content,
    amounts_of,
    free_lines,
    open_content,
    reserve_lines,
    save_content,
)
from apps.orders.services.lifecycle import end_requests
from apps.orders.services.locking import change_status
from apps.orders.services.pausing import copy_pause, drop_pause
from apps.orders.services.shares import FOR_SHIPPING
from apps.orders.services.splitting import copy_holds, split_order, twin_line
from apps.orders.services.writing import AUTO_CANCEL
from apps.orders.states import CancelCode, ChangeKind, OrderStatus, Party


@retry_transaction
def merge_orders(
    first: Order, second: Order, *, note: str = "", actor: Actor, now: datetime
) -> Order:
    """Join two orders without labels into one; returns the one that stays.

    The order that is still checked stays, else the older one. It gets all lines, discounts and the
    fee of the other, the sooner of both clocks and every open hold; the other ends as cancelled
    with the reason ``merged`` and names the one that stays. What both ways cost at the border is
    stored with the rule rows. Raises ``orders.not_joinable`` (409) unless both are the same buyer's
    for the same address and market.
    """
    with transaction.atomic():
        locked = lock_by_pk(Order.objects.filter(pk__in=[first.pk, second.pk]))
        if len(locked) != 2 or not may_join(*locked):
            raise _not_joinable()
        staying, leaving = sorted(locked, key=_rank)
        bundles = [bundle_of(staying), bundle_of(leaving)]
        comparison = compare_duties(bundles, on=now.date())
        duties = keep_quotes(bundles, comparison, actor=actor, now=now)
        _join(open_content(staying), open_content(leaving), note, duties, actor=actor, now=now)
        _end(leaving, staying, actor=actor, now=now)
    return staying


def _rank(order: Order) -> tuple[bool, datetime, int]:
    return (order.status != OrderStatus.PENDING, order.placed_at, order.pk)


def _join(
    content: Content,
    joining: Content,
    note: str,
    duties: dict[str, journal.Json],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    before = amounts_of(content)
    order, other = content.order, joining.order
    leaving = [joining.lines[position] for position in sorted(joining.lines)]
    balances = free_lines(joining, leaving, now=now)
    moved: dict[int, OrderLine] = {}
    for line in leaving:
        number = content.next_number()
        moved[line.position] = twin_line(order, number, line)
        content.lines[number] = moved[line.position]
        content.runs[number] = list(joining.runs.get(line.position, ()))
    pairs = [(line, balances[position]) for position, line in moved.items()]
    reserve_lines(order, pairs, now=now)
    order.shipping_minor += other.shipping_minor
    content.runs[FOR_SHIPPING] = _add_runs(content, joining)
    content.shipping_discount_minor += joining.shipping_discount_minor
    _take_over(order, other, now=now)
    details: dict[str, journal.Json] = {
        "positions": [line.position for line in moved.values()],
        "shipping_minor": other.shipping_minor,
        "duties": duties,
    }
    save_content(
        content,
        before,
        kind=ChangeKind.JOINED,
        touched=[*(line.position for line in moved.values()), FOR_SHIPPING],
        note=note,
        other=other,
        details=details,
        actor=actor,
        now=now,
    )


def _add_runs(content: Content, joining: Content) -> list[Run]:
    """Return the discounts of both fees; one promotion on both is one row with both amounts."""
    found: dict[tuple[str, int], Run] = {}
    for run in (*content.runs.get(FOR_SHIPPING, ()), *joining.runs.get(FOR_SHIPPING, ())):
        key = (run.promotion_ref, run.first_unit)
        known = found.get(key)
        found[key] = (
            run
            if known is None
            else replace(
                known,
                amount_minor=known.amount_minor + run.amount_minor,
                platform_minor=known.platform_minor + run.platform_minor,
            )
        )
    return list(found.values())


def _take_over(order: Order, other: Order, *, now: datetime) -> None:
    """Give an order the sooner of both clocks and the holds of the other."""
    order.ship_by_at = min(order.ship_by_at, other.ship_by_at)
    order.open_hold_count += copy_holds(other, order, now=now)
    order.save(update_fields=["ship_by_at", "open_hold_count"])
    clocks = Deadline.objects.filter(kind=AUTO_CANCEL, done_at=None)
    both = clocks.filter(subject_id__in=[order.public_id, other.public_id])
    soonest = both.order_by("due_at").first()
    if soonest is not None:
        own = clocks.filter(subject_id=order.public_id)
        own.update(due_at=soonest.due_at, warn_at=soonest.warn_at)
    copy_pause(other, order, now=now)
    drop_pause(other, now=now)


def _end(order: Order, into: Order, *, actor: Actor, now: datetime) -> None:
    end_requests(order, actor=actor, now=now)
    order.merged_into = into
    order.cancel_code, order.cancelled_by = CancelCode.MERGED, Party.MERCHANT
    order.cancel_reason = _("Joined with order %(number)s") % {"number": into.number}
    change_status(
        order,
        OrderStatus.CANCELLED,
        at="cancelled_at",
        event=events.ORDER_CANCELLED,
        actor=actor,
        now=now,
        payload={
            "reason": order.cancel_reason,
            "code": str(CancelCode.MERGED),
            "party": str(Party.MERCHANT),
            "merged_into": into.public_id,
        },
    )
    close_deadline(AUTO_CANCEL, order.public_id, outcome="merged", now=now)


@retry_transaction
def undo_merge(change: OrderChange, *, actor: Actor, now: datetime) -> Order:
    """Take the lines of a merge out again into an order of their own; returns it.

    What was cancelled of these lines since stays cancelled; the fee goes back as far as it is still
    there. The joined order itself has ended, so the lines get a new number. Raises
    ``orders.not_undoable`` (409) when none of them is left, and what ``split_order`` raises.
    """
    with transaction.atomic():
        order: Order = Order.objects.select_for_update().get(pk=change.order_id)
        wanted = OrderLine.objects.filter(order=order, position__in=change.details["positions"])
        units = dict(wanted.values_list("position", "quantity"))
        if change.kind != ChangeKind.JOINED or not units:
            raise DomainError(
                "orders.not_undoable", _("Nothing of the joined order is left to take out.")
            )
        fee = min(int(change.details["shipping_minor"]), order.shipping_minor)
        note = _("Joining taken back")
        return split_order(order, units, note=note, shipping_minor=fee, actor=actor, now=now)


def _not_joinable() -> DomainError:
    return DomainError(
        "orders.not_joinable",
        _(
            "Only orders of the same buyer, address and market that have no label yet can be joined."
        ),
    )
