"""Labels of orders and shipments as one PDF file."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.actors import user_actor
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.fulfillment import selectors as fulfillment
from apps.fulfillment import services as fulfillment_services
from apps.fulfillment.labels import MAX_LABELS, render_labels
from apps.fulfillment.models import Parcel
from apps.merchants.web.requests import MemberRequest
from apps.orders.models import Order


def labels_answer(request: MemberRequest, chosen: QuerySet[Order]) -> HttpResponse:
    """Return the labels of orders, one page per parcel; refuses none (422) and more than 600."""
    ids = list(chosen.order_by().values_list("public_id", flat=True)[: MAX_LABELS + 1])
    merchant = request.member.merchant
    parcels = list(fulfillment.list_parcels_to_print(merchant, ids)[: MAX_LABELS + 1])
    return pdf_answer(request, parcels)


def pdf_answer(request: MemberRequest, parcels: Sequence[Parcel]) -> HttpResponse:
    """Return the labels of parcels as one file to show and print; the journal keeps who did.

    A HEAD asks about the file and prints nothing.
    """
    if not parcels:
        raise DomainError(
            "orders.no_labels", _("None of these orders has a label yet."), status=422
        )
    if len(parcels) > MAX_LABELS:
        raise DomainError(
            "orders.too_many_labels",
            _("Print at most %(limit)s labels at once.") % {"limit": MAX_LABELS},
            status=422,
        )
    content = render_labels(parcels) if request.method == "HEAD" else _print(request, parcels)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="labels.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _print(request: MemberRequest, parcels: Sequence[Parcel]) -> bytes:
    return fulfillment_services.print_labels(
        parcels,
        merchant=request.member.merchant,
        actor=user_actor(request.user),
        now=utc_now(),
    )
