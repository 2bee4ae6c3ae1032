"""The frame around every page: navigation with counts, running jobs, what is unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.dashboard.selectors.order_counts import forget_counts
from apps.dashboard.selectors.todos import Fact, collect_facts, hottest
from apps.jobs import selectors as jobs
from apps.jobs.models import Job
from apps.merchants import permissions
from apps.merchants import selectors as merchants
from apps.merchants.models import Member, Merchant

CACHE_SECONDS = 10
RUNNING_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the navigation: who sees it, and the key that opens it after ``g``."""

    key: str
    route: str
    icon: str
    label: str | Promise
    permission: str = ""
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    label: str | Promise
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        "",
        (
            Entry("home", "dashboard:home", "house", _("Home"), "", "h"),
            Entry(
                "orders", "dashboard:orders", "package", _("Orders"), permissions.ORDERS_VIEW, "o"
            ),
        ),
    ),
    Group(
        _("Catalog"),
        (
            Entry(
                "products",
                "dashboard:products",
                "tag",
                _("Products"),
                permissions.PRODUCTS_VIEW,
                "p",
            ),
            Entry("stock", "dashboard:stock", "boxes", _("Stock"), permissions.STOCK_VIEW, "i"),
            Entry(
                "markets",
                "dashboard:markets",
                "globe",
                _("Markets"),
                permissions.PRODUCTS_VIEW,
                "m",
            ),
            Entry(
                "promotions",
                "dashboard:promos",
                "percent",
                _("Promotions"),
                permissions.PROMOTIONS_VIEW,
                "r",
            ),
        ),
    ),
    Group(
        _("Fulfilment"),
        (
            Entry(
                "shipping",
                "dashboard:shipments",
                "truck",
                _("Shipping"),
                permissions.SHIPMENTS_VIEW,
                "s",
            ),
            Entry(
                "inbound",
                "dashboard:inbound_list",
                "warehouse",
                _("Deliveries in"),
                permissions.INBOUND_VIEW,
                "d",
            ),
        ),
    ),
    Group(
        _("Business"),
        (
            Entry(
                "finance", "finance:overview", "wallet", _("Finance"), permissions.MONEY_VIEW, "f"
            ),
            Entry("jobs", "jobs:list", "clipboard-check", _("Jobs"), permissions.JOBS_VIEW, "j"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry as the page shows it."""

    key: str
    url: str
    icon: str
    label: str | Promise
    shortcut: str
    count: int = 0
    hot: bool = False


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A group as the page shows it."""

    label: str | Promise
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job as its row shows it."""

    public_id: str
    title: str
    url: str
    done: int
    total: int
    failed: int
    status: str


def find_url(route: str, *args: str) -> str:
    """Return a route's address, or nothing when its page is not installed."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def recent_facts(merchant: Merchant, *, now: datetime) -> list[Fact]:
    """Return what needs the merchant, at most ten seconds old."""
    name = f"dashboard.facts.{merchant.pk}"
    known: list[Fact] | None = cache.get(name)
    if known is None:
        known = collect_facts(merchant, now=now)
        cache.set(name, known, CACHE_SECONDS)
    return known


def forget_facts(merchant: Merchant) -> None:
    """Drop the kept facts and counts, so that the page after a change shows its effect."""
    cache.delete(f"dashboard.facts.{merchant.pk}")
    forget_counts(merchant)
    cache.delete(f"dashboard.at_risk.{merchant.pk}")


def nav_counts(facts: Sequence[Fact], *, now: datetime) -> dict[str, tuple[int, bool]]:
    """Return per entry how much needs somebody, and whether a deadline is inside 24 hours."""
    counts: dict[str, tuple[int, bool]] = {}
    for key, kinds in (
        ("orders", {"late", "ship", "next", "hold"}),
        ("products", {"rejected"}),
        ("jobs", {"job"}),
    ):
        own = [fact for fact in facts if fact.kind in kinds]
        counts[key] = (sum(fact.count for fact in own), hottest(own, now=now))
    return counts


def list_navigation(member: Member, counts: dict[str, tuple[int, bool]]) -> list[NavGroup]:
    """Return the pages the person may see, in the order of a working day."""
    groups = []
    for group in GROUPS:
        items = tuple(
            NavItem(
                entry.key,
                url,
                entry.icon,
                entry.label,
                entry.shortcut,
                *counts.get(entry.key, (0, False)),
            )
            for entry in group.entries
            if (not entry.permission or permissions.has_permission(member, entry.permission))
            and (url := find_url(entry.route))
        )
        if items:
            groups.append(NavGroup(group.label, items))
    return groups


@dataclass(frozen=True, slots=True)
class Company:
    """A company the person may switch to."""

    public_id: str
    name: str
    switch_url: str
    is_current: bool


def list_companies(member: Member) -> list[Company]:
    """Return the companies the person works for, at most ten seconds old."""
    name = f"dashboard.companies.{member.user_id}"
    known: list[tuple[str, str]] | None = cache.get(name)
    if known is None:
        own = merchants.list_memberships(member.user)
        known = [(other.merchant.public_id, other.merchant.name) for other in own]
        cache.set(name, known, CACHE_SECONDS)
    current = member.merchant.public_id
    return [
        Company(public_id, label, switch_url(public_id), public_id == current)
        for public_id, label in known
    ]


def switch_url(public_id: str) -> str:
    """Return the address that switches to a company."""
    return find_url("merchants:switch", public_id) or find_url("merchants:switch")


def list_running(merchant: Merchant) -> list[RunningJob]:
    """Return the jobs that wait or run, the newest first."""
    return [show_job(job) for job in jobs.list_running(merchant, limit=RUNNING_SHOWN)]


def show_job(job: Job) -> RunningJob:
    """Return a job as its row shows it."""
    return RunningJob(
        job.public_id,
        job.title,
        find_url("jobs:job", job.public_id),
        job.done_count,
        job.total_count,
        job.failed_count,
        job.status,
    )
