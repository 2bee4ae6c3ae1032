"""The pages of the dock: scan what comes, and put it away. Made for a phone and a scanner."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import BOTH, member_page
from apps.dashboard.selectors import inbound as shown
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.inbound import found_inbound
from apps.dashboard.web.stock_forms import new_reference
from apps.inbound import selectors as inbound
from apps.inbound import services
from apps.inbound.models import InboundLine, InboundShipment
from apps.inbound.requests import Scan, Shelving
from apps.inbound.states import COUNTABLE, SHELVABLE, Condition, InboundStatus
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

# What may be taken into quarantine instead when it was refused for one of these.
_TO_QUARANTINE = frozenset({"inbound.over_tolerance", "inbound.unexpected"})
_SHOWN = 5


@member_page(*BOTH, permission=permissions.INBOUND_RECEIVE)
def receive(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Count in one code after the other; each booking happens once, however often it is sent."""
    shipment = found_inbound(request, inbound_id)
    if request.method != "POST":
        return _dock(request, shipment)
    try:
        services.receive(
            shipment,
            [_scan(request)],
            reference=request.POST.get("reference", "")[:64],
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return _dock(request, found_inbound(request, inbound_id), error=error)
    forget_facts(request.member.merchant)
    return redirect("dashboard:inbound_receive", shipment.public_id)


def _scan(request: MemberRequest) -> Scan:
    posted = request.POST
    code = posted.get("code", "").strip()[:80]
    if not code:
        sentence = _("Scan or type a code.")
        raise DomainError("inbound.invalid", sentence, status=422, fields={"code": sentence})
    return Scan(
        code,
        _units(posted.get("quantity", "1")),
        posted.get("condition", Condition.GOOD),
        posted.get("lot", "").strip()[:40],
        posted.get("note", "")[:300],
    )


def _units(text: str) -> int:
    plain = text.strip() or "0"
    if not plain.isdecimal() or len(plain) > 7:
        sentence = _("“%(text)s” is not a number of units.") % {"text": plain[:40]}
        raise DomainError("inbound.invalid", sentence, status=422)
    return int(plain)


def _dock(
    request: MemberRequest, shipment: InboundShipment, *, error: DomainError | None = None
) -> HttpResponse:
    lines = inbound.list_lines(shipment)
    receipts = inbound.list_receipts(shipment)[:_SHOWN]
    posted = request.POST if error else {}
    status = InboundStatus(shipment.status)
    context = {
        "section": "inbound",
        "shipment": shipment,
        "lines": shown.show_lines(lines),
        "totals": inbound.sum_lines([shipment]).get(shipment.pk),
        "receipts": receipts,
        "latest": receipts[0] if receipts and not error else None,
        "has_lots": any(line.lot_code for line in lines),
        "conditions": Condition.choices,
        "error": error,
        "may_quarantine": error is not None and error.code in _TO_QUARANTINE,
        "posted": posted,
        "chosen": posted.get("condition", "") or Condition.GOOD,
        "reference": new_reference(),
        "may_count": status in COUNTABLE,
        "is_paused": status == InboundStatus.PAUSED,
        "may_finish": status == InboundStatus.RECEIVING,
    }
    return render(
        request, "dashboard/inbound_receive.html", context, status=error.status if error else 200
    )


@member_page(*BOTH, permission=permissions.INBOUND_RECEIVE)
def put_away(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Say how many units of each line went to the shelf, and which turned out damaged."""
    shipment = found_inbound(request, inbound_id)
    every = inbound.list_lines(shipment)
    lines = [line for line in every if line.counts.waiting]
    if request.method != "POST":
        return _shelf(request, shipment, lines)
    try:
        services.put_away(
            shipment,
            [item for line in every if (item := _shelving(request, line)) is not None],
            reference=request.POST.get("reference", "")[:64],
            actor=user_actor(request.user),
            now=utc_now(),
        )
    except DomainError as error:
        return _shelf(request, shipment, lines, error=error)
    forget_facts(request.member.merchant)
    messages.success(request, _("The units are on the shelf and for sale."))
    return redirect("dashboard:inbound", shipment.public_id)


def _shelving(request: MemberRequest, line: InboundLine) -> Shelving | None:
    shelved, damaged, rejected = (
        _units(request.POST.get(f"{name}-{line.position}", ""))
        for name in ("shelved", "damaged", "rejected")
    )
    if not shelved + damaged + rejected:
        return None
    note = request.POST.get(f"note-{line.position}", "")
    return Shelving(line.position, shelved, damaged, rejected, note)


def _shelf(
    request: MemberRequest,
    shipment: InboundShipment,
    lines: list[InboundLine],
    *,
    error: DomainError | None = None,
) -> HttpResponse:
    posted = request.POST
    rows = [
        {
            "line": line,
            "waiting": line.counts.waiting,
            "shelved": posted.get(f"shelved-{line.position}", line.counts.waiting),
            "damaged": posted.get(f"damaged-{line.position}", 0),
            "rejected": posted.get(f"rejected-{line.position}", 0),
            "note": posted.get(f"note-{line.position}", ""),
        }
        for line in lines
    ]
    context = {
        "section": "inbound",
        "shipment": shipment,
        "rows": rows,
        "error": error,
        "reference": new_reference(),
        "may_shelve": shipment.status in SHELVABLE,
    }
    return render(
        request, "dashboard/inbound_putaway.html", context, status=error.status if error else 200
    )
