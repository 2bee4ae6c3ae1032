"""What people do about a delivery: announce, cancel, book, amend, answer; and the gate's steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import WRITE, find_or_404, member_page
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.inbound import found_inbound, show
from apps.inbound import selectors as inbound
from apps.inbound import services
from apps.inbound.models import InboundShipment
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_PLAIN = {
    "submit": services.submit_inbound,
    "depart": services.depart,
    "accept": services.accept_inbound,
    "arrive": services.arrive,
    "pause": services.pause_receiving,
    "resume": services.resume_receiving,
}
_WITH_REASON = {"cancel": services.cancel_inbound, "reject": services.reject_inbound}
_OF_COMPANY = frozenset({"submit", "depart", "cancel"})
_OF_WAREHOUSE = frozenset({"accept", "reject", "arrive", "pause", "resume", "finish"})


@member_page(*WRITE, permission=permissions.INBOUND_MANAGE)
def step(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Take a step of the company: announce, say it left, cancel."""
    return _take(request, inbound_id, _OF_COMPANY)


@member_page(*WRITE, permission=permissions.INBOUND_RECEIVE)
def gate(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Take a step of the warehouse: accept, reject, at the gate, pause, go on, all counted."""
    return _take(request, inbound_id, _OF_WAREHOUSE)


def _take(request: MemberRequest, inbound_id: str, allowed: frozenset[str]) -> HttpResponse:
    shipment, name = found_inbound(request, inbound_id), request.POST.get("step", "")
    if name not in allowed:
        raise Http404
    actor, now = user_actor(request.user), utc_now()

    def act() -> object:
        if name == "finish":
            note = request.POST.get("note", "")
            return services.finish_receiving(shipment, note=note, actor=actor, now=now)
        if name in _WITH_REASON:
            reason = request.POST.get("reason", "")
            return _WITH_REASON[name](shipment, reason=reason, actor=actor, now=now)
        return _PLAIN[name](shipment, actor=actor, now=now)

    return _run(request, shipment, act, _done(name))


def _done(name: str) -> str:
    words = {
        "submit": _("The warehouse knows what comes."),
        "depart": _("It is on the way."),
        "cancel": _("The delivery was cancelled."),
        "accept": _("The delivery was accepted."),
        "reject": _("The delivery was rejected."),
        "arrive": _("It is at the gate."),
        "pause": _("Receiving is paused."),
        "resume": _("Receiving goes on."),
        "finish": _("Everything is counted."),
    }
    return words[name]


@member_page(*WRITE, permission=permissions.INBOUND_MANAGE)
def appoint(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Book when a delivery comes, in the time of the warehouse."""
    shipment = found_inbound(request, inbound_id)

    def act() -> object:
        at = _moment(request.POST.get("at", ""))
        zone = inbound.zone_of(shipment.node, request.member.merchant)
        return services.book_appointment(
            shipment,
            at=inbound.to_utc(at, zone),
            dock=request.POST.get("dock", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )

    return _run(request, shipment, act, _("The appointment is booked."))


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        sentence = _("Choose a day and a time.")
        raise DomainError("inbound.appointment", sentence, status=422, fields={"at": sentence})
    return found


@member_page(*WRITE, permission=permissions.INBOUND_MANAGE)
def amend(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Change how many units of a line will come."""
    shipment = found_inbound(request, inbound_id)

    def act() -> object:
        return services.amend_line(
            shipment,
            position=_number(request.POST.get("position", ""), "position"),
            quantity=_number(request.POST.get("quantity", ""), "quantity"),
            reason=request.POST.get("reason", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )

    return _run(request, shipment, act, _("The quantity was changed."))


def _number(text: str, field: str) -> int:
    plain = text.strip()
    if not plain.isdecimal() or len(plain) > 9:
        sentence = _("“%(text)s” is not a number of units.") % {"text": plain[:40]}
        raise DomainError("inbound.quantity", sentence, status=422, fields={field: sentence})
    return int(plain)


@member_page(*WRITE, permission=permissions.INBOUND_MANAGE)
def answer(request: MemberRequest, inbound_id: str, difference_id: str) -> HttpResponse:
    """Agree to a difference, or dispute it."""
    shipment = found_inbound(request, inbound_id)
    difference = find_or_404(inbound.get_discrepancy, shipment, difference_id)

    def act() -> object:
        return services.answer_discrepancy(
            difference,
            answer=request.POST.get("answer", ""),
            note=request.POST.get("note", ""),
            actor=user_actor(request.user),
            now=utc_now(),
        )

    return _run(request, shipment, act, _("Your answer is saved."))


def _run(
    request: MemberRequest, shipment: InboundShipment, act: Callable[[], object], done: str
) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        return show(request, found_inbound(request, shipment.public_id), error=error)
    forget_facts(request.member.merchant)
    messages.success(request, done)
    if request.POST.get("next") == "receive":
        return redirect("dashboard:inbound_receive", shipment.public_id)
    return redirect("dashboard:inbound", shipment.public_id)
