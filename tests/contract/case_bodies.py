"""An exception case for the calls about it."""

from __future__ import annotations

from django_scopes import scope

from apps.common.clock import utc_now
from apps.fulfillment import services as fulfillment
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from tests.factories.fulfillment import make_parcel


def add_case(merchant: Merchant) -> dict[str, str]:
    """Open a case about a parcel that has left; return its id under the name of the address."""
    now, actor = utc_now(), system_actor("tests")
    parcel = make_parcel(merchant, now=now)
    with scope(merchant=merchant):
        fulfillment.hand_over(parcel.shipment, actor=actor, now=now)
        case = fulfillment.open_case(parcel, kind="lost", note="Gone", actor=actor, now=now)
    return {"exception_id": case.public_id}
