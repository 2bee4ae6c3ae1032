"""Pure rules of exception cases: what opens and ends each kind, who must act, and until when.

The rules read a parcel's events as a whole, sorted by their own time, so neither the order in which
events arrive nor their repetition changes what they say. Change the rules together with ``VERSION``:
every case keeps the version that opened it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.fulfillment.rules import TOUCHED, place_of
from apps.fulfillment.states import CaseKind, CaseOwner

VERSION = "2026-11.1"


@dataclass(frozen=True, slots=True)
class Signal:
    """One carrier event in the portal's vocabulary: what, why (mostly empty) and when."""

    status: str
    occurred_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseRule:
    """How a kind of case behaves.

    ``answer_h`` hours after the portal learns of it the next step is due. ``claim_days`` after the
    event a claim is barred, 0 where nothing is claimed; ``bar_source`` says where that comes from.
    """

    owner: str
    answer_h: int
    ends: frozenset[str]
    claim_days: int = 0
    bar_source: str = ""


_HOME = frozenset({"delivered", "returned", "destroyed"})
_BACK = frozenset({"returning", "returned", "destroyed"})
_WITH_BUYERS_CARRIER = frozenset(
    {"handed_to_last_mile", "in_transit", "ready_for_pickup", "out_for_delivery"}
    | {"delivery_attempt_failed", "delivered"}
)
_AFTER_BORDER = frozenset({"import_cleared"}) | _WITH_BUYERS_CARRIER | _BACK
_AFTER_DEPARTURE = (
    frozenset({"linehaul_departed", "linehaul_arrived", "import_customs"}) | _AFTER_BORDER
)
_OWN = "portal default; the contract with the carrier may say otherwise"
RULES: dict[str, CaseRule] = {
    CaseKind.LOST: CaseRule(
        CaseOwner.CARRIER, 48, TOUCHED - {"lost", "damaged"}, claim_days=60, bar_source=_OWN
    ),
    # Damage to cargo by air must be complained of in writing within 14 days of receipt.
    CaseKind.DAMAGED: CaseRule(
        CaseOwner.MERCHANT,
        48,
        frozenset(),
        claim_days=14,
        bar_source="Montreal Convention 1999, Art. 31(2)",
    ),
    CaseKind.WEIGHT: CaseRule(CaseOwner.MERCHANT, 120, frozenset(), claim_days=30, bar_source=_OWN),
    CaseKind.DOCUMENTS: CaseRule(
        CaseOwner.MERCHANT, 48, _AFTER_BORDER | {"export_cleared", "linehaul_departed"}
    ),
    CaseKind.TAX: CaseRule(CaseOwner.BUYER, 120, _AFTER_BORDER),
    CaseKind.REFUSED: CaseRule(CaseOwner.MERCHANT, 72, _HOME | _BACK | {"ready_for_pickup"}),
    # A "delivery" on the way back is the return to the sender.
    CaseKind.RETURN: CaseRule(CaseOwner.PLATFORM, 120, _HOME),
    CaseKind.ADDRESS: CaseRule(CaseOwner.MERCHANT, 24, _HOME | _BACK | {"ready_for_pickup"}),
    CaseKind.OFFLOADED: CaseRule(CaseOwner.CARRIER, 48, _AFTER_DEPARTURE),
    # Delay of cargo by air must be complained of within 21 days.
    CaseKind.SILENCE: CaseRule(
        CaseOwner.CARRIER,
        48,
        frozenset(),
        claim_days=21,
        bar_source="Montreal Convention 1999, Art. 31(2)",
    ),
}
_FAILED_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Episode:
    """The last stretch of one kind: the event that began it, the last that confirmed it, its end."""

    began: Signal
    latest: Signal
    ended: Signal | None = None


def sort_signals(signals: Iterable[Signal]) -> list[Signal]:
    """Return the events once each, in the order of their own time."""
    return sorted(
        set(signals), key=lambda item: (item.occurred_at, place_of(item.status), item.reason)
    )


