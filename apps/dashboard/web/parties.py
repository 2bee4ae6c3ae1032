"""The companies that answer for products: manufacturers, responsible persons, importers."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.catalog import services
from apps.catalog.fact_selectors import get_party, list_parties
from apps.catalog.models import Party
from apps.catalog.services import PartyDraft
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.dashboard.web.fact_forms import PartyFactsForm, PartyForm, tell
from apps.dashboard.words import country_name
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest

_FIELDS = ("name", "address", "country", "email", "website")


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A company of the list with its form."""

    party: Party
    country: str
    form: PartyFactsForm

    @property
    def is_open(self) -> bool:
        """Say whether what was typed was not accepted."""
        return self.form.is_bound


@member_page(*READ, permission=permissions.PRODUCTS_VIEW)
def parties(request: MemberRequest) -> HttpResponse:
    """List the companies."""
    return _show(request)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def add(request: MemberRequest) -> HttpResponse:
    """Add a company."""
    form = PartyForm(request.POST)
    if form.is_valid():
        try:
            services.add_party(
                PartyDraft(**form.cleaned_data),
                merchant=request.member.merchant,
                actor=user_actor(request.user),
                now=utc_now(),
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Company added. Choose it on the pages of its products."))
            return redirect("dashboard:parties")
    return _show(request, add_form=form, status=422)


@member_page(*WRITE, permission=permissions.PRODUCTS_MANAGE)
def save(request: MemberRequest, party_id: str) -> HttpResponse:
    """Change a company for all its products, or take it out of the choice and back."""
    party = find_or_404(get_party, request.member.merchant, party_id)
    wanted = request.POST.get("is_active", "")
    actor, now = user_actor(request.user), utc_now()
    if wanted in {"0", "1"}:
        services.update_party(party, {"is_active": wanted == "1"}, actor=actor, now=now)
        messages.success(request, _("Saved."))
        return redirect("dashboard:parties")
    form = PartyFactsForm(request.POST, auto_id=f"{party.public_id}-%s")
    if form.is_valid():
        try:
            services.update_party(party, form.cleaned_data, actor=actor, now=now)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved for all its products."))
            return redirect("dashboard:parties")
    return _show(request, typed={party.public_id: form}, status=422)


def _show(
    request: MemberRequest,
    *,
    add_form: PartyForm | None = None,
    typed: dict[str, PartyFactsForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    given = typed or {}
    wrong = add_form or next(iter(given.values()), None)
    context = {
        "section": "products",
        "rows": [
            PartyRow(party, country_name(party.country), given.get(party.public_id) or _form(party))
            for party in list_parties(request.member.merchant)
        ],
        "add_form": add_form or PartyForm(),
        "wrong": wrong or PartyForm(),
        "can_manage": may(request, permissions.PRODUCTS_MANAGE),
    }
    return render(request, "dashboard/parties.html", context, status=status)


def _form(party: Party) -> PartyFactsForm:
    return PartyFactsForm(
        initial={name: getattr(party, name) for name in _FIELDS}, auto_id=f"{party.public_id}-%s"
    )
