"""Reservations of carts: held for a while, renewed by activity, expired, released or taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.catalog.models import Variant
from apps.common.bulk import insert_rows
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.common.ids import new_public_id
from apps.inventory.models import StockReservation, StockReservationLine
from apps.inventory.rules import Assignment, Demand, assign, sellable
from apps.inventory.selectors.stock import list_supplies
from apps.inventory.services.moving import Movement, StockShortError, move
from apps.inventory.states import Disposition, Reason, ReservationStatus
from apps.jobs.deadlines import NewDeadline, set_deadlines
from apps.journal import services as journal
from apps.journal.actors import Actor, system_actor
from apps.merchants.models import Merchant
from apps.merchants.services import require_active

EXPIRE = "inventory.reservation_expires"
DEFAULT_TTL = timedelta(minutes=15)
MIN_TTL, MAX_TTL = timedelta(minutes=1), timedelta(minutes=60)
MAX_LINES = 100
# A renewal that moves the end by less than this is not written.
_WORTH_RENEWING = timedelta(seconds=30)
_LINE_COLUMNS = ("merchant", "reservation", "position", "balance", "variant", "quantity")
_REASONS = {
    ReservationStatus.EXPIRED: Reason.CART_EXPIRED,
    ReservationStatus.RELEASED: Reason.CART_RELEASED,
    ReservationStatus.CONVERTED: Reason.CART_CONVERTED,
}


@dataclass(frozen=True, slots=True)
class CartLine:
    """A SKU and how many units a cart wants of it."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What a channel asks to hold; ``reference`` is its own id of the cart."""

    reference: str
    market: str
    lines: tuple[CartLine, ...]
    channel: str = "app"
    ttl: timedelta = DEFAULT_TTL


@retry_transaction
def reserve_cart(
    cart: Cart, *, merchant: Merchant, actor: Actor, now: datetime
) -> StockReservation:
    """Hold the units of a cart until ``now`` plus its time, all or nothing.

    A cart that holds the same already is renewed; one that changed gets its new lines, and keeps the
    old ones if the new are not there. Raises ``DomainError``: 409 ``inventory.out_of_stock``, 422 for
    unknown SKUs or a time outside 1 to 60 minutes, 403 for a suspended company.
    """
    require_active(merchant)
    _check(cart)
    variants = _variants(merchant, cart)
    try:
        with transaction.atomic():
            known = _lock_open(merchant, cart)
            if known is not None and _holds(known) == _wanted(cart, variants):
                return _renew(known, cart, now=now)
            if known is not None:
                _end(known, ReservationStatus.RELEASED, actor=actor, now=now)
            return _hold(cart, variants, merchant=merchant, actor=actor, now=now)
    except StockShortError as error:
        raise _out_of_stock([line.sku for line in cart.lines]) from error
    except IntegrityError as error:
        # A twin of this cart won the race for its reference.
        raise DomainError(
            "inventory.cart_busy",
            _("This cart is being reserved by another request. Try again."),
        ) from error


@retry_transaction
def release_reservation(
    reservation: StockReservation, *, actor: Actor, now: datetime
) -> StockReservation:
    """Give the units of an open reservation back at once; one that ended stays as it ended."""
    with transaction.atomic():
        _end(reservation, ReservationStatus.RELEASED, actor=actor, now=now)
    reservation.refresh_from_db()
    return reservation


def expire_reservation(public_id: str, *, now: datetime) -> str:
    """End a reservation whose time ran out, in the caller's transaction; returns what became of it."""
    reservation: StockReservation = StockReservation.objects.get(public_id=public_id)
    if reservation.status != ReservationStatus.OPEN:
        return f"reservation is {reservation.status}"
    if reservation.expires_at > now:
        return "renewed"
    is_over = _end(reservation, ReservationStatus.EXPIRED, actor=system_actor("deadlines"), now=now)
    return "expired" if is_over else "ended meanwhile"


def convert_reservations(
    reservations: Mapping[int, str], *, merchant: Merchant, actor: Actor, now: datetime
) -> None:
    """Put the units of open reservations back for sale so that their orders take them, once.

    ``reservations`` maps keys to the channel's ids of the orders. Must run in the transaction that
    reserves for the orders: until its commit the changed balances are locked, so nobody comes
    between. Raises ``StockShortError`` when one of them is not open any more.
    """
    held = StockReservation.objects.filter(merchant=merchant, pk__in=reservations)
    for reservation in held.order_by("pk"):
        order_ref = reservations[reservation.pk]
        if not _end(
            reservation,
            ReservationStatus.CONVERTED,
            actor=actor,
            now=now,
            order_ref=order_ref,
        ):
            raise StockShortError


def _check(cart: Cart) -> None:
    if not MIN_TTL <= cart.ttl <= MAX_TTL:
        sentence = _("Hold a cart for 1 to 60 minutes.")
        raise DomainError(
            "inventory.bad_ttl", sentence, status=422, fields={"ttl_seconds": sentence}
        )
    if not 0 < len(cart.lines) <= MAX_LINES or any(line.quantity <= 0 for line in cart.lines):
        sentence = _("A cart has 1 to 100 lines with units above zero.")
        raise DomainError("inventory.bad_cart", sentence, status=422, fields={"lines": sentence})


def _variants(merchant: Merchant, cart: Cart) -> dict[str, int]:
    skus = {line.sku for line in cart.lines}
    found = Variant.objects.filter(merchant=merchant, sku__in=skus, is_active=True)
    known = dict(found.values_list("sku", "pk"))
    missing = {
        f"lines.{index}.sku": _("There is no such SKU.")
        for index, line in enumerate(cart.lines)
        if line.sku not in known
    }
    if missing:
        raise DomainError(
            "inventory.unknown_sku", _("Some SKUs do not exist."), status=422, fields=missing
        )
    return known


