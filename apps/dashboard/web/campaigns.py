"""Campaigns of the platform: which ask for entries, what they ask, and what was submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.formatting import parse_amount
from apps.common.money import Money
from apps.common.web.access import READ, WRITE, find_or_404, may, member_page
from apps.inventory.selectors import list_supplies
from apps.merchants import permissions
from apps.merchants.web.requests import MemberRequest
from apps.promotions import campaign_selectors as reads
from apps.promotions.campaign_selectors import Eligible
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.services import campaign_entries as entries
from apps.promotions.services.campaign_entries import NewEntry
from apps.promotions.services.drafts import in_utc
from apps.promotions.states import CampaignStatus, EntryStatus

_SECTION = "promotions"


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign of the list."""

    campaign: Campaign
    markets: list[str]
    entered: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Period:
    """When a campaign runs in a market."""

    market: str
    zone: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class EligibleRow:
    """A listing that could join, with what was typed for it."""

    row: Eligible
    price: str
    units: str
    is_on: bool
    available: int
    error: str = ""

    @property
    def now(self) -> Money:
        """The price today."""
        return self._money(self.row.listing.price_minor)

    @property
    def lowest(self) -> Money:
        """The lowest price of the 30 days before."""
        return self._money(self.row.lowest_minor)

    @property
    def highest(self) -> Money:
        """The dearest campaign price that meets the criteria."""
        return self._money(self.row.highest_minor)

    def _money(self, minor: int) -> Money:
        return Money.from_minor(minor, self.row.listing.currency)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of the company."""

    entry: CampaignEntry
    may_withdraw: bool

    @property
    def price(self) -> Money:
        """The campaign price."""
        return Money.from_minor(self.entry.price_minor, self.entry.currency)

    @property
    def listed(self) -> Money:
        """The price when it was submitted."""
        return Money.from_minor(self.entry.listed_minor, self.entry.currency)


@member_page(*READ, permission=permissions.PROMOTIONS_VIEW)
def campaigns(request: MemberRequest) -> HttpResponse:
    """List the platform's campaigns, the last to close first."""
    now = utc_now()
    found = list(reads.list_campaigns()[:100])
    counts = reads.count_entries(request.member.merchant, found)
    rows = [
        CampaignRow(
            campaign,
            sorted(market.code for market in campaign.markets.all()),
            counts.get(campaign.pk, 0),
            _is_open(campaign, now),
        )
        for campaign in found
    ]
    context = {"section": _SECTION, "rows": rows}
    return render(request, "dashboard/campaigns.html", context)


@member_page(*READ, permission=permissions.PROMOTIONS_VIEW)
def campaign(request: MemberRequest, campaign_id: str) -> HttpResponse:
    """Show what a campaign asks, which listings could join, and the company's entries."""
    return _show(request, find_or_404(reads.get_campaign, campaign_id))


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def submit(request: MemberRequest, campaign_id: str) -> HttpResponse:
    """Submit the chosen listings, all or none."""
    found = find_or_404(reads.get_campaign, campaign_id)
    chosen = list(dict.fromkeys(request.POST.getlist("listings")))[: entries.MAX_BATCH]
    if not chosen:
        messages.warning(request, _("Choose at least one product."))
        return redirect("dashboard:campaign", found.public_id)
    now = utc_now()
    rows = reads.list_eligible(request.member.merchant, found, now=now, listings=chosen)
    new, errors = _read(request.POST, chosen, rows)
    if not errors:
        try:
            made = entries.submit_entries(
                found,
                new,
                merchant=request.member.merchant,
                actor=user_actor(request.user),
                now=now,
            )
        except DomainError as error:
            errors = {
                listing: error.fields.get(f"entries.{number}", "")
                for number, listing in enumerate(chosen)
            }
            messages.warning(request, error.message)
        else:
            done = ngettext(
                "%(count)d product submitted. The platform reviews it.",
                "%(count)d products submitted. The platform reviews them.",
                len(made),
            )
            messages.success(request, done % {"count": len(made)})
            return redirect("dashboard:campaign", found.public_id)
    return _show(request, found, typed=request.POST, errors=errors, status=422)


