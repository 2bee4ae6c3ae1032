"""Life of a shipment to a warehouse, and what may be done with it in each state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _


class InboundStatus(models.TextChoices):
    """Where an announced shipment stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Announced")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    APPOINTED = "appointed", _("Appointment booked")
    IN_TRANSIT = "in_transit", _("On the way")
    ARRIVED = "arrived", _("At the gate")
    RECEIVING = "receiving", _("Being received")
    PAUSED = "paused", _("Receiving paused")
    RECEIVED = "received", _("Received")
    INSPECTING = "inspecting", _("Being inspected")
    PUTAWAY = "putaway", _("Being put away")
    RECONCILING = "reconciling", _("Differences to settle")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


_S = InboundStatus
TRANSITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
        _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.CANCELLED}),
        _S.ACCEPTED: frozenset({_S.APPOINTED, _S.CANCELLED, _S.EXPIRED}),
        _S.REJECTED: frozenset(),
        _S.APPOINTED: frozenset({_S.IN_TRANSIT, _S.EXPIRED}),
        _S.IN_TRANSIT: frozenset({_S.ARRIVED}),
        _S.ARRIVED: frozenset({_S.RECEIVING}),
        _S.RECEIVING: frozenset({_S.PAUSED, _S.RECEIVED}),
        _S.PAUSED: frozenset({_S.RECEIVING}),
        _S.RECEIVED: frozenset({_S.INSPECTING, _S.RECONCILING}),
        _S.INSPECTING: frozenset({_S.PUTAWAY}),
        _S.PUTAWAY: frozenset({_S.CLOSED}),
        _S.RECONCILING: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)
FINAL = frozenset({_S.REJECTED, _S.CLOSED, _S.CANCELLED, _S.EXPIRED})
# Its units stand as coming at the warehouse.
ANNOUNCED = (_S.SUBMITTED, _S.ACCEPTED, _S.APPOINTED, _S.IN_TRANSIT)
# Quantities may still be amended.
AMENDABLE = frozenset(ANNOUNCED)
# Units may be counted in; the first one begins the receiving.
COUNTABLE = frozenset({_S.ARRIVED, _S.RECEIVING})
# Units that were counted wait for the shelf.
SHELVABLE = frozenset({_S.INSPECTING, _S.PUTAWAY, _S.RECONCILING})
# Where only staff may end it: its goods are on the way or in the house.
FORCEABLE = frozenset(
    {_S.IN_TRANSIT, _S.ARRIVED, _S.RECEIVING, _S.PAUSED, _S.RECEIVED}
    | {_S.INSPECTING, _S.PUTAWAY, _S.RECONCILING}
)


def may_follow(current: str, following: str) -> bool:
    """Say whether ``following`` is allowed right after ``current``."""
    return following in TRANSITIONS[current]


class Condition(models.TextChoices):
    """How a unit looked when it was counted in."""

    GOOD = "good", _("Good")
    DAMAGED = "damaged", _("Damaged")
    REJECTED = "rejected", _("Not taken: quarantine")


class DiscrepancyKind(models.TextChoices):
    """How a line differs from what was announced."""

    OVER = "over", _("More than announced")
    SHORT = "short", _("Fewer than announced")
    DAMAGED = "damaged", _("Damaged")
    REJECTED = "rejected", _("Quarantined")


class DiscrepancyStatus(models.TextChoices):
    """Who has said what about a difference."""

    OPEN = "open", _("Needs an answer")
    NOTED = "noted", _("Within tolerance")
    ACCEPTED = "accepted", _("Agreed")
    DISPUTED = "disputed", _("Disputed")


ANSWERS = frozenset({DiscrepancyStatus.ACCEPTED, DiscrepancyStatus.DISPUTED})
