"""Writes of the network: deciding about rows, loading the shipped ones, taking capacity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.common.db import retry_transaction
from apps.journal.actors import Actor, system_actor
from apps.journal.services import PLATFORM, Fact, record_many
from apps.logistics import events
from apps.logistics.models import CapacityUse, NetworkEdition, NetworkRow
from apps.logistics.network.book import check_references
from apps.logistics.network.rows import KINDS, check_row
from apps.logistics.rating.facts import RowError
from apps.logistics.reference import packaged_rows
from apps.logistics.selectors import compile_rows
from apps.markets.dated import IN_FORCE
from apps.markets.services.dated_rows import RowBook, RowEvents

PUBLISHER = system_actor("network")
REQUIRED = ("id", "kind", "effective_from")


def propose_row(
    body: Mapping[str, Any], *, actor: Actor, now: datetime, replaces: NetworkRow | None = None
) -> NetworkRow:
    """Write a new version of a network row that waits for a second person; nothing travels by it yet.

    Raises ``logistics.rule_invalid`` (422) with the field for a body the engine cannot read, and
    ``logistics.rule_replaces`` (409) when ``replaces`` is another row or no longer in force.
    """
    return _BOOK.propose(body, actor=actor, now=now, replaces=replaces)


@retry_transaction
def approve_row(row: NetworkRow, *, actor: Actor, now: datetime) -> NetworkRow:
    """Put a proposed row in force from its first day and make the next edition of the network.

    The proposer gets ``logistics.own_proposal`` (403), a decided row ``logistics.rule_decided`` (409).
    """
    with transaction.atomic():
        _lock_editions()
        found = _BOOK.approve(row, actor=actor, now=now)
        _make_edition(str(found), since=found.effective_from, now=now)
    return found


def reject_row(row: NetworkRow, *, reason: str, actor: Actor, now: datetime) -> NetworkRow:
    """Refuse a proposed row with a reason; same refusals as ``approve_row``."""
    return _BOOK.reject(row, reason=reason, actor=actor, now=now)


@retry_transaction
def load_network(*, now: datetime) -> tuple[int, int]:
    """Bring the shipped network in; returns how many rows became baseline and how many were proposed.

    Running it again changes nothing; a shipped row that changed waits for a person.
    """
    with transaction.atomic():
        _lock_editions()
        baseline, proposed = _BOOK.load(packaged_rows(), actor=PUBLISHER, now=now)
        if baseline:
            _make_edition("load_reference", since=now.date(), now=now)
        if baseline or proposed:
            counts = {"baseline": baseline, "proposed": proposed}
            fact = Fact(events.NETWORK_LOADED, "networkrow", "network", counts)
            record_many([fact], tenant_id=PLATFORM, actor=PUBLISHER, now=now)
    return baseline, proposed


def take_capacity(rule_id: str, day: date, parcels: int, *, limit: int) -> bool:
    """Take places for parcels on a day in the caller's transaction; ``False`` when too few are left.

    One guarded update, so two callers never take the last place twice; the row stays locked until
    the caller commits.
    """
    free = CapacityUse.objects.filter(rule_id=rule_id, day=day, taken__lte=limit - parcels)
    if free.update(taken=F("taken") + parcels):
        return True
    if parcels > limit:
        return False
    CapacityUse.objects.bulk_create([CapacityUse(rule_id=rule_id, day=day)], ignore_conflicts=True)
    return bool(free.update(taken=F("taken") + parcels))


def give_capacity_back(rule_id: str, day: date, parcels: int) -> None:
    """Give places back that a voided shipment had taken, in the caller's transaction."""
    used = CapacityUse.objects.filter(rule_id=rule_id, day=day, taken__gte=parcels)
    used.update(taken=F("taken") - parcels)


def check_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as plain JSON, or raise ``logistics.rule_invalid`` naming what is wrong."""
    _BOOK.check_parts(body, REQUIRED)
    if body["kind"] not in KINDS:
        names = {"names": ", ".join(KINDS)}
        raise _BOOK.invalid("kind", _("Use one of these: %(names)s.") % names)
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(body)))
        check_row(copy)
    except RowError as error:
        field, _sep, why = str(error).partition(": ")
        raise _BOOK.invalid(field, why) from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise _BOOK.unreadable(error) from error
    _BOOK.check_dates(copy)
    return copy


def _lock_editions() -> None:
    """Let one decision after the other make an edition."""
    NetworkEdition.objects.select_for_update().order_by("-id").first()


def _make_edition(reason: str, *, since: date, now: datetime) -> None:
    found = NetworkRow.objects.filter(status__in=IN_FORCE).order_by("rule_id", "version")
    rows = [
        [rule_id, version, until.isoformat() if until else None]
        for rule_id, version, until in found.values_list("rule_id", "version", "superseded_from")
    ]
    edition = NetworkEdition.objects.create(rows=rows, reason=reason[:80], made_at=now)
    try:
        check_references(compile_rows(edition, max(now.date(), since)))
    except RowError as error:
        field, _sep, why = str(error).partition(": ")
        raise _BOOK.invalid(field, why) from error


_BOOK = RowBook(
    model=NetworkRow,
    prefix="logistics",
    events=RowEvents(
        events.ROW_PROPOSED, events.ROW_APPROVED, events.ROW_REJECTED, events.ROW_SUPERSEDED
    ),
    check=check_body,
    columns=lambda _body: {},
    keeps=("kind",),
)
