"""What happens when the place kept for a shipment runs out."""

from __future__ import annotations

from datetime import datetime

from apps.inbound import services
from apps.inbound.models import InboundShipment
from apps.inbound.services.lifecycle import EXPIRE
from apps.jobs.deadlines import deadline_handler
from apps.jobs.models import Deadline
from apps.journal.actors import system_actor


@deadline_handler(EXPIRE)
def expire_unseen(deadline: Deadline, now: datetime) -> str:
    """End a shipment that did not come within 30 days of its day or appointment."""
    rows = InboundShipment.objects.select_related("merchant", "node")
    shipment = rows.get(public_id=deadline.subject_id)
    return services.expire_inbound(shipment, actor=system_actor("deadlines"), now=now)
