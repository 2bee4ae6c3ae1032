"""Announcing a delivery: the warehouse, the day, and the goods pasted from a sheet, checked first."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import user_actor
from apps.catalog.models import Variant
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import BOTH, member_page
from apps.dashboard.selectors.shell import forget_facts
from apps.dashboard.web.inbound import found_inbound
from apps.inbound import selectors as inbound
from apps.inbound import services
from apps.inbound.models import InboundShipment
from apps.inbound.pasting import PastedLine, read_pasted
from apps.inbound.requests import InboundDraft, LineDraft
from apps.inbound.states import InboundStatus
from apps.inventory.models import Node
from apps.merchants import permissions
from apps.merchants.models import Merchant
from apps.merchants.web.requests import MemberRequest

MAX_TEXT = 60_000


class InboundForm(forms.Form):
    """The content of a delivery."""

    node = forms.ChoiceField(label=gettext_lazy("Warehouse"))
    expected_on = forms.DateField(
        label=gettext_lazy("Expected day at the warehouse"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    lines = forms.CharField(
        label=gettext_lazy("Goods"),
        max_length=MAX_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy(
            "One row each, as copied from a sheet: SKU, units, cartons, lot, day it ends"
            " (2027-06-01). Only SKU and units are needed."
        ),
    )
    reference = forms.CharField(
        label=gettext_lazy("Your reference"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Empty: we give it one."),
    )
    carrier = forms.CharField(label=gettext_lazy("Carrier"), required=False, max_length=60)
    tracking_ref = forms.CharField(
        label=gettext_lazy("Tracking or container number"), required=False, max_length=60
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the warehouse"), required=False, max_length=300
    )

    def __init__(self, *args: Any, nodes: list[Node], merchant: Merchant, **kwargs: Any) -> None:
        """Offer the warehouses."""
        super().__init__(*args, **kwargs)
        self.nodes, self.merchant = nodes, merchant
        self.fields["node"].choices = [(node.public_id, node.name) for node in nodes]  # type: ignore[attr-defined]
        self.pasted: list[tuple[PastedLine, Variant | None]] = []

    def clean_lines(self) -> tuple[LineDraft, ...]:
        """Return the goods; each row that is not understood is named with its number."""
        rows = read_pasted(self.cleaned_data["lines"])
        names = {row.sku for row in rows}
        known = Variant.objects.filter(merchant=self.merchant, sku__in=names)
        by_sku = {variant.sku: variant for variant in known.select_related("product")}
        self.pasted = [(row, by_sku.get(row.sku)) for row in rows]
        problems = [words for row, variant in self.pasted if (words := _problem(row, variant))]
        if not rows:
            problems = [_("Paste at least one row.")]
        if problems:
            raise forms.ValidationError(problems[:20])
        return tuple(
            LineDraft(variant, row.quantity, row.lot_code, row.expires_on, row.cartons)
            for row, variant in self.pasted
            if variant is not None
        )

    def draft(self) -> InboundDraft:
        """Return what was filled in."""
        facts = self.cleaned_data
        node = next(node for node in self.nodes if node.public_id == facts["node"])
        names = ("expected_on", "lines", "reference", "carrier", "tracking_ref", "note")
        return InboundDraft(node=node, **{name: facts[name] for name in names})


def _problem(row: PastedLine, variant: Variant | None) -> str:
    words = {
        "quantity": _("Row %(row)s: the number of units is missing or wrong."),
        "cartons": _("Row %(row)s: the number of cartons is wrong."),
        "day": _("Row %(row)s: write the day as 2027-06-01."),
        "lot": _("Row %(row)s: a lot needs a code and the day it ends."),
        "columns": _("Row %(row)s: there are more than five columns."),
    }
    if row.problem:
        return words[row.problem] % {"row": row.number}
    if variant is None:
        return _("Row %(row)s: there is no SKU “%(sku)s”.") % {
            "row": row.number,
            "sku": row.sku[:40],
        }
    return ""


@member_page(*BOTH, permission=permissions.INBOUND_MANAGE)
def new(request: MemberRequest) -> HttpResponse:
    """Fill in a delivery, look at what was understood, then keep it as a draft or announce it."""
    return _fill(request, None)


@member_page(*BOTH, permission=permissions.INBOUND_MANAGE)
def edit(request: MemberRequest, inbound_id: str) -> HttpResponse:
    """Change a draft; 404 once it was announced."""
    shipment = found_inbound(request, inbound_id)
    if shipment.status != InboundStatus.DRAFT:
        raise Http404
    return _fill(request, shipment)


def _fill(request: MemberRequest, shipment: InboundShipment | None) -> HttpResponse:
    merchant = request.member.merchant
    nodes = inbound.list_warehouses(merchant)
    if request.method != "POST":
        form = InboundForm(initial=_initial(shipment), nodes=nodes, merchant=merchant)
        return _answer(request, shipment, form)
    form = InboundForm(request.POST, nodes=nodes, merchant=merchant)
    if not form.is_valid():
        return _answer(request, shipment, form, status=422)
    if request.POST.get("do") not in {"draft", "submit"}:
        return _answer(request, shipment, form, is_checked=True)
    try:
        saved = _save(request, shipment, form.draft())
    except DomainError as error:
        for name, sentence in error.fields.items():
            field = name.partition(".")[0]
            form.add_error(field if field in form.fields else None, sentence)
        return _answer(request, shipment, form, status=error.status)
    forget_facts(merchant)
    return redirect("dashboard:inbound", saved.public_id)


def _save(
    request: MemberRequest, shipment: InboundShipment | None, draft: InboundDraft
) -> InboundShipment:
    actor, now = user_actor(request.user), utc_now()
    if shipment is None:
        saved = services.create_inbound(request.member.merchant, draft, actor=actor, now=now)
    else:
        saved = services.replace_draft(shipment, draft, actor=actor, now=now)
    if request.POST.get("do") == "submit":
        saved = services.submit_inbound(saved, actor=actor, now=now)
        messages.success(request, _("The warehouse knows what comes."))
    else:
        messages.success(request, _("The draft is saved."))
    return saved


def _initial(shipment: InboundShipment | None) -> dict[str, str | date]:
    if shipment is None:
        return {}
    rows = [
        "\t".join(
            (
                line.variant.sku,
                str(line.expected),
                str(line.cartons or ""),
                line.lot_code,
                line.expires_on.isoformat() if line.expires_on else "",
            )
        ).rstrip("\t")
        for line in inbound.list_lines(shipment)
    ]
    return {
        "node": shipment.node.public_id,
        "expected_on": shipment.expected_on,
        "lines": "\n".join(rows),
        "reference": shipment.reference,
        "carrier": shipment.carrier,
        "tracking_ref": shipment.tracking_ref,
        "note": shipment.note,
    }


def _answer(
    request: MemberRequest,
    shipment: InboundShipment | None,
    form: InboundForm,
    *,
    is_checked: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "section": "inbound",
        "shipment": shipment,
        "form": form,
        "is_checked": is_checked,
        "pasted": form.pasted if is_checked else [],
        "total_units": sum(row.quantity for row, _variant in form.pasted),
        "total_cartons": sum(row.cartons for row, _variant in form.pasted),
        "has_warehouse": bool(form.nodes),
    }
    return render(request, "dashboard/inbound_new.html", context, status=status)
