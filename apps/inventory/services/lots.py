"""Lots: received with an end, given out by their ends, quarantined when they are over.

Orders know nothing of lots. Every movement of a balance with lots is booked on them afterwards, in
the order of the postings and under the lock of the balance's book: by a receiver soon after an order,
and by everything below before it acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.inventory.models import (
    Node,
    StockBalance,
    StockLot,
    StockLotBook,
    StockLotEntry,
    StockPosting,
)
from apps.inventory.rules import LotUnits, take_first_expiring
from apps.inventory.services.moving import Movement, move, open_balances
from apps.inventory.states import OUTSIDE, Disposition, Reason
from apps.jobs.deadlines import NewDeadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor, system_actor
from apps.merchants.models import Merchant

EXPIRE = "inventory.lot_ends"
MAX_UNITS = 1_000_000_000


@retry_transaction
def receive_lot(
    merchant: Merchant,
    *,
    node: Node,
    variant: Variant,
    code: str,
    expires_on: date,
    quantity: int,
    reference: str,
    actor: Actor,
    now: datetime,
) -> StockLot:
    """Put units of a lot on the shelf; a repeated ``reference`` changes nothing.

    The lot ends at the end of ``expires_on`` (UTC). Raises 422 for a quantity that is not above zero
    or a lot that is over, 409 ``inventory.lot_differs`` when the lot is known with another end.
    """
    _check(expires_on, quantity, now=now)
    with transaction.atomic():
        key = open_balances(merchant, node, [variant.pk])[variant.pk]
        book = _open_book(merchant, key)
        lot = _open_lot(merchant, key, code, expires_on)
        name = f"{reference}:{key}"
        if StockPosting.objects.filter(reference=name).exists():
            return lot
        _put(book, lot, Movement(key, quantity, name), OUTSIDE, Reason.RECEIVED, now=now)
        payload: dict[str, journal.Json] = {
            "reference": reference,
            "balances": 1,
            "units": quantity,
            "lot": code,
        }
        journal.record(
            "stock.received", merchant=merchant, subject=node, actor=actor, now=now, payload=payload
        )
    lot.refresh_from_db()
    return lot


def shelve_lot(
    merchant: Merchant,
    *,
    node: Node,
    variant_id: int,
    code: str,
    expires_on: date,
    quantity: int,
    reference: str,
    now: datetime,
) -> StockLot:
    """Put units of a lot that passed inspection on the shelf, in the caller's transaction.

    Errors as of ``receive_lot``, ``StockShortError`` when fewer are being inspected, and
    ``IntegrityError`` when the reference was used before.
    """
    _check(expires_on, quantity, now=now)
    key = open_balances(merchant, node, [variant_id])[variant_id]
    book = _open_book(merchant, key)
    lot = _open_lot(merchant, key, code, expires_on)
    step = Movement(key, quantity, reference)
    _put(book, lot, step, Disposition.QC_HOLD, Reason.PUT_AWAY, now=now)
    return lot


def _put(
    book: StockLotBook, lot: StockLot, step: Movement, source: str, reason: str, *, now: datetime
) -> None:
    _book_up_to_now(book)
    move(
        [step],
        merchant_id=lot.merchant_id,
        source=source,
        target=Disposition.AVAILABLE,
        reason=reason,
        now=now,
    )
    _enter(lot.merchant_id, book, step.reference, {lot.pk: step.quantity})


@retry_transaction
def book_lots(balance_ids: Sequence[int]) -> None:
    """Book what moved at balances with lots since they were last booked; others are left alone."""
    with transaction.atomic():
        books = StockLotBook.objects.select_for_update().filter(balance__in=balance_ids)
        for book in books.order_by("balance_id"):
            _book_all(book)


def expire_lot(public_id: str, *, now: datetime) -> str:
    """Quarantine what is left of a lot that is over, in the caller's transaction."""
    lot: StockLot = StockLot.objects.select_related("merchant").get(public_id=public_id)
    book = StockLotBook.objects.select_for_update().get(balance=lot.balance_id)
    _book_up_to_now(book)
    lot.refresh_from_db()
    if not lot.units:
        return "nothing left"
    units, name = lot.units, f"expired:{lot.public_id}:{lot.entries.count()}"
    move(
        [Movement(lot.balance_id, units, name)],
        merchant_id=lot.merchant_id,
        source=Disposition.AVAILABLE,
        target=Disposition.QUARANTINED,
        reason=Reason.EXPIRED,
        now=now,
    )
    _enter(lot.merchant_id, book, name, {lot.pk: -units})
    journal.record(
        "stock.lot_expired",
        merchant=lot.merchant,
        subject=lot,
        actor=system_actor("deadlines"),
        now=now,
        payload={"lot": lot.code, "units": units},
    )
    return f"{units} units quarantined"


