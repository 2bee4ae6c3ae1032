"""Names of the events orders emit. Payloads hold facts and ids, never personal data."""

from __future__ import annotations

ORDER_PLACED = "order.placed"
ORDER_CONFIRMED = "order.confirmed"
ORDER_ALLOCATED = "order.allocated"
ORDER_SHIPPED = "order.shipped"
ORDER_DELIVERED = "order.delivered"
ORDER_COMPLETED = "order.completed"
ORDER_CANCELLED = "order.cancelled"
HOLD_PLACED = "order.hold_placed"
HOLD_RELEASED = "order.hold_released"
BUYER_REVEALED = "order.buyer_revealed"
BUYER_CORRECTED = "order.buyer_corrected"
NOTE_ADDED = "order.note_added"
VIEW_SAVED = "orders.view_saved"
VIEW_DELETED = "orders.view_deleted"
DECLARATION_REFRESHED = "order.declaration_refreshed"
