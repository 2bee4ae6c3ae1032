"""The inbox of unknown carrier codes: kept, decided by the operator, and folded again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.fulfillment import events
from apps.fulfillment.models import CarrierCode, CodeMapping, Parcel, TrackingEvent
from apps.fulfillment.rules import UNKNOWN
from apps.fulfillment.services.settling import lock_dispatches, settle
from apps.fulfillment.states import TrackingReason, TrackingStatus
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.journal import services as journal
from apps.journal.actors import Actor

REFOLD = "tracking.refold"
# How exact "last seen" is: a code that comes every second need not be written every second.
_SEEN_EVERY = timedelta(hours=1)
Code = tuple[str, str]


def read_codes(codes: Iterable[Code], *, now: datetime) -> dict[Code, tuple[str, str]]:
    """Return what the operator's decisions make of codes the packaged table does not know.

    ``codes`` are (source, code); the answer is (status, reason) of those decided. Codes nobody has
    seen before enter the inbox. No statement without such codes; must run in a transaction.
    """
    wanted = set(codes)
    if not wanted:
        return {}
    names = {code for _source, code in wanted}
    rows = [
        row
        for row in CarrierCode.objects.filter(code__in=names).order_by("pk")
        if (row.source, row.code) in wanted
    ]
    known = {(row.source, row.code) for row in rows}
    fresh = [
        CarrierCode(source=source, code=code, first_seen_at=now, last_seen_at=now)
        for source, code in sorted(wanted - known)
    ]
    if fresh:
        CarrierCode.objects.bulk_create(fresh, ignore_conflicts=True)
    stale = [row.pk for row in rows if row.last_seen_at < now - _SEEN_EVERY]
    if stale:
        CarrierCode.objects.filter(pk__in=stale).update(last_seen_at=now)
    return {(row.source, row.code): (row.status, row.reason) for row in rows if row.status}


@retry_transaction
def map_unknown_code(
    found: CarrierCode, *, status: str, reason: str = "", note: str, actor: Actor, now: datetime
) -> CodeMapping:
    """Decide what a code means and start the job that folds its parcels again.

    The decision is a new row; a later one counts instead. Raises ``fulfillment.bad_mapping`` (422)
    for a status or reason outside the vocabulary, ``unknown``, or a missing note, and
    ``fulfillment.same_mapping`` (409) when this is what the code means already.
    """
    if status not in TrackingStatus.values or status == UNKNOWN:
        raise _refuse(_("Choose what the code means."), "status")
    if reason and reason not in TrackingReason.values:
        raise _refuse(_("Choose one of the reasons, or none."), "reason")
    if not note.strip():
        raise _refuse(_("Say how you know, for example where the carrier documents it."), "note")
    with transaction.atomic():
        locked = CarrierCode.objects.select_for_update().get(pk=found.pk)
        if (locked.status, locked.reason) == (status, reason):
            raise DomainError("fulfillment.same_mapping", _("The code means this already."))
        locked.status, locked.reason, locked.version = status, reason, locked.version + 1
        locked.save(update_fields=["status", "reason", "version"])
        mapping = CodeMapping.objects.create(
            carrier_code=locked,
            version=locked.version,
            status=status,
            reason=reason,
            note=note.strip()[:200],
            decided_by=str(actor),
            decided_at=now,
        )
        facts: dict[str, journal.Json] = {
            "source": locked.source,
            "code": locked.code,
            "status": status,
            "reason": reason,
            "version": mapping.version,
            "note": mapping.note,
        }
        journal.record(
            events.CODE_MAPPED,
            merchant=None,
            subject=locked,
            actor=actor,
            now=now,
            payload=facts,
        )
        start_refold(locked, actor=actor, now=now)
    return mapping


def _refuse(sentence: str, field: str) -> DomainError:
    return DomainError("fulfillment.bad_mapping", sentence, status=422, fields={field: sentence})


def start_refold(code: CarrierCode, *, actor: Actor, now: datetime) -> Job:
    """Start the job that gives a code's events their decided meaning and folds their parcels."""
    with scopes_disabled():
        events_of = TrackingEvent.objects.filter(source=code.source, code=code.code)
        last = events_of.aggregate(last=Max("id"))["last"] or 0
    title = _("Fold again: %(source)s %(code)s") % {"source": code.source, "code": code.code}
    return jobs.start_job(
        REFOLD,
        title=title,
        parameters={"code": code.pk, "until": last},
        tenant_id=journal.PLATFORM,
        actor=actor,
        now=now,
    )


def list_parcels_with(code: CarrierCode, *, until: int) -> list[int]:
    """Return the keys of parcels with events of a code up to an event's key, always the same."""
    rows = TrackingEvent.objects.filter(source=code.source, code=code.code, id__lte=until)
    return sorted(set(rows.values_list("parcel_id", flat=True)))


def refold_parcel(parcel: Parcel, code: CarrierCode, *, actor: Actor, now: datetime) -> bool:
    """Give a parcel's events of a code the meaning decided and bring it in line.

    Returns whether anything had another meaning before. Must run in a transaction and in the scope
    of the parcel's merchant.
    """
    dispatches = lock_dispatches([parcel.shipment.order_id])
    mine = TrackingEvent.objects.filter(parcel=parcel, source=code.source, code=code.code)
    outdated = mine.exclude(status=code.status, reason=code.reason)
    if not outdated.update(status=code.status, reason=code.reason):
        return False
    settle(dispatches, actor=actor, now=now)
    journal.record(
        events.TRACKING_REFOLDED,
        merchant=parcel.merchant,
        subject=parcel,
        actor=actor,
        now=now,
        payload={
            "tracking_number": parcel.tracking_number,
            "code": code.code,
            "status": code.status,
            "version": code.version,
        },
    )
    return True


def list_stray_codes() -> list[CarrierCode]:
    """Return decided codes of which an event still has no meaning.

    An event that was being written while its code was decided may have missed the decision.
    """
    strays = []
    with scopes_disabled():
        for code in CarrierCode.objects.exclude(status="").order_by("pk"):
            left = TrackingEvent.objects.filter(source=code.source, code=code.code, status=UNKNOWN)
            if left.exists():
                strays.append(code)
    return strays
