"""Pages of the company: its facts, its store, making one, switching between several."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.common.clock import utc_now
from apps.common.web.access import (
    BOTH,
    WRITE,
    find_or_404,
    member_page,
    permissions_of,
    person_page,
    require,
    safe_next,
)
from apps.merchants import selectors, services
from apps.merchants.middleware import SESSION_KEY
from apps.merchants.models import Merchant, Store
from apps.merchants.permissions import SETTINGS_MANAGE
from apps.merchants.web.forms import CompanyForm, NewCompanyForm, StoreForm
from apps.merchants.web.requests import MemberRequest, PersonRequest


@member_page(*BOTH)
def settings_page(request: MemberRequest) -> HttpResponse:
    """Show the company and its store; change the company's facts."""
    own = selectors.get_merchant(request.member.merchant.public_id)
    store = find_or_404(selectors.get_store, own)
    form = CompanyForm(request.POST or None, instance=own)
    if request.method == "POST":
        require(request, SETTINGS_MANAGE)
        if form.is_valid():
            services.update_merchant(own, changes=form.changes(), by=request.member, now=utc_now())
            messages.success(request, _("The company is saved."))
            return redirect("merchants:settings")
    return _company_page(request, form, StoreForm(initial={"store_name": store.name}), store)


@member_page(*WRITE, permission=SETTINGS_MANAGE)
def rename_store(request: MemberRequest) -> HttpResponse:
    """Change the name buyers see."""
    own = selectors.get_merchant(request.member.merchant.public_id)
    store = find_or_404(selectors.get_store, own)
    form = StoreForm(request.POST)
    if not form.is_valid():
        return _company_page(request, CompanyForm(instance=own), form, store)
    name = form.cleaned_data["store_name"].strip()
    services.rename_store(store, name=name, by=request.member, now=utc_now())
    messages.success(request, _("The store is renamed."))
    return redirect("merchants:settings")


def _company_page(
    request: MemberRequest, form: CompanyForm, store_form: StoreForm, store: Store
) -> HttpResponse:
    may_change = SETTINGS_MANAGE in permissions_of(request)
    if not may_change:
        for field in [*form.fields.values(), *store_form.fields.values()]:
            field.disabled = True
    facts = {
        "form": form,
        "store_form": store_form,
        "store": store,
        "may_change": may_change,
        "tab": "company",
        "section": "settings",
    }
    status = 422 if form.errors or store_form.errors else 200
    return render(request, "merchants/settings.html", facts, status=status)


@person_page(*BOTH)
def create(request: PersonRequest) -> HttpResponse:
    """Make a company with its first store and work for it from now on."""
    start = {"country": "CN", "base_currency": "CNY", "time_zone": request.user.time_zone}
    form = NewCompanyForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        merchant = services.create_merchant(
            request.user,
            name=facts["name"],
            store_name=facts["store_name"].strip(),
            country=facts["country"],
            base_currency=facts["base_currency"],
            time_zone=facts["time_zone"],
            default_model=facts["default_model"],
            now=utc_now(),
        )
        _work_for(request, merchant)
        messages.success(request, _("%(name)s is ready.") % {"name": merchant.name})
        return redirect("/")
    status = 422 if form.errors else 200
    return render(request, "merchants/create.html", {"form": form}, status=status)


@person_page(*WRITE)
def switch(request: PersonRequest) -> HttpResponse:
    """Work for another company the person is a member of; any other is a 404."""
    wanted = request.POST.get("merchant", "")
    member = find_or_404(selectors.get_membership, request.user, wanted)
    _work_for(request, member.merchant)
    return redirect(safe_next(request, "/"))


def _work_for(request: PersonRequest | MemberRequest, merchant: Merchant) -> None:
    request.session[SESSION_KEY] = merchant.public_id
