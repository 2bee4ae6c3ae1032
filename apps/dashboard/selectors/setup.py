"""The first steps of a new company: what is done, and where the next one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allauth.account.models import EmailAddress
from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.catalog.models import Listing, Product
from apps.catalog.states import ListingStatus
from apps.dashboard.selectors.shell import find_url
from apps.inventory.buckets import has_units
from apps.inventory.models import StockBalance
from apps.merchants.models import Member, Merchant
from apps.orders.models import Order

_PARTS: tuple[Literal["verified", "product", "listed", "stocked"], ...] = (
    "verified",
    "product",
    "listed",
    "stocked",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``minutes`` is about how long it takes."""

    icon: str
    title: str
    detail: str
    is_done: bool
    minutes: int
    url: str
    button: str


def has_orders(merchant: Merchant) -> bool:
    """Say whether the company ever had an order."""
    return bool(Order.objects.filter(merchant=merchant).exists())


def list_steps(member: Member) -> list[Step]:
    """Return the first steps, or nothing when the company has its first order (one statement)."""
    merchant = member.merchant
    done = (
        Merchant.objects.filter(pk=merchant.pk)
        .annotate(
            verified=Exists(EmailAddress.objects.filter(user=member.user, verified=True)),
            product=Exists(Product.objects.filter(merchant=merchant)),
            listed=Exists(Listing.objects.filter(Q(status=ListingStatus.LIVE), merchant=merchant)),
            stocked=Exists(StockBalance.objects.filter(has_units(), merchant=merchant)),
            ordered=Exists(Order.objects.filter(merchant=merchant)),
        )
        .values("verified", "product", "listed", "stocked", "ordered")
        .get()
    )
    return [] if done["ordered"] else _steps({name: bool(done[name]) for name in _PARTS})


def _steps(done: dict[str, bool]) -> list[Step]:
    products = reverse("dashboard:products")
    return [
        Step(
            "mail",
            _("Verify your e-mail address"),
            _("So that deadlines and security messages reach you."),
            done["verified"],
            1,
            find_url("account_email"),
            _("Verify"),
        ),
        Step(
            "tag",
            _("Create your first product"),
            _("Title, SKU, weight, cost and customs data, on one page."),
            done["product"],
            5,
            reverse("dashboard:product_new"),
            _("Start"),
        ),
        Step(
            "globe",
            _("List it in a market"),
            _("One price per market; you see at once what is missing."),
            done["listed"],
            2,
            products,
            _("Set a price"),
        ),
        Step(
            "boxes",
            _("Add stock"),
            _("Buyers can only order what is on a shelf."),
            done["stocked"],
            1,
            products,
            _("Add stock"),
        ),
        Step(
            "package",
            _("Receive the first order"),
            _("From the shopping app, by API. It appears here with its ship-by time."),
            is_done=False,
            minutes=0,
            url=find_url("partners:keys"),
            button=_("Connect the app"),
        ),
    ]
