"""Reads of exception cases, their evidence, and how well promised arrivals were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from apps.fulfillment.models import CaseEvidence, ExceptionCase, Parcel
from apps.fulfillment.states import OPEN_CASES, CaseOwner
from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Kept:
    """How many parcels were promised and delivered, and how many of them by their first P90."""

    delivered: int
    in_time: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, or nothing without parcels; nine of ten is what is promised."""
        return round(100 * self.in_time / self.delivered) if self.delivered else None


@dataclass(frozen=True, slots=True)
class Totals:
    """What is open: cases, those the merchant must act on, and the money at risk in base currency."""

    open_count: int
    own_count: int
    late_count: int
    risk_base_minor: int


def list_cases(merchant: Merchant) -> QuerySet[ExceptionCase]:
    """Return the merchant's cases with parcel, shipment and order, in no particular order."""
    cases: QuerySet[ExceptionCase] = ExceptionCase.objects.filter(merchant=merchant)
    return cases.select_related("parcel__shipment__order").defer(
        "parcel__shipment__order__buyer_sealed", "parcel__shipment__order__buyer_key"
    )


def get_case(merchant: Merchant, public_id: str) -> ExceptionCase:
    """Return one case of the merchant; raises ``ExceptionCase.DoesNotExist``."""
    return list_cases(merchant).get(public_id=public_id)


def list_evidence(case: ExceptionCase) -> QuerySet[CaseEvidence]:
    """Return what people added to a case, the oldest first."""
    rows: QuerySet[CaseEvidence] = CaseEvidence.objects.filter(case=case)
    return rows.order_by("id")


def get_paper(merchant: Merchant, case_id: str, evidence_id: str) -> CaseEvidence:
    """Return a paper of a merchant's case; raises ``CaseEvidence.DoesNotExist``."""
    papers = CaseEvidence.objects.filter(merchant=merchant, kind=CaseEvidence.Kind.PAPER)
    found: CaseEvidence = papers.get(public_id=evidence_id, case__public_id=case_id)
    return found


def count_open(merchant: Merchant, *, now: datetime) -> Totals:
    """Return the figures of what is open; one statement."""
    mine = Q(owner=CaseOwner.MERCHANT)
    found = ExceptionCase.objects.filter(merchant=merchant, status__in=OPEN_CASES).aggregate(
        every=Count("id"),
        own=Count("id", filter=mine),
        late=Count("id", filter=Q(due_at__lte=now)),
        risk=Sum("risk_base_minor"),
    )
    return Totals(found["every"], found["own"], found["late"], found["risk"] or 0)


def measure_promises(merchant: Merchant, *, since: datetime) -> Kept:
    """Return how many parcels delivered since a moment came by the end of their first range."""
    promised = Parcel.objects.filter(
        merchant=merchant, delivered_at__gte=since, promised_p90_at__isnull=False
    )
    found = promised.aggregate(
        every=Count("id"), kept=Count("id", filter=Q(delivered_at__lte=F("promised_p90_at")))
    )
    return Kept(found["every"], found["kept"])
