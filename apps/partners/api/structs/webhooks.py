"""Webhook endpoints and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from apps.partners.api.structs.common import PageQuery, PublicId
from apps.partners.events import PUBLIC_EVENTS

Url = Annotated[
    str,
    Meta(max_length=500, pattern="^https?://", examples=["https://shop.example.com/hooks/portal"]),
]
Description = Annotated[str, Meta(max_length=120)]
Event = Literal[("*", *PUBLIC_EVENTS)]  # type: ignore[valid-type]
Events = Annotated[list[Event], Meta(min_length=1, max_length=50)]
DeliveryState = Literal["pending", "delivered", "failed"]


class NewEndpoint(msgspec.Struct, forbid_unknown_fields=True):
    """An address that gets events; `*` is every event."""

    url: Url
    events: Events
    description: Description = ""


class EndpointChanges(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; what is absent stays. `is_active` pauses and resumes."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class EndpointView(msgspec.Struct):
    """An address that gets events."""

    id: str
    url: str
    description: str
    events: list[str]
    is_active: bool
    pause_reason: str
    failing_since: datetime | None
    created_at: datetime


class EndpointList(msgspec.Struct):
    """All addresses."""

    items: list[EndpointView]


class SecretView(msgspec.Struct):
    """The secrets that sign now: during a rotation the new one and the one before."""

    secrets: list[str]


class DeliveryView(msgspec.Struct):
    """One message to one address, and the last answer to it."""

    id: str
    event: str
    message_id: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str
    response_body: str
    duration_ms: int | None
    delivered_at: datetime | None
    created_at: datetime


class DeliveryPage(msgspec.Struct):
    """One page of deliveries, the newest first."""

    items: list[DeliveryView]
    next_cursor: str | None


class DeliveryQuery(PageQuery, forbid_unknown_fields=True):
    """Which deliveries."""

    state: DeliveryState | None = None


class Replay(msgspec.Struct, forbid_unknown_fields=True):
    """What to send again: one delivery, or everything since a moment that was not taken."""

    delivery_id: PublicId | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None


class ReplayResult(msgspec.Struct):
    """How many messages are on their way again."""

    count: int
