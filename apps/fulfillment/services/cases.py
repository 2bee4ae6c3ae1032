"""Opening and ending exception cases as the carriers' events say, exactly once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.common.money import Money
from apps.fulfillment import case_rules as rules
from apps.fulfillment import events
from apps.fulfillment.models import ExceptionCase, Parcel, Shipment, ShipmentLine
from apps.fulfillment.states import CaseKind, CaseResolution, CaseStatus
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.markets.selectors import convert
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to open: the parcel with its shipment and order, the kind, since when and why."""

    parcel: Parcel
    shipment: Shipment
    kind: str
    since: datetime
    origin: str
    reasons: Mapping[str, journal.Json]


def reconcile_cases(
    places: Mapping[int, tuple[Shipment, Parcel]],
    signals: Mapping[int, Sequence[rules.Signal]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring the cases of parcels in line with their events; one statement when nothing changes.

    ``places`` are parcels by key with their shipment (its ``order`` loaded), whose orders the
    caller has locked: two workers with the same event come one after the other. A case that a
    person ended is opened again only by an event after that.
    """
    told = {key: signals[key] for key in places if signals.get(key)}
    if not told:
        return
    known: dict[int, dict[str, ExceptionCase]] = defaultdict(dict)
    for case in ExceptionCase.objects.filter(parcel_id__in=told).order_by("id"):
        known[case.parcel_id][case.kind] = case  # the newest of its kind
    openings: list[Opening] = []
    endings: list[tuple[ExceptionCase, str, dict[str, journal.Json]]] = []
    for key, heard in told.items():
        episodes = rules.find_episodes(heard)
        shipment, parcel = places[key]
        for kind, episode in episodes.items():
            if episode.ended is None and _is_news(known[key].get(kind), episode):
                openings.append(_opening(parcel, shipment, kind, episode))
        for case in known[key].values():
            end = _find_end(case, episodes.get(case.kind), heard) if case.is_open else None
            if end is not None:
                endings.append((case, *end))
    if endings:
        end_cases(endings, actor=actor, now=now)
    if openings:
        open_cases(openings, actor=actor, now=now)


def _is_news(newest: ExceptionCase | None, episode: rules.Episode) -> bool:
    if newest is None:
        return True
    if newest.is_open or newest.ended_at is None:
        return False
    by_carrier = {CaseResolution.MOVED_ON, CaseResolution.MISREAD}
    return newest.resolution in by_carrier or episode.latest.occurred_at > newest.ended_at


def _opening(parcel: Parcel, shipment: Shipment, kind: str, episode: rules.Episode) -> Opening:
    reasons: dict[str, journal.Json] = {
        "rules": rules.VERSION,
        "status": episode.began.status,
        "reason": episode.began.reason,
        "at": episode.began.occurred_at.isoformat(),
    }
    since = episode.began.occurred_at
    return Opening(parcel, shipment, kind, since, ExceptionCase.Origin.EVENT, reasons)


def _find_end(
    case: ExceptionCase, episode: rules.Episode | None, heard: Sequence[rules.Signal]
) -> tuple[str, dict[str, journal.Json]] | None:
    """Return how an open case ended and why, or nothing."""
    end: rules.Signal | None = None
    if case.kind == CaseKind.SILENCE:
        later = [item for item in heard if item.occurred_at > case.since_at]
        end = rules.sort_signals(later)[-1] if later else None
    elif episode is not None:
        end = episode.ended
    elif case.origin == ExceptionCase.Origin.EVENT:
        return CaseResolution.MISREAD, {"rules": rules.VERSION}
    else:
        end = rules.find_end(case.kind, heard, case.since_at)
    if end is None:
        return None
    at = end.occurred_at.isoformat()
    return CaseResolution.MOVED_ON, {"rules": rules.VERSION, "status": end.status, "at": at}


def open_cases(openings: Sequence[Opening], *, actor: Actor, now: datetime) -> list[ExceptionCase]:
    """Insert cases with what they put at risk, and announce them; four statements for any number.

    Must run in a transaction under the locks of the parcels' orders.
    """
    values = _declared({item.shipment.pk for item in openings})
    weights = _weights({item.shipment.pk for item in openings})
    markets = dict(
        Market.objects.filter(
            pk__in={item.shipment.order.market_id for item in openings}
        ).values_list("pk", "is_price_with_tax")
    )
    merchant = Merchant.objects.get(pk=openings[0].parcel.merchant_id)
    made = []
    for item in openings:
        order, parcel = item.shipment.order, item.parcel
        risk, is_whole = _risk(item, values, weights, now.date())
        base = convert(Money.from_minor(risk, order.currency), merchant.base_currency, now.date())
        made.append(
            ExceptionCase(
                merchant_id=parcel.merchant_id,
                parcel=parcel,
                kind=item.kind,
                origin=item.origin,
                owner=rules.owner_of(item.kind, is_tax_in_price=markets[order.market_id]),
                open_key=f"{parcel.pk}:{item.kind}",
                since_at=item.since,
                opened_at=now,
                due_at=rules.answer_due(item.kind, now),
                claim_by_at=rules.claim_bar(item.kind, item.since),
                risk_minor=risk,
                currency=order.currency,
                risk_base_minor=base.minor if base is not None else 0,
                reasons={**item.reasons, "postage_counted": is_whole},
            )
        )
    ExceptionCase.objects.bulk_create(made)
    facts = [
        _fact(events.EXCEPTION_OPENED, case, item, {"due_at": case.due_at.isoformat()})
        for case, item in zip(made, openings, strict=True)
    ]
    journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return made


def _fact(
    event: str, case: ExceptionCase, item: Opening, more: Mapping[str, journal.Json]
) -> journal.Fact:
    payload: dict[str, journal.Json] = {
        "kind": case.kind,
        "owner": case.owner,
        "status": case.status,
        "shipment": item.shipment.public_id,
        "parcel": case.parcel.public_id,
        "tracking_number": case.parcel.tracking_number,
        "order": item.shipment.order.public_id,
        "number": item.shipment.order.number,
        "risk_minor": case.risk_minor,
        "currency": case.currency,
        **more,
    }
    return journal.Fact(event, "exception", case.public_id, payload)


def _declared(shipment_ids: Collection[int]) -> dict[int, int]:
    """Return what the buyer paid for the units in each shipment, in minor units of the order."""
    totals: dict[int, int] = defaultdict(int)
    rows = ShipmentLine.objects.filter(shipment_id__in=shipment_ids).values_list(
        "shipment_id", "quantity", "order_line__quantity", "order_line__total_minor"
    )
    for key, units, ordered, total in rows:
        totals[key] += -(-total * units // ordered) if ordered else 0
    return totals


def _weights(shipment_ids: Collection[int]) -> dict[int, list[int]]:
    weights: dict[int, list[int]] = defaultdict(list)
    rows = Parcel.objects.filter(shipment_id__in=shipment_ids).values_list(
        "shipment_id", "weight_g"
    )
    for key, grams in rows:
        weights[key].append(grams)
    return weights


def _risk(
    item: Opening, values: Mapping[int, int], weights: Mapping[int, Sequence[int]], today: date
) -> tuple[int, bool]:
    """Return the amount at risk, and whether postage is in it: not without a fresh rate."""
    shipment = item.shipment
    paid = Money.from_minor(shipment.postage_minor, shipment.currency)
    postage = convert(paid, shipment.order.currency, today)
    total = values.get(shipment.pk, 0) + (postage.minor if postage is not None else 0)
    share = rules.share_of(total, item.parcel.weight_g, weights[shipment.pk])
    return share, postage is not None


def end_cases(
    endings: Sequence[tuple[ExceptionCase, str, Mapping[str, journal.Json]]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """End open cases by the carrier's news, each with its reasons, and announce it."""
    facts = []
    for case, resolution, reasons in endings:
        case.status, case.resolution, case.open_key = CaseStatus.RESOLVED, resolution, None
        case.end_reasons, case.ended_at, case.ended_by = dict(reasons), now, str(actor)
        case.save(
            update_fields=[
                *("status", "resolution", "open_key", "end_reasons", "ended_at", "ended_by")
            ]
        )
        payload: dict[str, journal.Json] = {
            "kind": case.kind,
            "status": case.status,
            "resolution": resolution,
            "reasons": dict(reasons),
        }
        facts.append(journal.Fact(events.EXCEPTION_RESOLVED, "exception", case.public_id, payload))
    tenant = endings[0][0].merchant_id
    journal.record_many(facts, tenant_id=tenant, actor=actor, now=now)
