"""Keeping the ledger of an order up to date with what is known of the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.finance import events, rules
from apps.finance.models import LedgerEntry, LedgerTransaction, PostageCharge
from apps.finance.rules import FeeRate, OrderFacts, Postage, Posting, Side
from apps.finance.selectors import fee_rules
from apps.finance.selectors.facts import facts_of, list_postages
from apps.finance.services.fee_rules import open_fee_rules
from apps.finance.services.ledger import post_transactions
from apps.finance.states import REQUIRED_FEES, AccountCode, TransactionKind
from apps.journal import services as journal
from apps.journal.actors import system_actor
from apps.orders.models import Order

_ACTOR = system_actor("finance")
_SIDE_COLUMNS = ("transaction_id", "account__code", "purpose", "amount_minor", "currency")
_SOURCES = (
    TransactionKind.CAPTURE,
    TransactionKind.ADJUSTMENT,
    TransactionKind.FEES,
    TransactionKind.POSTAGE,
)


@dataclass(frozen=True, slots=True)
class LabelNews:
    """What a journal entry says of a shipment's label."""

    order_public_id: str
    shipment_id: str
    happened_at: datetime


@retry_transaction
def post_order(order_public_id: str, *, now: datetime) -> int:
    """Post what follows from the order's facts and is not in the ledger yet; returns how many.

    The ledger of an order is a function of its facts – its row and what is known of its labels – so
    events may call this late, twice or in any order: the same rows result. The order's row is
    locked, so that a sale and its cancellation cannot miss each other. Runs inside the merchant's
    scope.
    """
    with transaction.atomic():
        return _settle(_lock(order_public_id), now=now)


@retry_transaction
def charge_label(news: LabelNews, *, postage_minor: int, currency: str, now: datetime) -> None:
    """Note what a label costs (minor units) and post it; a repeat changes nothing."""
    with transaction.atomic():
        order = _lock(news.order_public_id)
        charge = _open_charge(order, news.shipment_id)
        if charge.charged_at is None:
            charge.postage_minor, charge.currency = postage_minor, currency
            charge.charged_at = news.happened_at
            charge.save(update_fields=["postage_minor", "currency", "charged_at"])
        _settle(order, now=now)


@retry_transaction
def void_label(news: LabelNews, *, now: datetime) -> None:
    """Note that a label was voided and take its postage back, also when its price comes later."""
    with transaction.atomic():
        order = _lock(news.order_public_id)
        charge = _open_charge(order, news.shipment_id)
        if charge.voided_at is None:
            charge.voided_at = news.happened_at
            charge.save(update_fields=["voided_at"])
        _settle(order, now=now)


def _lock(order_public_id: str) -> Order:
    order: Order = (
        Order.objects.select_for_update()
        .defer("buyer_sealed", "buyer_key")
        .get(public_id=order_public_id)
    )
    return order


def _open_charge(order: Order, shipment_id: str) -> PostageCharge:
    charge: PostageCharge = PostageCharge.objects.get_or_create(
        shipment_id=shipment_id,
        defaults={"order_id": order.pk, "merchant_id": order.merchant_id},
    )[0]
    return charge


def _settle(order: Order, *, now: datetime) -> int:
    facts, postages = facts_of(order), list_postages(order)
    book = _Book(order, now)
    book.write(_missing_sources(order, facts, postages, set(book.keys)))
    if facts.cancelled_at or any(item.voided_at for item in postages):
        book.write(_reversals(book, facts, postages))
    if facts.completed_at is not None:
        written = book.write(_releases(book, facts.completed_at))
        _announce(order, written, now=now)
    return book.written


