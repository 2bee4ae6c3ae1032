"""What doors hand to fulfilment, and what they get back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.common.errors import DomainError
from apps.journal.services import Json


@dataclass(frozen=True, slots=True)
class TrackingInput:
    """One carrier event as it came.

    ``source`` names the table of codes (``17track_v2``, ``cainiao_action_code``, …); a source
    without a table uses the portal's own statuses as codes. ``event_id`` is the source's id of the
    event, if it has one: a repeat of it is the same event.
    """

    tracking_number: str
    code: str
    occurred_at: datetime
    location: str = ""
    description: str = ""
    source: str = "api"
    event_id: str = ""
    raw: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrackingOutcome:
    """What became of one event: recorded, a repeat, or the error that kept it out."""

    tracking_number: str
    status: str = ""
    is_new: bool = False
    error: DomainError | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What became of one order of a hand-over; ``is_new`` is false if it had left before."""

    order_id: str
    number: str = ""
    is_new: bool = False
    error: DomainError | None = field(default=None, compare=False)