@member_page(*WRITE, permission=permissions.PROMOTIONS_MANAGE)
def withdraw(request: MemberRequest, entry_id: str) -> HttpResponse:
    """Take an entry back."""
    entry = find_or_404(reads.get_entry, request.member.merchant, entry_id)
    try:
        entries.withdraw_entry(entry, actor=user_actor(request.user), now=utc_now())
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("%(sku)s is withdrawn.") % {"sku": entry.sku})
    return redirect("dashboard:campaign", entry.campaign.public_id)


def _read(
    data: QueryDict, chosen: list[str], rows: list[Eligible]
) -> tuple[list[NewEntry], dict[str, str]]:
    """Return the entries of the form, and what is wrong by listing; listings that are gone stay."""
    known = {row.listing.public_id: row.listing for row in rows}
    new, errors = [], {}
    for ident in chosen:
        listing = known.get(ident)
        units = data.get(f"units_{ident}", "").strip()
        price = 0
        if listing is not None:
            try:
                price = parse_amount(data.get(f"price_{ident}", "")[:40], listing.currency)
            except ValueError:
                errors[ident] = _("Write a price such as 39.00.")
        if not units.isascii() or not units.isdigit() or len(units) > 7:
            errors[ident] = _("Write how many units, as a whole number.")
        else:
            new.append(NewEntry(ident, price, int(units)))
    return new, errors


def _show(
    request: MemberRequest,
    found: Campaign,
    *,
    typed: QueryDict | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    merchant, now = request.member.merchant, utc_now()
    is_open = _is_open(found, now)
    eligible = reads.list_eligible(merchant, found, now=now) if is_open else []
    stock = _stock(merchant.pk, eligible)
    context = {
        "section": _SECTION,
        "campaign": found,
        "is_open": is_open,
        "periods": _periods(found),
        "eligible": [_eligible_row(row, found, stock, typed, errors or {}) for row in eligible],
        "entries": [
            EntryRow(entry, _may_withdraw(entry, found, now))
            for entry in reads.list_entries(merchant, found)[:200]
        ],
        "merchant_percent": 100 - found.platform_percent,
        "can_manage": may(request, permissions.PROMOTIONS_MANAGE),
        "has_errors": bool(errors),
    }
    return render(request, "dashboard/campaign.html", context, status=status)


def _eligible_row(
    row: Eligible,
    found: Campaign,
    stock: dict[int, int],
    typed: QueryDict | None,
    errors: dict[str, str],
) -> EligibleRow:
    ident, available = row.listing.public_id, stock.get(row.listing.variant_id, 0)
    price = f"{Money.from_minor(row.highest_minor, row.listing.currency).amount:f}"
    units = str(found.min_units)
    # Nothing is chosen before the merchant does: one press would lower every price.
    is_on = False
    if typed is not None:
        price = typed.get(f"price_{ident}", price)[:40]
        units = typed.get(f"units_{ident}", units)[:7]
        is_on = ident in typed.getlist("listings")
    return EligibleRow(row, price, units, is_on, available, errors.get(ident, ""))


def _stock(merchant_id: int, eligible: list[Eligible]) -> dict[int, int]:
    wanted = {row.listing.variant_id for row in eligible}
    stock: dict[int, int] = {}
    for supply in list_supplies(merchant_id, wanted):
        stock[supply.variant_id] = stock.get(supply.variant_id, 0) + supply.available
    return stock


def _periods(found: Campaign) -> list[Period]:
    return [
        Period(
            market.code,
            market.time_zone,
            in_utc(found.starts_local, market),
            in_utc(found.ends_local, market),
        )
        for market in sorted(found.markets.all(), key=lambda market: market.code)
    ]


def _is_open(found: Campaign, now: datetime) -> bool:
    return found.status == CampaignStatus.OPEN and found.entries_close_at > now


def _may_withdraw(entry: CampaignEntry, found: Campaign, now: datetime) -> bool:
    if entry.status not in {EntryStatus.SUBMITTED, EntryStatus.APPROVED}:
        return False
    return in_utc(found.starts_local, entry.market) > now