def _lock_open(merchant: Merchant, cart: Cart) -> StockReservation | None:
    return (
        StockReservation.objects.select_for_update()
        .filter(merchant=merchant, channel=cart.channel, open_reference=cart.reference)
        .first()
    )


def _wanted(cart: Cart, variants: Mapping[str, int]) -> dict[int, int]:
    units: dict[int, int] = {}
    for line in cart.lines:
        key = variants[line.sku]
        units[key] = units.get(key, 0) + line.quantity
    return units


def _holds(reservation: StockReservation) -> dict[int, int]:
    return dict(reservation.lines.values_list("variant_id", "quantity"))


def _renew(reservation: StockReservation, cart: Cart, *, now: datetime) -> StockReservation:
    until = now + cart.ttl
    if until - reservation.expires_at < _WORTH_RENEWING:
        return reservation
    reservation.expires_at = until
    reservation.renewals += 1
    reservation.ttl_seconds = int(cart.ttl.total_seconds())
    reservation.save(update_fields=["expires_at", "renewals", "ttl_seconds"])
    _set_end(reservation)
    return reservation


def _set_end(reservation: StockReservation) -> None:
    """Set the deadline of this end; those of earlier ends find the reservation renewed.

    A row for each, because moving one would wait for the sweep that waits for this reservation.
    """
    subject = f"{reservation.public_id}:{reservation.renewals}"
    set_deadlines(reservation.merchant_id, [NewDeadline(EXPIRE, subject, reservation.expires_at)])


def _hold(
    cart: Cart,
    variants: Mapping[str, int],
    *,
    merchant: Merchant,
    actor: Actor,
    now: datetime,
) -> StockReservation:
    public_id = new_public_id("rsv")
    served = _assign(cart, _wanted(cart, variants), merchant)
    movements = [
        Movement(
            item.supply.balance_id,
            item.demand.quantity,
            f"cart:{public_id}:{position}",
            item.supply.is_hot,
        )
        for position, item in enumerate(served, 1)
    ]
    # The balances before the rows that name them, as orders do.
    move(
        movements,
        merchant_id=merchant.pk,
        source=Disposition.AVAILABLE,
        target=Disposition.RESERVED,
        reason=Reason.CART,
        now=now,
    )
    made: StockReservation = StockReservation.objects.create(
        public_id=public_id,
        merchant=merchant,
        channel=cart.channel,
        market=cart.market,
        reference=cart.reference,
        open_reference=cart.reference,
        ttl_seconds=int(cart.ttl.total_seconds()),
        expires_at=now + cart.ttl,
        created_at=now,
    )
    rows = [
        (
            merchant.pk,
            made.pk,
            position,
            item.supply.balance_id,
            item.demand.variant_id,
            item.demand.quantity,
        )
        for position, item in enumerate(served, 1)
    ]
    insert_rows(StockReservationLine, _LINE_COLUMNS, rows)
    _set_end(made)
    _announce("reservation.made", made, served=len(rows), actor=actor, now=now)
    return made


def _assign(cart: Cart, units: Mapping[int, int], merchant: Merchant) -> list[Assignment]:
    supplies = sellable(list_supplies(merchant.pk, units), cart.market, cart.channel)
    demands = [Demand(variant, quantity) for variant, quantity in units.items()]
    nodes = list(dict.fromkeys(supply.node_id for supply in supplies))
    result = assign(demands, supplies, nodes)
    served = [item for item in result if isinstance(item, Assignment)]
    if len(served) < len(demands):
        short = {item.variant_id for item in result if isinstance(item, Demand)}
        found = Variant.objects.filter(merchant=merchant, pk__in=short)
        raise _out_of_stock(sorted(found.values_list("sku", flat=True)))
    return served


def _out_of_stock(skus: Sequence[str]) -> DomainError:
    names = ", ".join(dict.fromkeys(skus))[:300]
    return DomainError(
        "inventory.out_of_stock", _("Not enough stock of %(skus)s.") % {"skus": names}
    )


def _end(
    reservation: StockReservation,
    status: ReservationStatus,
    *,
    actor: Actor,
    now: datetime,
    order_ref: str = "",
) -> bool:
    """Close an open reservation and put its units back; returns whether it was open until now."""
    still_open = StockReservation.objects.filter(pk=reservation.pk, status=ReservationStatus.OPEN)
    if status == ReservationStatus.CONVERTED:
        still_open = still_open.filter(expires_at__gt=now)
    changed = still_open.update(
        status=status, open_reference=None, ended_at=now, order_ref=order_ref
    )
    if not changed:
        return False
    lines = list(reservation.lines.values_list("position", "balance_id", "quantity"))
    reason = _REASONS[status]
    movements = [
        Movement(balance, quantity, f"{reason}:{reservation.public_id}:{position}")
        for position, balance, quantity in lines
    ]
    move(
        movements,
        merchant_id=reservation.merchant_id,
        source=Disposition.RESERVED,
        target=Disposition.AVAILABLE,
        reason=reason,
        now=now,
    )
    _announce(f"reservation.{status}", reservation, served=len(lines), actor=actor, now=now)
    return True


def _announce(
    event: str, reservation: StockReservation, *, served: int, actor: Actor, now: datetime
) -> None:
    payload: dict[str, journal.Json] = {
        "reference": reservation.reference,
        "channel": reservation.channel,
        "market": reservation.market,
        "lines": served,
    }
    journal.record(
        event,
        merchant=reservation.merchant,
        subject=reservation,
        actor=actor,
        now=now,
        payload=payload,
    )
