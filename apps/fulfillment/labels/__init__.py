"""Labels of parcels: one page of exactly 100 × 150 mm each, drawn when they are printed."""

from __future__ import annotations

from collections.abc import Iterable

from apps.fulfillment.labels.drawing import draw_labels
from apps.fulfillment.labels.facts import collect_facts
from apps.fulfillment.labels.joining import join_labels
from apps.fulfillment.models import Parcel

# What one person prints and sorts at once; every door has the same limit.
MAX_LABELS = 600


def render_labels(parcels: Iterable[Parcel]) -> bytes:
    """Return one PDF with a page per parcel, in the given order.

    The same parcels give the same bytes. Seven statements for any number of parcels, one more when
    some have a carrier's label: that one's own pages are in their place. Raises
    ``fulfillment.label_void`` (409) for a voided parcel, ``fulfillment.label_pending`` (409) while a
    carrier has not answered, ``fulfillment.buyer_erased`` (410) when the buyer's address no longer
    exists, and ``fulfillment.no_labels`` (422) for none or more than ``MAX_LABELS`` parcels.
    """
    chosen = list(parcels)
    facts = collect_facts(chosen, limit=MAX_LABELS)
    if not any(parcel.shipment.booking for parcel in chosen):
        return draw_labels(facts)
    return join_labels(chosen, facts)
