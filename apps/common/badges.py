"""The words, tone and mark of every status: tone says urgency, mark says progress."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Badge:
    """How one status looks.

    ``tone`` is ``""`` (quiet), ``info``, ``good``, ``soon`` or ``bad``; ``step`` is ``ring`` (not
    started), ``half`` (under way), ``full`` (complete), ``hold``, ``alert`` or ``none`` (closed).
    """

    label: str | Promise
    tone: str = ""
    step: str = "none"


_REGISTRY: dict[str, dict[str, Badge]] = {}


def register(kind: str, badges: dict[str, Badge]) -> None:
    """Add or replace the badges of one kind of object (an app calls this when it starts)."""
    _REGISTRY.setdefault(kind, {}).update(badges)


def badge_for(kind: str, status: str) -> Badge:
    """Return the badge; a status nobody named reads as its own words, quiet."""
    known = _REGISTRY.get(kind, {}).get(status)
    return known or Badge(status.replace("_", " ").capitalize())


def registered() -> dict[str, dict[str, Badge]]:
    """Return every kind with its badges, for the gallery."""
    return _REGISTRY


register(
    "order",
    {
        "awaiting_payment": Badge(_("Awaiting payment"), "", "ring"),
        "pending": Badge(_("Being checked"), "info", "ring"),
        "on_hold": Badge(_("On hold"), "soon", "hold"),
        "confirmed": Badge(_("To ship"), "info", "ring"),
        "allocated": Badge(_("Label bought"), "info", "half"),
        "handed_over": Badge(_("Handed over"), "info", "half"),
        "shipped": Badge(_("In transit"), "info", "full"),
        "delivered": Badge(_("Delivered"), "good", "full"),
        "completed": Badge(_("Completed"), "", "none"),
        "cancelled": Badge(_("Cancelled"), "", "none"),
        "problem": Badge(_("Delivery problem"), "bad", "alert"),
        "return_requested": Badge(_("Return requested"), "soon", "alert"),
    },
)
register(
    "payment",
    {
        "paid": Badge(_("Paid"), "good", "full"),
        "part_refunded": Badge(_("Part refunded"), "", "half"),
        "refunded": Badge(_("Refunded"), "", "none"),
        "disputed": Badge(_("Disputed"), "bad", "alert"),
    },
)
register(
    "listing",
    {
        "draft": Badge(_("Draft"), "", "ring"),
        "checking": Badge(_("Waiting for review"), "info", "half"),
        "live": Badge(_("Live"), "good", "full"),
        "changing": Badge(_("Live, changes waiting"), "info", "half"),
        "suppressed": Badge(_("Limited"), "soon", "alert"),
        "rejected": Badge(_("Rejected"), "bad", "alert"),
        "paused": Badge(_("Paused"), "", "hold"),
        "removed": Badge(_("Removed"), "", "none"),
    },
)
register(
    "product",
    {
        "draft": Badge(_("Draft"), "", "ring"),
        "active": Badge(_("Selling"), "good", "full"),
        "archived": Badge(_("Archived"), "", "none"),
    },
)
register("variant", {"withdrawn": Badge(_("Withdrawn"), "", "none")})
register(
    "paper",
    {
        "current": Badge(_("In use"), "good", "full"),
        "ending": Badge(_("Ends soon"), "soon", "alert"),
        "expired": Badge(_("Expired"), "bad", "alert"),
        "withdrawn": Badge(_("No longer valid"), "", "none"),
    },
)
register(
    "text",
    {
        "inherited": Badge(_("Follows the source"), "", "ring"),
        "overridden": Badge(_("Own text"), "info", "full"),
        "conflict": Badge(_("Source changed"), "soon", "alert"),
    },
)
register(
    "edit",
    {
        "follows": Badge(_("Changes"), "info", "full"),
        "stays": Badge(_("Own text stays"), "", "none"),
        "conflict": Badge(_("Own text stays, you decide"), "soon", "alert"),
        "gain": Badge(_("Complete"), "good", "full"),
        "lose": Badge(_("Incomplete"), "bad", "alert"),
    },
)
register("party", {"inactive": Badge(_("Not in use"), "", "none")})
register(
    "market_check",
    {
        "ready": Badge(_("Ready"), "good", "full"),
        "missing": Badge(_("Something missing"), "bad", "alert"),
        "off": Badge(_("Not selected"), "", "none"),
        "can": Badge(_("Can be sold"), "good", "full"),
        "can_when": Badge(_("Can, when fixed"), "soon", "alert"),
        "cannot": Badge(_("Cannot be sold"), "bad", "none"),
    },
)
register(
    "promotion",
    {
        "draft": Badge(_("Draft"), "", "ring"),
        "scheduled": Badge(_("Planned"), "", "ring"),
        "active": Badge(_("Running"), "good", "full"),
        "ends_today": Badge(_("Ends today"), "soon", "full"),
        "paused": Badge(_("Paused"), "", "hold"),
        "ended": Badge(_("Ended"), "", "none"),
    },
)
register(
    "shipment",
    {
        "draft": Badge(_("Draft"), "", "ring"),
        "quoted": Badge(_("Quoted"), "info", "ring"),
        "booked": Badge(_("Label bought"), "info", "half"),
        "manifested": Badge(_("On the manifest"), "info", "half"),
        "tendered": Badge(_("Handed over"), "info", "half"),
        "in_transit": Badge(_("In transit"), "info", "full"),
        "exception": Badge(_("Delivery problem"), "bad", "alert"),
        "delivered": Badge(_("Delivered"), "good", "full"),
        "closed": Badge(_("Closed"), "", "none"),
        "cancelled": Badge(_("Cancelled"), "", "none"),
        "voided": Badge(_("Label void"), "", "none"),
        "returning": Badge(_("Coming back"), "soon", "alert"),
        "returned": Badge(_("Returned"), "", "none"),
        "disposed": Badge(_("Disposed"), "", "none"),
        "lost": Badge(_("Lost"), "bad", "alert"),
    },
)
register(
    "exception",
    {
        "open": Badge(_("Open"), "bad", "alert"),
        "waiting": Badge(_("Waiting"), "soon", "half"),
        "resolved": Badge(_("Resolved"), "good", "full"),
        "closed": Badge(_("Closed"), "", "none"),
    },
)
register(
    "hold",
    {
        "open": Badge(_("Holding"), "soon", "hold"),
        "released": Badge(_("Released"), "good", "full"),
    },
)
register(
    "check",
    {
        "pending": Badge(_("Waiting"), "", "ring"),
        "running": Badge(_("Being checked"), "info", "half"),
        "passed": Badge(_("Passed"), "good", "full"),
        "failed": Badge(_("Failed"), "bad", "alert"),
        "review": Badge(_("Needs a look"), "soon", "alert"),
    },
)
register(
    "payout",
    {
        "scheduled": Badge(_("Scheduled"), "info", "half"),
        "sent": Badge(_("Sent"), "info", "full"),
        "paid": Badge(_("Arrived"), "good", "full"),
        "failed": Badge(_("Returned by bank"), "bad", "alert"),
    },
)
register(
    "money",
    {
        "not_delivered": Badge(_("Not delivered yet"), "info", "half"),
        "in_window": Badge(_("In return window"), "info", "full"),
        "return_open": Badge(_("Return open"), "soon", "alert"),
        "reserve": Badge(_("Reserve"), "soon", "hold"),
        "free": Badge(_("Free"), "good", "full"),
        "estimate": Badge(_("Estimate"), "", "none"),
    },
)
register(
    "document",
    {
        "missing": Badge(_("Missing"), "bad", "alert"),
        "checking": Badge(_("Being checked"), "info", "half"),
        "valid": Badge(_("Valid"), "good", "full"),
        "expiring": Badge(_("Expires soon"), "soon", "alert"),
    },
)
register(
    "job",
    {
        "queued": Badge(_("Waiting"), "", "ring"),
        "running": Badge(_("Running"), "info", "half"),
        "done": Badge(_("Done"), "good", "full"),
        "partial": Badge(_("Done, some need a look"), "soon", "alert"),
        "failed": Badge(_("Stopped"), "bad", "alert"),
        "cancelled": Badge(_("Cancelled"), "", "none"),
    },
)
register(
    "member",
    {
        "invited": Badge(_("Invited"), "info", "half"),
        "active": Badge(_("Active"), "good", "full"),
        "disabled": Badge(_("Switched off"), "", "none"),
    },
)
register(
    "key",
    {
        "active": Badge(_("Active"), "good", "full"),
        "expiring": Badge(_("Expires soon"), "soon", "alert"),
        "revoked": Badge(_("Revoked"), "", "none"),
    },
)
register(
    "delivery",
    {
        "pending": Badge(_("Waiting"), "", "ring"),
        "delivered": Badge(_("Delivered"), "good", "full"),
        "retrying": Badge(_("Trying again"), "soon", "half"),
        "failed": Badge(_("Failed"), "bad", "alert"),
    },
)
