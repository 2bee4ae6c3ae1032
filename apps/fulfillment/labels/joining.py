"""Putting the labels of carriers between the portal's own, in the order they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from apps.carriers.services import read_labels
from apps.common.errors import DomainError
from apps.fulfillment.labels.drawing import draw_labels
from apps.fulfillment.labels.facts import LabelFacts
from apps.fulfillment.models import Parcel


def join_labels(parcels: Sequence[Parcel], facts: Sequence[LabelFacts]) -> bytes:
    """Return one PDF: a drawn page for parcels on the portal's lines, the carrier's for the others.

    A carrier's document with a page per parcel gives each its own; any other is put in whole, once,
    at the first parcel of its shipment. One statement. Raises ``fulfillment.label_pending`` (409)
    when the carrier's label is not here yet or cannot be read.
    """
    bookings = {parcel.shipment.booking for parcel in parcels if parcel.shipment.booking}
    documents = read_labels(parcels[0].merchant_id, sorted(bookings))
    drawn = [
        fact for fact, parcel in zip(facts, parcels, strict=True) if not parcel.shipment.booking
    ]
    own = iter(PdfReader(BytesIO(draw_labels(drawn))).pages) if drawn else iter(())
    pages: dict[str, list[PageObject]] = {}
    writer = PdfWriter()
    whole: set[str] = set()
    for parcel in parcels:
        booking = parcel.shipment.booking
        if not booking:
            writer.add_page(next(own))
            continue
        if booking not in pages:
            pages[booking] = _pages(parcel, documents.get(booking, b""))
        found = pages[booking]
        if len(found) == len(parcel.shipment.parcels.all()):
            writer.add_page(found[parcel.position - 1])
        elif booking not in whole:
            whole.add(booking)
            for page in found:
                writer.add_page(page)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _pages(parcel: Parcel, document: bytes) -> list[PageObject]:
    try:
        pages = list(PdfReader(BytesIO(document)).pages) if document else []
    except (PyPdfError, ValueError, KeyError, TypeError):
        pages = []
    if not pages:
        number = parcel.shipment.order.number
        message = _("Order %(number)s waits for its carrier's label.") % {"number": number}
        raise DomainError("fulfillment.label_pending", message)
    return pages
