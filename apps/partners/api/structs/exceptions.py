"""What went wrong with parcels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from apps.partners.api.structs.common import MoneyView, PageQuery

CaseKindName = Literal[
    "lost",
    "damaged",
    "weight",
    "documents",
    "tax",
    "refused",
    "return",
    "address",
    "offloaded",
    "silence",
]
CaseStatusName = Literal["open", "waiting", "resolved", "closed"]
CaseEnd = Literal[
    "answered", "paid", "agreed", "replaced", "compensated", "refused_claim", "written_off"
]


class ExceptionView(msgspec.Struct):
    """One thing that went wrong with a parcel: who must act, until when, and what it may cost."""

    id: str
    kind: str
    status: str
    owner: str
    shipment_id: str
    parcel_id: str
    tracking_number: str
    order_id: str
    order_number: str
    at_risk: MoneyView
    since: datetime
    opened_at: datetime
    due_at: datetime
    claim_by: datetime | None
    claim_reference: str
    resolution: str
    ended_at: datetime | None


class EvidenceView(msgspec.Struct):
    """What people added: a note, a weight in grams, or a file that is on the page of the case."""

    id: str
    kind: str
    text: str
    grams: int | None
    added_at: datetime


class ExceptionDetail(ExceptionView):
    """A case with what opened and ended it, and its evidence, the oldest first."""

    rules: str
    opened_by: str
    evidence: list[EvidenceView]


class ExceptionPage(msgspec.Struct):
    """One page of cases, the next deadline first."""

    items: list[ExceptionView]
    next_cursor: str | None


class ExceptionQuery(PageQuery, forbid_unknown_fields=True):
    """Which cases."""

    status: tuple[CaseStatusName, ...] = ()
    kind: tuple[CaseKindName, ...] = ()


class EndCase(msgspec.Struct, forbid_unknown_fields=True):
    """How a case ended."""

    resolution: CaseEnd
    note: Annotated[str, Meta(max_length=300)] = ""
