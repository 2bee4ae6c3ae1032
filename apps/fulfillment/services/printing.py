"""Printing labels, with a fact of who printed which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.fulfillment import events
from apps.fulfillment.labels import render_labels
from apps.fulfillment.models import Parcel, Shipment
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.models import Merchant


def print_labels(
    parcels: Sequence[Parcel], *, merchant: Merchant, actor: Actor, now: datetime
) -> bytes:
    """Return the labels as one PDF and record one fact per shipment (two statements more).

    Each fact has the number of the shipment's labels and of the whole print. A print that fails
    records nothing; for the errors see ``labels.render_labels``.
    """
    content = render_labels(parcels)
    counts = Counter(parcel.shipment_id for parcel in parcels)
    found = Shipment.objects.filter(merchant=merchant, pk__in=counts).order_by("pk")
    facts = [
        journal.Fact(
            events.LABEL_PRINTED,
            "shipment",
            public_id,
            {"labels": counts[pk], "printed_together": len(parcels)},
        )
        for pk, public_id in found.values_list("pk", "public_id")
    ]
    with transaction.atomic():
        journal.record_many(facts, tenant_id=merchant.pk, actor=actor, now=now)
    return content
