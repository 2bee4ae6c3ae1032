"""Life of a shipment and of a parcel: what we command, and what the world tells us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShipmentStatus(models.TextChoices):
    """Where a shipment stands.

    ``QUOTED``, ``BOOKED``, ``TENDERED`` and ``VOIDED`` are commanded and follow ``TRANSITIONS``. From
    ``TENDERED`` on the status is what the carrier's events add up to (``rules.shipment_status``):
    no table can forbid what already happened in the world.
    """

    QUOTED = "quoted", _("Waiting for the carrier")
    BOOKED = "booked", _("Label ready")
    TENDERED = "tendered", _("Handed over")
    IN_TRANSIT = "in_transit", _("In transit")
    DELIVERED = "delivered", _("Delivered")
    RETURNING = "returning", _("Coming back")
    RETURNED = "returned", _("Returned")
    DISPOSED = "disposed", _("Disposed")
    LOST = "lost", _("Lost")
    VOIDED = "voided", _("Label void")


class ParcelStatus(models.TextChoices):
    """Where one parcel stands, in our words; the carrier's own state is ``tracking_status``."""

    LABELLED = "labelled", _("Label ready")
    TENDERED = "tendered", _("With the carrier")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    LOST = "lost", _("Lost")
    DESTROYED = "destroyed", _("Destroyed")
    VOID = "void", _("Void")


TRANSITIONS: dict[str, frozenset[str]] = {
    ShipmentStatus.QUOTED: frozenset({ShipmentStatus.BOOKED, ShipmentStatus.VOIDED}),
    ShipmentStatus.BOOKED: frozenset({ShipmentStatus.TENDERED, ShipmentStatus.VOIDED}),
}


class TrackingStatus(models.TextChoices):
    """The portal's own vocabulary of carrier events; every carrier's codes map onto it."""

    UNKNOWN = "unknown", _("Not understood")
    LABEL_CREATED = "label_created", _("Label created")
    PICKED_UP = "picked_up", _("Picked up")
    AT_ORIGIN_HUB = "at_origin_hub", _("At the first hub")
    DEPARTED_ORIGIN_HUB = "departed_origin_hub", _("Left the first hub")
    EXPORT_CUSTOMS = "export_customs", _("At export customs")
    EXPORT_CLEARED = "export_cleared", _("Export cleared")
    EXPORT_FAILED = "export_failed", _("Export refused")
    HANDED_TO_LINEHAUL = "handed_to_linehaul", _("Handed to the line-haul")
    LINEHAUL_DEPARTED = "linehaul_departed", _("Line-haul departed")
    LINEHAUL_ARRIVED = "linehaul_arrived", _("Arrived in the destination country")
    IMPORT_CUSTOMS = "import_customs", _("At import customs")
    CUSTOMS_INFO_REQUIRED = "customs_info_required", _("Customs needs information")
    CUSTOMS_TAX_DUE = "customs_tax_due", _("Tax due")
    IMPORT_CLEARED = "import_cleared", _("Import cleared")
    IMPORT_FAILED = "import_failed", _("Import refused")
    HANDED_TO_LAST_MILE = "handed_to_last_mile", _("With the local carrier")
    IN_TRANSIT = "in_transit", _("In transit")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    READY_FOR_PICKUP = "ready_for_pickup", _("Waiting for pick-up")
    DELIVERY_ATTEMPT_FAILED = "delivery_attempt_failed", _("Delivery failed")
    DELIVERED = "delivered", _("Delivered")
    ON_HOLD = "on_hold", _("On hold at the carrier")
    DELAYED = "delayed", _("Delayed")
    DAMAGED = "damaged", _("Damaged")
    LOST = "lost", _("Lost")
    RETURNING = "returning", _("Coming back")
    RETURNED = "returned", _("Returned")
    DESTROYED = "destroyed", _("Destroyed")
    CANCELLED = "cancelled", _("Cancelled at the carrier")
    EXPIRED = "expired", _("No news for a long time")


class TrackingReason(models.TextChoices):
    """Why a carrier reported what it did, where its code says more than the status does."""

    REFUSED = "refused", _("The recipient refused the parcel")
    ADDRESS = "address", _("The address is wrong")
    OFFLOADED = "offloaded", _("Left behind before departure")


class CaseKind(models.TextChoices):
    """What went wrong with a parcel."""

    LOST = "lost", _("Lost")
    DAMAGED = "damaged", _("Damaged")
    WEIGHT = "weight", _("Weight dispute")
    DOCUMENTS = "documents", _("Customs documents")
    TAX = "tax", _("Tax due")
    REFUSED = "refused", _("Refused")
    RETURN = "return", _("Return to sender")
    ADDRESS = "address", _("Address")
    OFFLOADED = "offloaded", _("Left behind")
    SILENCE = "silence", _("Silence")


class CaseOwner(models.TextChoices):
    """Who must act next."""

    MERCHANT = "merchant", _("You")
    PLATFORM = "platform", _("The platform")
    CARRIER = "carrier", _("The carrier")
    BUYER = "buyer", _("The buyer")


class CaseStatus(models.TextChoices):
    """Where a case stands: ``waiting`` is open too, but the next step is somebody else's."""

    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


OPEN_CASES = (CaseStatus.OPEN, CaseStatus.WAITING)


class CaseResolution(models.TextChoices):
    """How a case ended."""

    MOVED_ON = "moved_on", _("The carrier reported that it goes on")
    MISREAD = "misread", _("The carrier’s code meant something else")
    ANSWERED = "answered", _("What was missing was sent")
    PAID = "paid", _("The amount was paid")
    AGREED = "agreed", _("The parties agreed")
    REPLACED = "replaced", _("A new parcel was sent")
    COMPENSATED = "compensated", _("The carrier paid")
    REFUSED_CLAIM = "refused_claim", _("The carrier refused to pay")
    WRITTEN_OFF = "written_off", _("Given up")


# Ends that somebody chooses; the first two are the carrier's news alone.
CHOSEN_ENDS = tuple(
    item for item in CaseResolution if item not in {CaseResolution.MOVED_ON, CaseResolution.MISREAD}
)
# What ends a case without having solved it.
UNSOLVED_ENDS = frozenset({CaseResolution.REFUSED_CLAIM, CaseResolution.WRITTEN_OFF})
