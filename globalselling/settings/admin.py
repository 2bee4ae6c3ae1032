"""How the Django admin looks and what its sidebar offers."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

_GROUPS: tuple[tuple[Any, tuple[tuple[Any, str, str], ...]], ...] = (
    (
        _("Companies"),
        (
            (_("Companies"), "store", "merchants_merchant"),
            (_("Members"), "group", "merchants_member"),
            (_("People"), "person", "accounts_user"),
        ),
    ),
    (
        _("Orders"),
        (
            (_("Orders"), "package_2", "orders_order"),
            (_("Holds"), "pause_circle", "orders_orderhold"),
            (_("Checks"), "fact_check", "compliance_checkrun"),
            (_("Tariff data"), "dataset", "compliance_hsimport"),
            (_("Shipments"), "local_shipping", "fulfillment_shipment"),
            (_("Parcels"), "inventory_2", "fulfillment_parcel"),
            (_("Exceptions"), "report", "fulfillment_exceptioncase"),
            (_("Carrier codes"), "translate", "fulfillment_carriercode"),
        ),
    ),
    (
        _("Catalogue and stock"),
        (
            (_("Products"), "sell", "catalog_product"),
            (_("Listings"), "list_alt", "catalog_listing"),
            (_("Places"), "warehouse", "inventory_node"),
            (_("Balances"), "balance", "inventory_stockbalance"),
            (_("Deliveries in"), "input", "inbound_inboundshipment"),
            (_("Reservations"), "shopping_cart", "inventory_stockreservation"),
            (_("Markets"), "public", "markets_market"),
            (_("Exchange rates"), "currency_exchange", "markets_fxrate"),
            (_("Held rates"), "front_hand", "markets_heldrate"),
            (_("Rule rows"), "gavel", "markets_rulerow"),
        ),
    ),
    (
        _("Promotions"),
        (
            (_("Campaigns"), "campaign", "promotions_campaign"),
            (_("Campaign entries"), "how_to_vote", "promotions_campaignentry"),
            (_("Promotions"), "percent", "promotions_promotion"),
            (_("Redemptions"), "redeem", "promotions_redemption"),
            (_("Price floors"), "vertical_align_bottom", "promotions_pricefloor"),
        ),
    ),
    (
        _("Money"),
        (
            (_("Ledger"), "account_balance", "finance_ledgertransaction"),
            (_("Fees"), "percent", "finance_feerule"),
        ),
    ),
    (
        _("Machine room"),
        (
            (_("Journal"), "history", "journal_journalentry"),
            (_("Receivers and dead letters"), "inbox", "journal_receipt"),
            (_("Jobs"), "work_history", "jobs_job"),
            (_("Imports"), "upload_file", "imports_importrun"),
            (_("Deadlines"), "schedule", "jobs_deadline"),
            (_("Webhook messages"), "webhook", "partners_webhookdelivery"),
            (_("API keys"), "key", "partners_apikey"),
        ),
    ),
)

# The portal's own cobalt, so that staff see one product.
_COBALT = {
    "50": "97% .014 262",
    "100": "94% .03 262",
    "200": "89% .058 262",
    "300": "81% .095 262",
    "400": "70% .13 262",
    "500": "58% .165 263",
    "600": "43.2% .163 263",
    "700": "37.5% .148 263",
    "800": "32% .125 264",
    "900": "27% .1 264",
    "950": "20% .075 264",
}


def _item(title: Any, icon: str, model: str) -> dict[str, Any]:
    app, _sep, name = model.partition("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Global Selling",
    "SITE_HEADER": "Global Selling",
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "globalselling.admin_home.add_state",
    "COLORS": {"primary": {step: f"oklch({value})" for step, value in _COBALT.items()}},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": [
            {
                "title": group,
                "separator": True,
                "items": [_item(*item) for item in items],
            }
            for group, items in _GROUPS
        ],
    },
}
