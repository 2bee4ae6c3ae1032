"""The story of one order: journal, notes and what carriers said, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.selectors import get_names
from apps.common.formatting import colon, join_words
from apps.dashboard.selectors.holds import hold_name
from apps.fulfillment.models import Shipment, TrackingEvent
from apps.fulfillment.states import TrackingStatus
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderHold, OrderNote
from apps.orders.states import ChangeKind, RequestStatus

LENGTH = 200
_SKIPPED = {"order.note_added", "tracking.recorded"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story; ``who`` is a person's name, or empty for the portal."""

    at: datetime
    icon: str
    tone: str
    title: str
    detail: str = ""
    who: str = ""
    text: str = ""

    @property
    def is_person(self) -> bool:
        """Whether a person did it."""
        return bool(self.who)


def tell_story(
    merchant: Merchant,
    order: Order,
    shipments: Sequence[Shipment],
    holds: Iterable[OrderHold],
) -> list[Happening]:
    """Return what happened to an order, the newest first (four statements)."""
    subjects = [order.public_id, *(shipment.public_id for shipment in shipments)]
    entries = list(
        JournalEntry.objects.filter(tenant_id=merchant.pk, subject_id__in=subjects)
        .exclude(event__in=_SKIPPED)
        .order_by("-id")[:LENGTH]
    )
    parcels = [parcel.pk for shipment in shipments for parcel in shipment.parcels.all()]
    scans = TrackingEvent.objects.filter(merchant=merchant, parcel__in=parcels)
    notes = list(OrderNote.objects.filter(merchant=merchant, order=order)[:LENGTH])
    ids = [_person(entry.actor) for entry in entries]
    names = get_names(ident for ident in ids if ident)
    reasons = {hold.public_id: hold for hold in holds}
    story = [
        *(_entry(entry, names, reasons) for entry in entries),
        *(_scan(scan) for scan in scans.order_by("-occurred_at")[:LENGTH]),
        *(_note(note) for note in notes),
    ]
    return sorted(story, key=lambda item: item.at, reverse=True)


def _person(actor: str) -> str:
    kind, _sep, ident = actor.partition(":")
    return ident if kind == "user" else ""


def _note(note: OrderNote) -> Happening:
    who = note.written_by_name or _("Somebody")
    return Happening(note.written_at, "file-text", "", _("wrote"), who=who, text=note.text)


def _scan(scan: TrackingEvent) -> Happening:
    status = TrackingStatus(scan.status)
    bad = {"lost", "damaged", "delivery_attempt_failed", "import_failed", "export_failed"}
    tone = "good" if scan.status == "delivered" else "bad" if scan.status in bad else "info"
    parts = [part for part in (scan.location, scan.description) if part]
    return Happening(scan.occurred_at, "map-pin", tone, str(status.label), " · ".join(parts))


def _entry(entry: JournalEntry, names: dict[str, str], holds: dict[str, OrderHold]) -> Happening:
    icon, tone, title = _words(entry)
    who = names.get(_person(entry.actor), "")
    return Happening(entry.occurred_at, icon, tone, title, _detail(entry, holds), who)


def _words(entry: JournalEntry) -> tuple[str, str, str]:
    known = {
        "order.placed": ("package", "", _("Order placed")),
        "order.confirmed": ("circle-check", "good", _("All checks passed")),
        "order.allocated": ("receipt", "info", _("Label ready, waiting to be handed over")),
        "order.shipped": ("truck", "info", _("Order shipped")),
        "order.delivered": ("package-check", "good", _("Delivered")),
        "order.completed": ("coins", "good", _("Completed: the money is free")),
        "order.cancelled": ("package-x", "bad", _("Order cancelled")),
        "order.hold_placed": ("circle-pause", "soon", _("Order held")),
        "order.hold_released": ("play", "good", _("Hold released")),
        "order.buyer_revealed": ("eye", "", _("looked at the buyer’s data")),
        "order.declaration_refreshed": ("pencil", "info", _("Customs data taken over")),
        "order.tagged": ("tag", "", _("Tag added")),
        "order.untagged": ("tag", "", _("Tag removed")),
        "order.recheck_requested": ("refresh-cw", "info", _("Product changed, checked again")),
        "order.buyer_corrected": ("pencil", "info", _("corrected the buyer’s address")),
        "order.part_shipped": ("truck", "info", _("A part of the order shipped")),
        "order.cancel_requested": ("package-x", "soon", _("Cancelling asked for")),
        "order.cancel_answered": ("package-x", "", _("Request to cancel answered")),
        "order.cancel_warned": ("clock", "soon", _("Will be cancelled soon if it is not shipped")),
        "order.clock_paused": ("circle-pause", "", _("Ship-by clock paused")),
        "order.clock_resumed": ("play", "", _("Ship-by clock goes on")),
        "shipment.created": ("route", "info", _("Shipment planned")),
        "shipment.tendered": ("ship", "info", _("Handed over to the carrier")),
        "shipment.delivered": ("package-check", "good", _("Parcel delivered")),
        "shipment.label_printed": ("printer", "", _("Label printed")),
        "shipment.voided": ("ban", "soon", _("Label void")),
    }
    if entry.event == "order.changed":
        return ("pencil", "info", str(ChangeKind(entry.payload["kind"]).label))
    plain = entry.event.replace(".", " ").replace("_", " ").capitalize()
    return known.get(entry.event, ("circle", "", plain))


def _printed(payload: Mapping[str, object]) -> str:
    count, together = int(str(payload["labels"])), int(str(payload["printed_together"]))
    told = ngettext("%(count)s label", "%(count)s labels", count) % {"count": count}
    if together == count:
        return told
    return _("%(labels)s, in a print of %(all)s") % {"labels": told, "all": together}


def _detail(entry: JournalEntry, holds: dict[str, OrderHold]) -> str:
    payload = entry.payload
    if entry.event == "order.placed":
        channel = str(payload.get("channel", ""))
        return _("From %(channel)s, reference %(ref)s") % {
            "channel": channel,
            "ref": payload.get("external_ref", ""),
        }
    if entry.event == "shipment.label_printed":
        return _printed(payload)
    if entry.event in {"order.hold_placed", "order.hold_released"}:
        hold = holds.get(str(payload.get("hold", "")))
        kind = hold_name(str(payload.get("kind", "")))
        note = hold.release_note if hold and entry.event == "order.hold_released" else ""
        return f"{kind.capitalize()}{colon()}{note or payload.get('reason', '')}"
    if entry.event == "order.changed":
        parts = (str(payload.get("other_number", "")), str(payload.get("note", "")))
        return " · ".join(part for part in parts if part)
    if entry.event == "order.cancel_answered":
        status = str(RequestStatus(str(payload["status"])).label)
        return f"{status}{colon()}{payload['reason']}" if payload.get("reason") else status
    before = payload.get("before")
    if isinstance(before, dict):
        return join_words(f"{name}{colon()}{value}" for name, value in before.items())
    return str(payload.get("reason", ""))
