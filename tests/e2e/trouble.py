"""A parcel in trouble, for the pages about it. Imported once Django is ready."""

from __future__ import annotations

from django.core.files.base import ContentFile

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.links import make_token
from apps.fulfillment.models import Shipment
from apps.fulfillment.services.watching import watch_parcels
from apps.journal.actors import system_actor
from tests.factories.catalog import draw_picture


def make_trouble(shipment: Shipment) -> dict[str, str]:
    """Open a case about a parcel on its way, keep a picture with it, and sign the buyer's link."""
    actor, now = system_actor("tests"), utc_now()
    watch_parcels(actor=actor, now=now)
    parcel = shipment.parcels.earliest("pk")
    case = fulfillment.open_case(parcel, kind="damaged", note="Wet box", actor=actor, now=now)
    picture = ContentFile(draw_picture())
    fulfillment.add_paper(case, picture, picture.size, actor=actor, now=now)
    return {
        "case": case.public_id,
        "evidence": case.evidence.get(kind="paper").public_id,
        "track": make_token(shipment),
    }