def find_episodes(signals: Iterable[Signal]) -> dict[str, Episode]:
    """Return the last episode of each kind that a parcel's events tell of.

    After a delivery only damage and the way back begin anything; after the end of the way back
    nothing does.
    """
    found: dict[str, Episode] = {}
    is_delivered = is_over = is_coming_back = is_waiting_to_leave = False
    attempts = 0
    for signal in sort_signals(signals):
        for kind, episode in found.items():
            if episode.ended is None and signal.status in RULES[kind].ends:
                found[kind] = Episode(episode.began, episode.latest, signal)
        attempts += signal.status == "delivery_attempt_failed"
        kinds = _begun_by(signal, attempts, is_waiting_to_leave=is_waiting_to_leave)
        if is_over:
            kinds = []
        elif is_delivered:
            kinds = [kind for kind in kinds if kind in {CaseKind.DAMAGED, CaseKind.RETURN}]
        for kind in kinds:
            known = found.get(kind)
            is_open = known is not None and known.ended is None
            found[kind] = Episode(known.began if known and is_open else signal, signal)
        is_delivered = is_delivered or signal.status == "delivered"
        is_coming_back = is_coming_back or signal.status in _BACK
        is_over = is_over or (is_coming_back and signal.status in _HOME)
        if signal.status == "handed_to_linehaul":
            is_waiting_to_leave = True
        elif signal.status in _AFTER_DEPARTURE:
            is_waiting_to_leave = False
    return found


def _begun_by(signal: Signal, attempts: int, *, is_waiting_to_leave: bool) -> list[str]:
    status, reason = signal.status, signal.reason
    kinds: list[str] = []
    if status in {"lost", "damaged"}:
        kinds.append(CaseKind.LOST if status == "lost" else CaseKind.DAMAGED)
    if status in {"customs_info_required", "export_failed", "import_failed"}:
        kinds.append(CaseKind.DOCUMENTS)
    if status == "customs_tax_due":
        kinds.append(CaseKind.TAX)
    if status == "returning":
        kinds.append(CaseKind.RETURN)
    if reason == "refused" and status != "returning":
        kinds.append(CaseKind.REFUSED)
    failed_again = status == "delivery_attempt_failed" and attempts >= _FAILED_ATTEMPTS
    if reason == "address" or (failed_again and reason != "refused"):
        kinds.append(CaseKind.ADDRESS)
    is_stuck = is_waiting_to_leave and status in {"on_hold", "delayed"}
    if reason == "offloaded" or is_stuck:
        kinds.append(CaseKind.OFFLOADED)
    return kinds


def find_end(kind: str, signals: Sequence[Signal], since: datetime) -> Signal | None:
    """Return the last event after a moment that ends a kind; for cases a person opened."""
    ends = RULES[kind].ends
    later = [item for item in signals if item.occurred_at > since and item.status in ends]
    return sort_signals(later)[-1] if later else None


def answer_due(kind: str, now: datetime) -> datetime:
    """Return until when the next step of a case opened now is due."""
    return now + timedelta(hours=RULES[kind].answer_h)


def claim_bar(kind: str, since: datetime) -> datetime | None:
    """Return until when a claim must be filed, or nothing where none is."""
    days = RULES[kind].claim_days
    return since + timedelta(days=days) if days else None


def owner_of(kind: str, *, is_tax_in_price: bool) -> str:
    """Return who must act first; tax the buyer was told is in the price is the merchant's to pay."""
    if kind == CaseKind.TAX and is_tax_in_price:
        return CaseOwner.MERCHANT
    return RULES[kind].owner


def share_of(total: int, weight_g: int, all_weights_g: Sequence[int]) -> int:
    """Return a parcel's part of an amount by its weight, rounded up: the risk is never understated."""
    whole = sum(all_weights_g)
    return total if not whole else -(-total * weight_g // whole)
