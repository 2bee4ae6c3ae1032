"""What the addresses of exception cases are opened for."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django_scopes import scope

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CaseEvidence, ExceptionCase, Parcel
from tests.dashboard.conftest import ACTOR, World
from tests.factories.catalog import draw_picture


def make_case(world: World, kind: str = "damaged") -> ExceptionCase:
    """Return an open case about the world's shipment, which has left."""
    now = utc_now()
    with scope(merchant=world.merchant):
        fulfillment.hand_over(world.shipment, actor=ACTOR, now=now)
        parcel = Parcel.objects.select_related("shipment").get(shipment=world.shipment)
        return fulfillment.open_case(parcel, kind=kind, note="Wet box", actor=ACTOR, now=now)


def case_part(world: World) -> list[str]:
    """Return the id of an open case."""
    return [make_case(world).public_id]


def paper_part(world: World) -> list[str]:
    """Return the ids of an open case and of a picture kept with it."""
    case = make_case(world)
    picture = ContentFile(draw_picture())
    with scope(merchant=world.merchant):
        fulfillment.add_paper(case, picture, picture.size, actor=ACTOR, now=utc_now())
        paper = CaseEvidence.objects.get(case=case, kind="paper")
    return [case.public_id, paper.public_id]


def opening(world: World) -> dict[str, object]:
    """Return the body that opens a case about the world's parcel."""
    make_case(world, "lost")
    with scope(merchant=world.merchant):
        parcel = Parcel.objects.get(shipment=world.shipment)
    return {"parcel": parcel.public_id, "kind": "damaged", "note": "Wet box"}
