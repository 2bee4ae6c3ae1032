"""Events of the partners app, and the events of all apps that webhooks may carry."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEY_CREATED = "api_key.created"
KEY_ROTATED = "api_key.rotated"
KEY_REVOKED = "api_key.revoked"
APP_CREATED = "api_app.created"
APP_CHANGED = "api_app.changed"
APP_REVOKED = "api_app.revoked"
WEBHOOK_CREATED = "webhook.created"
WEBHOOK_CHANGED = "webhook.changed"
WEBHOOK_REMOVED = "webhook.removed"
WEBHOOK_PAUSED = "webhook.paused"
WEBHOOK_REPLAYED = "webhook.replayed"

STOCK_CHANGED = "stock.changed"

EVERY_EVENT = "*"
TEST = "webhook.test"

# What leaves the portal is listed, never guessed: members, keys and revealed buyers stay inside.
PUBLIC_EVENTS: dict[str, str | Promise] = {
    "order.placed": _("An order came in"),
    "order.confirmed": _("An order passed its checks"),
    "order.hold_placed": _("An order was put on hold"),
    "order.hold_released": _("A hold was released"),
    "order.allocated": _("An order is ready to ship"),
    "order.shipped": _("An order was handed over"),
    "order.delivered": _("An order was delivered"),
    "order.completed": _("An order's return window ended"),
    "order.cancelled": _("An order was cancelled"),
    "order.changed": _("The content of an order changed"),
    "order.part_shipped": _("A part of an order was handed over"),
    "order.cancel_requested": _("Somebody asked to cancel an order"),
    "order.cancel_answered": _("A request to cancel was answered"),
    "order.cancel_warned": _("An order will be cancelled soon"),
    "product.created": _("A product was created"),
    "product.changed": _("A product was changed"),
    "product.category_chosen": _("A product got a category"),
    "product.attributes_changed": _("Attributes of a product changed"),
    "product.facts_changed": _("Safety facts of a product changed"),
    "product.document_added": _("A product got a paper"),
    "product.document_withdrawn": _("A paper of a product was withdrawn"),
    "product.text_changed": _("A text of a product changed"),
    "product.market_text_changed": _("A market’s own text changed"),
    "product.market_text_decided": _("A market’s own text was kept or dropped"),
    "variant.added": _("A variant was added"),
    "variant.changed": _("A variant was changed"),
    "variant.withdrawn": _("A variant was withdrawn"),
    "variant.reactivated": _("A variant is offered again"),
    "listing.changed": _("A listing changed"),
    "listing.priced": _("A listing got a price"),
    "import.checked": _("A sheet was checked"),
    "import.refused": _("A sheet could not be read"),
    "import.applied": _("An import was applied"),
    "import.undone": _("An import was undone"),
    "stock.received": _("Stock came in"),
    "stock.counted": _("Stock was corrected"),
    "stock.adjusted": _("Stock was moved by hand"),
    "stock.transferred": _("Stock was sent to another place"),
    STOCK_CHANGED: _("Stock changed, whatever moved it"),
    "inbound.created": _("A delivery to a warehouse was drafted"),
    "inbound.submitted": _("A delivery was announced"),
    "inbound.accepted": _("A warehouse accepted a delivery"),
    "inbound.rejected": _("A warehouse rejected a delivery"),
    "inbound.appointed": _("A delivery got an appointment"),
    "inbound.departed": _("A delivery left"),
    "inbound.arrived": _("A delivery is at the gate"),
    "inbound.counted": _("Units of a delivery were counted in"),
    "inbound.received": _("A delivery was received"),
    "inbound.reconciling": _("A delivery differs from what was announced"),
    "inbound.put_away": _("Units of a delivery were put away"),
    "inbound.closed": _("A delivery was closed"),
    "inbound.force_closed": _("A delivery was closed by staff"),
    "inbound.cancelled": _("A delivery was cancelled"),
    "inbound.expired": _("A delivery did not come in time"),
    "inbound.amended": _("An announced quantity changed"),
    "inbound.answered": _("A difference was answered"),
    "reservation.made": _("A cart reserved stock"),
    "reservation.converted": _("A cart’s reservation became an order"),
    "reservation.expired": _("A cart’s reservation ended by its time"),
    "reservation.released": _("A cart released its reservation"),
    "stock.heated": _("Stock was made ready for many buyers at once"),
    "stock.cooled": _("Stock is sold at the usual pace again"),
    "shipment.created": _("A shipment was made, with its label"),
    "shipment.tendered": _("A shipment was handed over"),
    "shipment.delivered": _("A shipment was delivered"),
    "shipment.voided": _("A shipment was voided"),
    "shipment.label_bought": _("A carrier of your own gave a label"),
    "tracking.recorded": _("A carrier reported something"),
    "exception.opened": _("Something went wrong with a parcel"),
    "exception.changed": _("Somebody worked on a parcel’s trouble"),
    "exception.resolved": _("A parcel’s trouble ended"),
}
