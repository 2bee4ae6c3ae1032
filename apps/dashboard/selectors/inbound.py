"""What the pages of deliveries show: the list by day, progress per line, and the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.accounts.selectors import get_names
from apps.common.badges import badge_for
from apps.common.errors import DomainError
from apps.common.pagination import Page, paginate
from apps.inbound import selectors as inbound
from apps.inbound.models import InboundLine, InboundShipment
from apps.inbound.selectors import Totals
from apps.inbound.states import ANNOUNCED, InboundStatus
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.merchants.web.labels import event_label

PAGE_SIZE = 50
STORY = 100
_S = InboundStatus
VIEWS: dict[str, tuple[str, ...]] = {
    "open": (
        *(_S.DRAFT, *ANNOUNCED, _S.ARRIVED, _S.RECEIVING, _S.PAUSED, _S.RECEIVED),
        *(_S.INSPECTING, _S.PUTAWAY, _S.RECONCILING),
    ),
    "coming": ANNOUNCED,
    "house": (_S.ARRIVED, _S.RECEIVING, _S.PAUSED, _S.RECEIVED, _S.INSPECTING, _S.PUTAWAY),
    "settle": (_S.RECONCILING,),
    "all": (),
}
_NOTHING = Totals(0, 0, 0, 0, 0, 0, 0)
# The steps as the page draws them; several states share one.
_DRAWN: tuple[tuple[str, ...], ...] = (
    (_S.DRAFT,),
    (_S.SUBMITTED, _S.ACCEPTED),
    (_S.APPOINTED,),
    (_S.IN_TRANSIT,),
    (_S.ARRIVED, _S.RECEIVING, _S.PAUSED, _S.RECEIVED),
    (_S.INSPECTING, _S.PUTAWAY, _S.RECONCILING),
    (_S.CLOSED,),
)


@dataclass(frozen=True, slots=True)
class ListState:
    """The list as its address says."""

    view: str = "open"
    query: str = ""
    node: str = ""
    cursor: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the view."""
        return bool(self.query or self.node)

    def as_query(self, **changes: str) -> str:
        """Return the query string without the page, with ``changes`` made."""
        state = replace(self, **changes) if changes else self
        pairs = {"view": state.view, "q": state.query, "node": state.node}
        return urlencode({name: value for name, value in pairs.items() if value})


def read_state(query: QueryDict) -> ListState:
    """Return the state an address names; what it does not know is left out, never an error."""
    view = query.get("view", "open")
    return ListState(
        view=view if view in VIEWS else "open",
        query=query.get("q", "").strip()[:40],
        node=query.get("node", "")[:32],
        cursor=query.get("cursor", "")[:200],
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery of the list with its units; ``is_late`` when its appointment passed."""

    shipment: InboundShipment
    totals: Totals
    is_late: bool


def page_of_inbound(
    merchant: Merchant, state: ListState, *, now: datetime
) -> tuple[Page[InboundShipment], list[Row]]:
    """Return a page of deliveries by the day they are expected, the latest first (two statements)."""
    found = inbound.list_inbound(merchant)
    if VIEWS[state.view]:
        found = found.filter(status__in=VIEWS[state.view])
    if state.node:
        found = found.filter(node__public_id=state.node)
    if state.query:
        found = found.filter(reference__startswith=state.query)
    try:
        page = paginate(
            found, key="expected_on", cursor=state.cursor, size=PAGE_SIZE, is_time=False
        )
    except (ValidationError, TypeError) as error:
        raise DomainError(
            "pagination.bad_cursor",
            _("This page address is damaged. Start again from the first page."),
            status=400,
        ) from error
    totals = inbound.sum_lines(list(page.rows))
    rows = [
        Row(shipment, totals.get(shipment.pk, _NOTHING), is_late(shipment, now))
        for shipment in page.rows
    ]
    return page, rows


def is_late(shipment: InboundShipment, now: datetime) -> bool:
    """Say whether a delivery was booked for a moment that passed and is not at the gate."""
    if shipment.status not in {_S.APPOINTED, _S.IN_TRANSIT} or shipment.appointment_at is None:
        return False
    return shipment.appointment_at < now


def draw_steps(shipment: InboundShipment) -> list[dict[str, str]]:
    """Return the way of a delivery for the row of steps; one that ended early has none ahead."""
    labels = (
        *(_("Draft"), _("Announced"), _("Appointment"), _("On the way"), _("Receiving")),
        *(_("Inspection and shelf"), _("Closed")),
    )
    at = next((n for n, states in enumerate(_DRAWN) if shipment.status in states), -1)
    steps = []
    for number, label in enumerate(labels):
        state = "done" if number < at or shipment.status == _S.CLOSED else ""
        if number == at and shipment.status != _S.CLOSED:
            state = "bad" if shipment.status == _S.RECONCILING else "now"
        note = str(badge_for("inbound", shipment.status).label) if number == at else ""
        steps.append({"label": label, "note": note, "state": state})
    return steps if at >= 0 else []


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with its quantities, and what is still missing or waiting of it."""

    line: InboundLine
    missing: int
    waiting: int
    percent: int


def show_lines(lines: Sequence[InboundLine]) -> list[LineRow]:
    """Return lines as pages show them."""
    rows = []
    for line in lines:
        counts = line.counts
        share = min(100, counts.received * 100 // counts.expected) if counts.expected else 100
        rows.append(LineRow(line, counts.missing, counts.waiting, share))
    return rows


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the story; ``who`` is a person's name, or empty for partners and the portal."""

    at: datetime
    title: str
    detail: str
    who: str


def tell_story(merchant: Merchant, shipment: InboundShipment) -> list[Happening]:
    """Return what happened to a delivery, the newest first (two statements)."""
    own = JournalEntry.objects.filter(tenant_id=merchant.pk, subject_id=shipment.public_id)
    entries = list(own.order_by("-id")[:STORY])
    people = {entry.actor: entry.actor.partition("user:")[2] for entry in entries}
    names = get_names(ident for ident in people.values() if ident)
    return [
        Happening(
            entry.occurred_at,
            event_label(entry.event),
            _detail(entry),
            names.get(people[entry.actor], ""),
        )
        for entry in entries
    ]


def _detail(entry: JournalEntry) -> str:
    payload = entry.payload
    if reasons := payload.get("reasons"):
        return " · ".join(str(item) for item in reasons)
    if entry.event == "inbound.amended":
        parts = {name: payload[name] for name in ("sku", "before", "after", "reason")}
        return _("%(sku)s: %(before)s → %(after)s. %(reason)s") % parts
    if entry.event == "inbound.counted":
        return _("%(good)s good, %(damaged)s damaged, %(rejected)s quarantined") % {
            name: payload[name] for name in ("good", "damaged", "rejected")
        }
    if entry.event == "inbound.put_away":
        return _("%(shelved)s on the shelf, %(damaged)s damaged, %(rejected)s quarantined") % {
            name: payload[name] for name in ("shelved", "damaged", "rejected")
        }
    return str(payload.get("reason") or "")