def _check(expires_on: date, quantity: int, *, now: datetime) -> None:
    if not 0 < quantity <= MAX_UNITS:
        raise DomainError("inventory.quantity", _("A quantity must be above zero."), status=422)
    if _end_of(expires_on) <= now:
        sentence = _("This lot is past its date.")
        raise DomainError(
            "inventory.lot_over", sentence, status=422, fields={"expires_on": sentence}
        )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


def _open_lot(merchant: Merchant, balance_id: int, code: str, expires_on: date) -> StockLot:
    """Return the lot of a code; a new one gets the deadline of its end."""
    lot, is_new = StockLot.objects.get_or_create(
        balance_id=balance_id, code=code, defaults={"merchant": merchant, "expires_on": expires_on}
    )
    if lot.expires_on != expires_on:
        raise DomainError(
            "inventory.lot_differs",
            _("Lot %(code)s is known with another date.") % {"code": code},
        )
    if is_new:
        set_deadlines(merchant.pk, [NewDeadline(EXPIRE, lot.public_id, _end_of(expires_on))])
    made: StockLot = lot
    return made


def _open_book(merchant: Merchant, balance_id: int) -> StockLotBook:
    """Return the locked book of a balance; a new one begins after what moved before."""
    newest = StockPosting.objects.filter(balance=balance_id).order_by("-id").first()
    StockLotBook.objects.get_or_create(
        balance_id=balance_id,
        defaults={"merchant": merchant, "booked_to": newest.pk if newest else 0},
    )
    book: StockLotBook = StockLotBook.objects.select_for_update().get(balance=balance_id)
    return book


def _book_up_to_now(book: StockLotBook) -> None:
    """Book everything and keep the balance: nothing moves between this and our own posting.

    Postings of a hot balance do not commit in the order of their keys: it takes no lots, and a
    balance with lots is not heated.
    """
    if StockBalance.objects.select_for_update().get(pk=book.balance_id).is_hot:
        raise DomainError(
            "inventory.lot_hot",
            _("Stock that is ready for many buyers at once takes no lots. End that first."),
        )
    _book_all(book)


def _book_all(book: StockLotBook) -> None:
    """Book the postings after ``booked_to`` on lots, one by one in their order."""
    waiting = StockPosting.objects.filter(balance=book.balance_id, id__gt=book.booked_to)
    for posting in waiting.order_by("id"):
        if posting.from_disposition == Disposition.AVAILABLE:
            _apply(posting, _leaving(posting), sign=-1)
        elif posting.to_disposition == Disposition.AVAILABLE:
            back = _coming_back(posting)
            _apply(posting, back, sign=1)
            _end_again(posting, back)
        book.booked_to = posting.pk
    book.save(update_fields=["booked_to"])


def _leaving(posting: StockPosting) -> dict[int, int]:
    lots = StockLot.objects.filter(balance=posting.balance_id, units__gt=0)
    held = [LotUnits(lot.pk, lot.units) for lot in lots.order_by("expires_on", "id")]
    return take_first_expiring(posting.quantity, held)


def _coming_back(posting: StockPosting) -> dict[int, int]:
    """Return the lots that units of an order or a cart had come from; other units have none."""
    _kind, _sep, rest = posting.reference.partition(":")
    origins = {
        Reason.CANCELLED: "reserve",
        Reason.CART_EXPIRED: "cart",
        Reason.CART_RELEASED: "cart",
        Reason.CART_CONVERTED: "cart",
    }
    if posting.reason not in origins:
        return {}
    taken = StockLotEntry.objects.filter(
        posting__reference=f"{origins[Reason(posting.reason)]}:{rest}", change__lt=0
    )
    units, back = posting.quantity, {}
    for lot, change in taken.order_by("id").values_list("lot_id", "change"):
        back[lot] = min(units, -change)
        units -= back[lot]
    return {lot: part for lot, part in back.items() if part}


def _end_again(posting: StockPosting, parts: dict[int, int]) -> None:
    """Set a deadline at once for lots that units came back to after their end."""
    over = StockLot.objects.filter(pk__in=parts, expires_on__lt=posting.occurred_at.date())
    due = [
        NewDeadline(EXPIRE, f"{lot.public_id}:{posting.pk}"[:40], posting.occurred_at)
        for lot in over
    ]
    if due:
        set_deadlines(posting.merchant_id, due)


def _apply(posting: StockPosting, parts: dict[int, int], *, sign: int) -> None:
    for key, units in parts.items():
        lot = StockLot.objects.get(pk=key)
        lot.units += sign * units
        lot.save(update_fields=["units"])
        StockLotEntry.objects.create(
            merchant_id=posting.merchant_id, lot=lot, posting=posting, change=sign * units
        )


def _enter(merchant_id: int, book: StockLotBook, reference: str, parts: dict[int, int]) -> None:
    """Book a posting of our own on the lots it was made for."""
    posting = StockPosting.objects.get(merchant=merchant_id, reference=reference)
    for key, change in parts.items():
        _apply(posting, {key: abs(change)}, sign=1 if change > 0 else -1)
    book.booked_to = posting.pk
    book.save(update_fields=["booked_to"])
