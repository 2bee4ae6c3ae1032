"""Exception cases: what went wrong with parcels, and ending what was solved."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from apps.common.pagination import paginate
from apps.fulfillment import case_selectors as cases
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import ExceptionCase
from apps.partners.api.base import PartnerView
from apps.partners.api.operation import Answer, Call, Nothing, operation
from apps.partners.api.structs.common import money_view
from apps.partners.api.structs.exceptions import (
    EndCase,
    EvidenceView,
    ExceptionDetail,
    ExceptionPage,
    ExceptionQuery,
    ExceptionView,
)
from apps.partners.scopes import SHIPMENTS_READ, SHIPMENTS_WRITE


class ExceptionsView(PartnerView):
    """The exception cases of the company."""

    @operation(
        "exceptions.list", scope=SHIPMENTS_READ, query=ExceptionQuery, answers={200: ExceptionPage}
    )
    def get(self, call: Call[ExceptionQuery, Nothing]) -> Answer:
        """List cases, the next deadline first."""
        query = call.query
        found = cases.list_cases(call.merchant)
        if query.status:
            found = found.filter(status__in=query.status)
        if query.kind:
            found = found.filter(kind__in=query.kind)
        page = paginate(
            found, key="due_at", cursor=query.cursor, size=query.limit, descending=False
        )
        items = [_view(case) for case in page.rows]
        return Answer(ExceptionPage(items, page.next_cursor or None))


class OneExceptionView(PartnerView):
    """One exception case."""

    @operation("exceptions.get", scope=SHIPMENTS_READ, answers={200: ExceptionDetail})
    def get(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one case with its evidence."""
        return Answer(_detail(_one(call)))


class ResolveExceptionView(PartnerView):
    """The end of an exception case."""

    @operation(
        "exceptions.resolve", scope=SHIPMENTS_WRITE, body=EndCase, answers={200: ExceptionDetail}
    )
    def post(self, call: Call[Nothing, EndCase]) -> Answer:
        """End a case and say how; the same end again changes nothing.

        A carrier's later report of the same trouble opens a new case.
        """
        fulfillment.resolve_case(
            _one(call),
            resolution=call.body.resolution,
            note=call.body.note,
            actor=call.actor,
            now=call.now,
        )
        return Answer(_detail(_one(call)))


def _one(call: Call[Any, Any]) -> ExceptionCase:
    return cases.get_case(call.merchant, call.path["exception_id"])


def _view(case: ExceptionCase) -> ExceptionView:
    shipment = case.parcel.shipment
    return ExceptionView(
        id=case.public_id,
        kind=case.kind,
        status=case.status,
        owner=case.owner,
        shipment_id=shipment.public_id,
        parcel_id=case.parcel.public_id,
        tracking_number=case.parcel.tracking_number,
        order_id=shipment.order.public_id,
        order_number=shipment.order.number,
        at_risk=money_view(case.risk_minor, case.currency),
        since=case.since_at,
        opened_at=case.opened_at,
        due_at=case.due_at,
        claim_by=case.claim_by_at,
        claim_reference=case.claim_reference,
        resolution=case.resolution,
        ended_at=case.ended_at,
    )


def _detail(case: ExceptionCase) -> ExceptionDetail:
    return ExceptionDetail(
        **structs.asdict(_view(case)),
        rules=str(case.reasons.get("rules", "")),
        opened_by=case.origin,
        evidence=[
            EvidenceView(row.public_id, row.kind, row.text, row.grams, row.added_at)
            for row in cases.list_evidence(case)
        ],
    )
