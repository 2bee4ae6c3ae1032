"""Names of the facts the network records; all of them belong to the platform."""

from __future__ import annotations

NETWORK_LOADED = "logistics.network_loaded"
ROW_PROPOSED = "logistics.row_proposed"
ROW_APPROVED = "logistics.row_approved"
ROW_REJECTED = "logistics.row_rejected"
ROW_SUPERSEDED = "logistics.row_superseded"
