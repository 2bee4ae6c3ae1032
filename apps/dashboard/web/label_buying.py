"""Buying the label of a shipment with a carrier of the company's own, and going back from it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.carriers import selectors as carriers
from apps.carriers import services as carrier_services
from apps.carriers.contract import Rate
from apps.carriers.models import CarrierAccount
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.money import Money
from apps.common.web.access import READ, WRITE, find_or_404, member_page
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services as fulfillment_services
from apps.fulfillment.models import Shipment
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest


@member_page(*READ, permission=permissions.SHIPMENTS_MANAGE)
def buy(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Show the prices of a carrier for a shipment."""
    merchant = request.member.merchant
    found = find_or_404(fulfillment.get_shipment, merchant, shipment_id)
    accounts = list(carriers.list_accounts(merchant).filter(paused_at=None))
    ident = request.GET.get("account", "") or (accounts[0].public_id if accounts else "")
    chosen = next((item for item in accounts if item.public_id == ident), None)
    context: dict[str, object] = {
        "section": "shipping",
        "shipment": found,
        "accounts": accounts,
        "chosen": chosen,
        **(_prices(found, chosen) if chosen is not None else {}),
    }
    return render(request, "dashboard/label_buy.html", context)


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def book(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Buy the label of a shipment with the carrier and service chosen."""
    merchant = request.member.merchant
    found = find_or_404(fulfillment.get_shipment, merchant, shipment_id)
    account = find_or_404(carriers.get_account, merchant, request.POST.get("account", ""))
    made = fulfillment_services.buy_label(
        found,
        account,
        request.POST.get("service", "")[:40],
        actor=user_actor(request.user),
        now=utc_now(),
    )
    messages.success(request, _("The carrier is asked. The label appears here when it answers."))
    return redirect("dashboard:shipment", made.public_id)


@member_page(*WRITE, permission=permissions.SHIPMENTS_MANAGE)
def own_line(request: MemberRequest, shipment_id: str) -> HttpResponse:
    """Give up a booking and make a label of the portal's line."""
    found = find_or_404(fulfillment.get_shipment, request.member.merchant, shipment_id)
    made = fulfillment_services.use_own_line(found, actor=user_actor(request.user), now=utc_now())
    messages.success(request, _("The shipment goes with the portal's line now."))
    return redirect("dashboard:shipment", made.public_id)


def _prices(shipment: Shipment, account: CarrierAccount) -> dict[str, object]:
    """Return the rows of an account's prices, or what the carrier said instead."""
    names = {item["code"]: item["name"] for item in account.services}
    try:
        rates = carrier_services.ask_rates(
            account, fulfillment_services.quote_request(shipment, "")
        )
    except DomainError as error:
        return {"trouble": error.message}
    return {"rates": [_row(rate, names) for rate in rates if rate.service in names]}


def _row(rate: Rate, names: dict[str, str]) -> dict[str, object]:
    return {
        "code": rate.service,
        "name": names[rate.service],
        "price": Money.from_minor(rate.amount_minor, rate.currency),
        "days": (rate.days_min, rate.days_max) if rate.days_max else None,
    }