class _Book:
    """The order's transactions by reference, those just written included."""

    def __init__(self, order: Order, now: datetime) -> None:
        self.order = order
        self.now = now
        self.written = 0
        known = LedgerTransaction.objects.filter(order=order).order_by("pk")
        rows = list(known.values_list("reference", "pk", "kind", "occurred_at"))
        self.keys = {reference: pk for reference, pk, _kind, _at in rows}
        self.kinds = {reference: kind for reference, _pk, kind, _at in rows}
        self.moments = {reference: at for reference, _pk, _kind, at in rows}

    def write(self, postings: list[Posting]) -> list[Posting]:
        keys = post_transactions(
            postings,
            merchant_id=self.order.merchant_id,
            order_id=self.order.pk,
            sources=self.keys,
            now=self.now,
        )
        for key, posting in zip(keys, postings, strict=True):
            self.keys[posting.reference] = key
            self.kinds[posting.reference] = posting.kind
            self.moments[posting.reference] = posting.occurred_at
        self.written += len(keys)
        return postings

    def without(self, prefix: str, kinds: Iterable[str]) -> list[Posting]:
        """Return the postings of some kinds that no transaction ``prefix:reference`` follows."""
        wanted = {
            key: reference
            for reference, key in self.keys.items()
            if self.kinds[reference] in kinds and f"{prefix}:{reference}" not in self.keys
        }
        sides: dict[int, list[Side]] = defaultdict(list)
        if wanted:
            entries = LedgerEntry.objects.filter(transaction__in=list(wanted)).order_by("pk")
            for key, *side in entries.values_list(*_SIDE_COLUMNS):
                sides[key].append(Side(*side))
        return [
            Posting(self.kinds[reference], reference, self.moments[reference], tuple(sides[key]))
            for key, reference in wanted.items()
        ]


def _missing_sources(
    order: Order, facts: OrderFacts, postages: list[Postage], known: set[str]
) -> list[Posting]:
    found = [
        rules.sale(facts),
        *(rules.adjust_sale(facts, change) for change in facts.changes),
        *(rules.charge_postage(item) for item in postages),
    ]
    if facts.delivered_at is not None and f"fees:{facts.public_id}" not in known:
        found.append(rules.charge_fees(facts, rules.work_out_fees(facts, _fee_rates(order))))
    return [item for item in found if item is not None and item.reference not in known]


def _fee_rates(order: Order) -> list[FeeRate]:
    """Return the fees of the day the order was placed; without the required ones nothing is posted."""
    day = order.placed_at.date()
    rates = fee_rules.find_rates(order.market_id, day)
    if not rates and open_fee_rules():
        rates = fee_rules.find_rates(order.market_id, day)
    if {rate.kind for rate in rates} < {kind.value for kind in REQUIRED_FEES}:
        raise DomainError(
            "finance.no_fee_rule",
            _("No fee rule covers %(day)s. Open one, then replay this entry.") % {"day": day},
        )
    return rates


def _reversals(book: _Book, facts: OrderFacts, postages: list[Postage]) -> list[Posting]:
    due = [
        (posting, rules.reversal_due(posting, facts, postages))
        for posting in book.without("reverse", _SOURCES)
    ]
    return [rules.reverse(posting, at=at) for posting, at in due if at is not None]


def _releases(book: _Book, completed_at: datetime) -> list[Posting]:
    movements = book.without("release", (*_SOURCES, TransactionKind.REVERSAL))
    found = [rules.release(posting, at=completed_at) for posting in movements]
    return [item for item in found if item is not None]


def _announce(order: Order, released: list[Posting], *, now: datetime) -> None:
    """Record what became payable; late movements of a completed order announce themselves again."""
    if not released:
        return
    sums: dict[str, int] = defaultdict(int)
    for posting in released:
        for side in posting.sides:
            if side.account == AccountCode.PAYABLE:
                sums[side.currency] -= side.amount_minor
    payload: dict[str, journal.Json] = {
        "order": order.public_id,
        "number": order.number,
        "amounts": [
            {"currency": currency, "amount_minor": amount}
            for currency, amount in sorted(sums.items())
        ],
    }
    fact = journal.Fact(events.PAYABLE_RELEASED, "order", order.public_id, payload)
    journal.record_many([fact], tenant_id=order.merchant_id, actor=_ACTOR, now=now)
