"""Intake: from the app's request to an accepted order with its stock reserved.

One transaction and ten statements for a single order, whatever its number of lines; a batch needs
the same ten. Promotions add four, and one for each of limits (with two for counters that are new),
codes, and the buyer's earlier orders, where there are any to look at. Hot path: multi-row statements
on the connection instead of one save per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory.services import StockShortError
from apps.journal.actors import Actor
from apps.merchants.models import Merchant, Store
from apps.merchants.services import require_active
from apps.orders.requests import OrderRequest, Receipt
from apps.orders.rules import find_problems
from apps.orders.services import planning, reserved, writing
from apps.promotions.counting import UsedUpError

MAX_BATCH = 500
# How often an order is priced anew because others took what a promotion had left meanwhile.
_ATTEMPTS = 4


def place_order(
    request: OrderRequest, *, merchant: Merchant, store: Store, actor: Actor, now: datetime
) -> Receipt:
    """Accept one order: prices, reserves, stores and announces it, all or nothing.

    A repeat of the same request returns the first receipt with ``is_new`` false. Raises
    ``DomainError``: 422 for a request that cannot become an order, 409 for missing stock or for a
    reference that is already another order, or for a total that is not the one the buyer was shown
    (``PriceChangedError``).
    """
    receipt = place_orders([request], merchant=merchant, store=store, actor=actor, now=now)[0]
    if receipt.error is not None:
        raise receipt.error
    return receipt


@retry_transaction
def place_orders(
    requests: Sequence[OrderRequest],
    *,
    merchant: Merchant,
    store: Store,
    actor: Actor,
    now: datetime,
) -> list[Receipt]:
    """Accept a batch; each request succeeds or fails on its own, in the order given.

    At most ``MAX_BATCH`` requests. All that can be accepted share one transaction; if stock or a
    promotion runs out between reading and taking they are planned anew, and taken one by one if that
    happens again or a twin wins the race for a reference. A suspended company gets
    ``merchants.suspended`` (403) for the whole batch.
    """
    require_active(merchant)
    if len(requests) > MAX_BATCH:
        raise DomainError(
            "orders.batch_too_large",
            _("Send at most %(limit)s orders at once.") % {"limit": MAX_BATCH},
            status=422,
        )
    for _attempt in range(2 if len(requests) > 1 else 1):
        try:
            with transaction.atomic():
                return _place(requests, merchant=merchant, store=store, actor=actor, now=now)
        except (StockShortError, UsedUpError):
            continue
        except IntegrityError:
            break
    if len(requests) > 1:
        return [
            place_orders([item], merchant=merchant, store=store, actor=actor, now=now)[0]
            for item in requests
        ]
    return [_after_lost_race(requests[0], merchant=merchant, store=store, actor=actor, now=now)]


def _place(
    requests: Sequence[OrderRequest],
    *,
    merchant: Merchant,
    store: Store,
    actor: Actor,
    now: datetime,
) -> list[Receipt]:
    receipts: dict[int, Receipt] = {}
    for index, request in enumerate(requests):
        problems = dict(find_problems(request))
        if problems:
            receipts[index] = Receipt(request.external_ref, error=_unusable(problems))
    waiting = {i: item for i, item in enumerate(requests) if i not in receipts}
    receipts |= planning.find_known(waiting, merchant)
    waiting = {i: item for i, item in waiting.items() if i not in receipts}
    held, refused = reserved.find_held(waiting, merchant, now=now)
    receipts |= refused
    waiting = {i: item for i, item in waiting.items() if i not in refused}
    plans, refused = planning.plan_orders(
        waiting, merchant, now=now, held={index: item.units for index, item in held.items()}
    )
    receipts |= refused
    planned = {index: plan.request for index, plan in plans.items()}
    reserved.take_over(held, planned, merchant=merchant, actor=actor, now=now)
    receipts |= writing.write_orders(plans, merchant=merchant, store=store, actor=actor, now=now)
    return [receipts[index] for index in range(len(requests))]


def _after_lost_race(
    request: OrderRequest, *, merchant: Merchant, store: Store, actor: Actor, now: datetime
) -> Receipt:
    """Look again: the twin's order is there now, the stock is gone, or a promotion is used up.

    A promotion that others use up again and again while we look ends after some attempts.
    """
    for _attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return _place([request], merchant=merchant, store=store, actor=actor, now=now)[0]
        except (StockShortError, IntegrityError):
            return Receipt(request.external_ref, error=planning.out_of_stock(request.lines))
        except UsedUpError:
            continue
    sentence = _("Many buyers use the same promotion right now. Send the order again in a moment.")
    busy = DomainError("orders.promotion_busy", sentence, retry_after=1)
    return Receipt(request.external_ref, error=busy)


def _unusable(problems: dict[str, str]) -> DomainError:
    sentences = {
        "required": _("This is missing."),
        "too_long": _("This is too long."),
        "too_many": _("An order has at most 1,000 lines."),
        "out_of_range": _("This number is out of range."),
    }
    return DomainError(
        "orders.invalid",
        _("The order cannot be accepted as it is. See the named fields."),
        status=422,
        fields={path: sentences[code] for path, code in problems.items()},
    )
