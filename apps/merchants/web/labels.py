"""Words of permissions, roles and journal events on the settings pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.merchants import permissions as p
from apps.merchants.models import Role

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the portal: what seeing it and changing it needs (empty: nothing to have)."""

    label: Text
    see: str = ""
    manage: str = ""


AREAS: tuple[Area, ...] = (
    Area(_("Orders"), p.ORDERS_VIEW, p.ORDERS_MANAGE),
    Area(_("Shipments and labels"), p.SHIPMENTS_VIEW, p.SHIPMENTS_MANAGE),
    Area(_("Products and prices"), p.PRODUCTS_VIEW, p.PRODUCTS_MANAGE),
    Area(_("Stock"), p.PRODUCTS_VIEW, p.STOCK_MANAGE),
    Area(_("Money"), p.MONEY_VIEW),
    Area(_("Names and addresses of buyers"), p.BUYER_DATA_REVEAL),
    Area(_("Long jobs and their files"), p.JOBS_VIEW),
    Area(_("Company and store"), "", p.SETTINGS_MANAGE),
    Area(_("Members and roles"), "", p.MEMBERS_MANAGE),
    Area(_("API keys and webhooks"), "", p.API_MANAGE),
    Area(_("Activity log"), p.LOG_VIEW),
)
ROLE_NOTES: dict[str, Text] = {
    Role.OWNER: _("Everything, and only owners decide who is in the company."),
    Role.MANAGER: _("Everything except members and roles."),
    Role.OPERATIONS: _("Orders, shipping, products and stock with buyer addresses. No money."),
    Role.WAREHOUSE: _("Packs and ships, counts stock. Sees no prices, money or buyer data."),
    Role.SERVICE: _("Answers buyers: orders with addresses. No money, no stock changes."),
    Role.FINANCE: _("Sees money and orders. Changes nothing."),
    Role.READ_ONLY: _("Looks at orders, products and shipments. Changes nothing."),
}
EVENT_LABELS: dict[str, Text] = {
    "merchant.created": _("Company made"),
    "merchant.settings_changed": _("Company settings changed"),
    "merchant.suspended": _("Company suspended"),
    "merchant.reactivated": _("Company may trade again"),
    "store.renamed": _("Store renamed"),
    "member.invited": _("Person invited"),
    "member.joined": _("Person joined"),
    "member.role_changed": _("Role changed"),
    "member.deactivated": _("Member switched off"),
    "member.reactivated": _("Member switched on"),
    "invitation.revoked": _("Invitation withdrawn"),
    "node.opened": _("Place for stock opened"),
    "stock.received": _("Stock received"),
    "stock.counted": _("Stock counted"),
    "stock.heated": _("Stock ready for many buyers at once"),
    "stock.cooled": _("Stock sold at the usual pace again"),
    "product.created": _("Product created"),
    "product.changed": _("Product changed"),
    "product.hs_confirmed": _("HS code confirmed"),
    "product.photo_changed": _("Product photo changed"),
    "product.category_chosen": _("Category chosen"),
    "product.attributes_changed": _("Attributes changed"),
    "product.facts_changed": _("Safety facts changed"),
    "product.document_added": _("Paper added"),
    "product.document_withdrawn": _("Paper withdrawn"),
    "product.text_changed": _("Text in a language changed"),
    "product.market_text_changed": _("Text of a market changed"),
    "product.market_text_decided": _("Text of a market decided"),
    "party.added": _("Responsible company added"),
    "party.changed": _("Responsible company changed"),
    "variant.added": _("Variant added"),
    "variant.changed": _("Variant changed"),
    "variant.withdrawn": _("Variant withdrawn"),
    "variant.reactivated": _("Variant offered again"),
    "listing.priced": _("Price set"),
    "listing.changed": _("Listing changed"),
    "order.placed": _("Order received"),
    "order.confirmed": _("Order checked and confirmed"),
    "order.allocated": _("Label bought"),
    "order.shipped": _("Order handed over"),
    "order.delivered": _("Order delivered"),
    "order.completed": _("Order completed"),
    "order.cancelled": _("Order cancelled"),
    "order.hold_placed": _("Order put on hold"),
    "order.hold_released": _("Hold released"),
    "order.buyer_revealed": _("Buyer data looked at"),
    "order.buyer_corrected": _("Buyer address corrected"),
    "order.note_added": _("Note added"),
    "order.declaration_refreshed": _("Customs data taken over"),
    "order.recheck_requested": _("Product changed, order checked again"),
    "orders.view_saved": _("View saved"),
    "orders.view_deleted": _("View deleted"),
    "buyer.erased": _("Buyer data erased"),
    "shipment.created": _("Shipment planned"),
    "shipment.tendered": _("Shipment handed over"),
    "shipment.delivered": _("Shipment delivered"),
    "shipment.voided": _("Label void"),
    "shipment.label_printed": _("Label printed"),
    "tracking.recorded": _("News from the carrier"),
    "finance.payable_released": _("Money set free"),
    "api_key.created": _("API key made"),
    "api_key.rotated": _("API key replaced"),
    "api_key.revoked": _("API key revoked"),
    "api_app.created": _("OAuth app registered"),
    "api_app.changed": _("OAuth app changed"),
    "api_app.revoked": _("OAuth app revoked"),
    "webhook.created": _("Webhook added"),
    "webhook.changed": _("Webhook changed"),
    "webhook.removed": _("Webhook removed"),
    "webhook.paused": _("Webhook paused"),
    "webhook.replayed": _("Webhook messages sent again"),
    "job.started": _("Job started"),
    "job.finished": _("Job done"),
    "job.failed": _("Job stopped by an error"),
    "job.cancel_requested": _("Job cancelled by a person"),
    "job.cancelled": _("Job cancelled"),
    "job.run_again": _("Job run again"),
}
EVENT_GROUPS: tuple[tuple[str, Text], ...] = (
    ("merchant", _("Company")),
    ("member", _("Members")),
    ("product", _("Products")),
    ("variant", _("Variants")),
    ("listing", _("Listings")),
    ("stock", _("Stock")),
    ("order", _("Orders")),
    ("shipment", _("Shipments")),
    ("tracking", _("Tracking")),
    ("api_key", _("API keys")),
    ("api_app", _("OAuth apps")),
    ("webhook", _("Webhooks")),
    ("job", _("Jobs")),
)
FIELD_LABELS: dict[str, Text] = {
    "name": _("Business name"),
    "country": _("Country"),
    "base_currency": _("Currency"),
    "time_zone": _("Time zone"),
    "default_model": _("Fulfilment model"),
    "role": _("Role"),
    "is_active": _("Active"),
    "number": _("Order number"),
    "reason": _("Reason"),
    "sku": _("SKU"),
    "title": _("Title"),
    "quantity": _("Quantity"),
    "units": _("Units"),
    "kind": _("Kind"),
    "model": _("Fulfilment model"),
    "status": _("Status"),
    "price_minor": _("Price"),
    "done": _("Done"),
    "failed": _("Failed"),
    "total": _("Total"),
    "market": _("Market"),
    "change": _("Difference"),
    "node": _("Place"),
    "reference": _("Reference"),
    "person": _("Person"),
    "channel": _("Channel"),
    "external_ref": _("Reference of the app"),
    "balances": _("Balances"),
    "total_minor": _("Total"),
    "postage_minor": _("Postage"),
    "rows": _("Rows"),
    "currency": _("Currency"),
    "order": _("Order"),
    "orders": _("Orders"),
    "service": _("Service"),
    "carrier": _("Carrier"),
    "from": _("From"),
    "ship_to": _("To"),
    "weight_g": _("Weight"),
    "tariff": _("Tariff"),
    "parcels": _("Parcels"),
    "tendered_at": _("Handed over"),
    "delivered_at": _("Delivered"),
    "tracking_number": _("Tracking number"),
    "tracking_status": _("Status"),
    "events": _("Events"),
    "unmapped": _("Not understood"),
    "refused": _("Refused"),
    "hold": _("Hold"),
    "is_shared": _("Everybody in the company sees it"),
    "prefix": _("Begins with"),
    "url": _("Address"),
    "delivery": _("Delivery"),
    "amount_minor": _("Amount"),
    "cost_minor": _("Cost"),
    "option": _("Option"),
    "gtin": _("GTIN"),
    "hs_code": _("HS code"),
    "origin_country": _("Country of origin"),
    "customs_name": _("Customs description"),
    "description": _("Description"),
    "brand": _("Brand"),
    "category": _("Category"),
    "length_mm": _("Length in mm"),
    "width_mm": _("Width in mm"),
    "height_mm": _("Height in mm"),
    "product": _("Product"),
    "labels": _("Labels"),
    "printed_together": _("Printed together"),
    "hs_before": _("HS code before"),
    "hs_version": _("Rules and tariff data"),
}


def event_label(event: str) -> str:
    """Return the words of an event; an unknown one reads as its own name."""
    return str(EVENT_LABELS.get(event) or event.replace(".", ": ").replace("_", " "))


def field_label(name: str) -> str:
    """Return the words of a payload's field."""
    return str(FIELD_LABELS.get(name) or name.replace("_", " "))
