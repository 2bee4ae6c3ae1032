"""Cancelling some units of an order before its label exists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.common.db import retry_transaction
from apps.journal.actors import Actor
from apps.orders.models import Order, OrderChange
from apps.orders.services.cancelling import require_code
from apps.orders.services.content import (
    amounts_of,
    open_content,
    require_part,
    save_content,
    take_units,
    told_lines,
)
from apps.orders.services.locking import lock_order
from apps.orders.states import ChangeKind, Party


@retry_transaction
def cancel_units(
    order: Order,
    units: Mapping[int, int],
    *,
    code: str,
    note: str = "",
    party: str = Party.MERCHANT,
    actor: Actor,
    now: datetime,
) -> OrderChange:
    """Cancel units (position → how many) of an order without a label yet; the last ones of a line.

    They are on sale again, totals and discounts shrink by exactly their part, and what the buyer
    paid for them goes back. Raises 422 for units the order does not have, for all of them (cancel
    the order instead) and for a reason the party cannot give; 409 once a label exists.
    """
    require_code(party, code)
    with transaction.atomic():
        content = open_content(lock_order(order))
        require_part(content, units)
        before = amounts_of(content)
        taken = take_units(content, units, now=now)
        return save_content(
            content,
            before,
            kind=ChangeKind.UNITS,
            touched=list(units),
            code=code,
            note=note,
            details={"party": str(party), "lines": told_lines(taken)},
            actor=actor,
            now=now,
        )
