"""Exception cases: the queue by deadline or money, one case, and what people do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard.case_words import next_step
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web import case_forms
from apps.dashboard.web.fact_forms import tell
from apps.fulfillment import case_selectors as cases
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services
from apps.fulfillment.models import ExceptionCase
from apps.fulfillment.states import OPEN_CASES, CaseKind, CaseOwner, CaseStatus
from apps.journal.actors import Actor
from apps.markets.models import Market
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

PAGE_SIZE = 50
PROMISES_OF = timedelta(days=90)
_ENDED = (CaseStatus.RESOLVED, CaseStatus.CLOSED)
_FORMS: dict[str, type[forms.Form]] = {
    "note": case_forms.NoteForm,
    "weight": case_forms.WeightForm,
    "paper": case_forms.PaperForm,
    "claim": case_forms.ClaimForm,
    "resolve": case_forms.ResolveForm,
}


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def exceptions(request: MemberRequest) -> HttpResponse:
    """List exception cases, the next deadline or the most money first."""
    merchant, now = request.member.merchant, utc_now()
    asked = {name: request.GET.get(name, "")[:200] for name in ("view", "kind", "sort", "cursor")}
    view = asked["view"] if asked["view"] in {"mine", "waiting", "ended"} else "open"
    kind = asked["kind"] if asked["kind"] in CaseKind.values else ""
    by_money = asked["sort"] == "money" and may(request, permissions.MONEY_VIEW)
    wanted = _ENDED if view == "ended" else OPEN_CASES
    found = cases.list_cases(merchant).filter(status__in=wanted)
    if view == "mine":
        found = found.filter(owner=CaseOwner.MERCHANT)
    elif view == "waiting":
        found = found.exclude(owner=CaseOwner.MERCHANT)
    if kind:
        found = found.filter(kind=kind)
    page = paginate(
        found,
        key="risk_base_minor" if by_money else "due_at",
        cursor=asked["cursor"],
        size=PAGE_SIZE,
        descending=by_money or view == "ended",
        is_time=not by_money,
    )
    context = {
        "section": "shipping",
        "page": page,
        "rows": [(case, next_step(case)) for case in page.rows],
        "tabs": _tabs(view, kind, by_money=by_money),
        "view": view,
        "kind": kind,
        "kinds": CaseKind.choices,
        "by_money": by_money,
        "totals": cases.count_open(merchant, now=now),
        "kept": cases.measure_promises(merchant, since=now - PROMISES_OF),
        "base": merchant.base_currency,
        "can_see_money": may(request, permissions.MONEY_VIEW),
        "is_filtered": bool(kind) or view != "open",
    }
    return render(request, "dashboard/exceptions.html", context)


def _tabs(view: str, kind: str, *, by_money: bool) -> list[dict[str, str | bool]]:
    names = {
        "open": _("Open"),
        "mine": _("For you"),
        "waiting": _("Waiting for others"),
        "ended": _("Ended"),
    }
    base, kept = reverse("dashboard:exceptions"), {"kind": kind} if kind else {}
    if by_money:
        kept = {**kept, "sort": "money"}
    return [
        {
            "label": label,
            "url": f"{base}?{urlencode({'view': slug, **kept})}",
            "is_current": slug == view,
        }
        for slug, label in names.items()
    ]


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def exception(request: MemberRequest, case_id: str) -> HttpResponse:
    """Show one case with its evidence and what can be done."""
    return _show(request, _found(request, case_id))


def _found(request: MemberRequest, case_id: str) -> ExceptionCase:
    return find_or_404(cases.get_case, request.member.merchant, case_id)


def _show(
    request: MemberRequest,
    case: ExceptionCase,
    wrong: dict[str, forms.Form] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    wrong = wrong or {}
    now, shipment = utc_now(), case.parcel.shipment
    can_claim = case.is_open and case.claim_by_at is not None and case.claim_filed_at is None
    context = {
        "section": "shipping",
        "case": case,
        "shipment": shipment,
        "order": shipment.order,
        "next_step": next_step(case),
        "events": list(fulfillment.list_events(case.parcel)[:200]),
        "evidence": list(cases.list_evidence(case)),
        "zone": Market.objects.get(pk=shipment.order.market_id).time_zone,
        "can_work": case.is_open and may(request, permissions.SHIPMENTS_MANAGE),
        "can_ship": may(request, permissions.SHIPMENTS_MANAGE),
        "can_see_money": may(request, permissions.MONEY_VIEW),
        "can_claim": can_claim and case.claim_by_at is not None and now <= case.claim_by_at,
        "forms": {
            name: wrong.get(name) or form(auto_id=f"{name}-%s") for name, form in _FORMS.items()
        },
        "wrong": next(iter(wrong.values()), forms.Form()),
    }
    return render(request, "dashboard/exception.html", context, status=status)


Step = Callable[[ExceptionCase, forms.Form, Actor, datetime], object]


def _work(request: MemberRequest, case_id: str, name: str, step: Step, done: str) -> HttpResponse:
    """Check a form, take one step, and answer with the case; a refusal stands beside its field."""
    case = _found(request, case_id)
    form = _FORMS[name](request.POST, request.FILES, auto_id=f"{name}-%s")
    if not form.is_valid():
        return _show(request, case, {name: form}, status=422)
    try:
        step(case, form, user_actor(request.user), utc_now())
    except DomainError as error:
        tell(form, error)
        return _show(request, case, {name: form}, status=error.status)
    forget_facts(request.member.merchant)
    messages.success(request, done)
    return redirect("dashboard:exception", case.public_id)


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def note(request: MemberRequest, case_id: str) -> HttpResponse:
    """Keep a note, and pass the case on."""
    return _work(
        request,
        case_id,
        "note",
        lambda case, form, actor, now: services.add_note(
            case, **form.cleaned_data, actor=actor, now=now
        ),
        _("Note kept."),
    )


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def weight(request: MemberRequest, case_id: str) -> HttpResponse:
    """Keep a weight."""
    return _work(
        request,
        case_id,
        "weight",
        lambda case, form, actor, now: services.add_weight(
            case, **form.cleaned_data, actor=actor, now=now
        ),
        _("Weight kept."),
    )


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def paper(request: MemberRequest, case_id: str) -> HttpResponse:
    """Keep a picture or paper."""

    def keep(case: ExceptionCase, form: forms.Form, actor: Actor, now: datetime) -> object:
        given = form.cleaned_data["file"]
        text = form.cleaned_data["text"]
        return services.add_paper(case, given.file, given.size, text=text, actor=actor, now=now)

    return _work(request, case_id, "paper", keep, _("File kept."))


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def claim(request: MemberRequest, case_id: str) -> HttpResponse:
    """Keep that a claim was filed."""

    def file(case: ExceptionCase, form: forms.Form, actor: Actor, now: datetime) -> object:
        if not isinstance(form, case_forms.ClaimForm):
            raise TypeError("claim form")
        amount = form.amount_minor(case.currency)
        filed = services.Claim(form.cleaned_data["reference"], amount)
        return services.file_claim(case, filed, actor=actor, now=now)

    return _work(request, case_id, "claim", file, _("Claim kept. The carrier must answer now."))


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def resolve(request: MemberRequest, case_id: str) -> HttpResponse:
    """End a case."""
    return _work(
        request,
        case_id,
        "resolve",
        lambda case, form, actor, now: services.resolve_case(
            case, **form.cleaned_data, actor=actor, now=now
        ),
        _("The case has ended."),
    )


@member_page(*READ, permission=permissions.SHIPMENTS_MANAGE)
def dossier(request: MemberRequest, case_id: str) -> HttpResponseBase:
    """Answer everything a carrier asks for with a claim, as a ZIP file; the journal keeps who did."""
    case = _found(request, case_id)
    content = services.take_dossier(
        case, is_look=request.method == "HEAD", actor=user_actor(request.user), now=utc_now()
    )
    name = f"claim-{case.parcel.tracking_number}.zip"
    response = FileResponse(content, as_attachment=True, filename=name)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Cache-Control"] = "no-store"
    return response


@member_page(*READ, permission=permissions.SHIPMENTS_VIEW)
def paper_file(request: MemberRequest, case_id: str, evidence_id: str) -> HttpResponseBase:
    """Answer one picture or paper of a case."""
    kept = find_or_404(cases.get_paper, request.member.merchant, case_id, evidence_id)
    try:
        response = FileResponse(kept.file.open("rb"), content_type=kept.content_type)
    except FileNotFoundError as error:
        raise Http404 from error
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def open_case(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Open a case about a parcel of a shipment that no event tells of."""
    merchant: Merchant = request.member.merchant
    shipment = find_or_404(fulfillment.get_shipment, merchant, shipment_id)
    number = request.POST.get("parcel", "")
    parcel = next((one for one in shipment.parcels.all() if one.public_id == number), None)
    if parcel is None:
        raise Http404
    form = case_forms.OpenForm(request.POST)
    if not form.is_valid():
        raise DomainError(
            "fulfillment.bad_case", _("Choose what went wrong and say what happened."), status=422
        )
    parcel.shipment = shipment
    made = services.open_case(
        parcel, **form.cleaned_data, actor=user_actor(request.user), now=utc_now()
    )
    forget_facts(merchant)
    return redirect("dashboard:exception", made.public_id)
