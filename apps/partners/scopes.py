"""What a key or an app may do: names, and words for the people who grant them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes

if TYPE_CHECKING:
    from apps.partners.models import PartnerApp

PRODUCTS_READ = "products:read"
PRODUCTS_WRITE = "products:write"
IMPORTS_READ = "imports:read"
IMPORTS_WRITE = "imports:write"
STOCK_READ = "stock:read"
STOCK_WRITE = "stock:write"
INBOUND_READ = "inbound:read"
INBOUND_WRITE = "inbound:write"
INBOUND_RECEIVE = "inbound:receive"
PROMOTIONS_READ = "promotions:read"
PROMOTIONS_WRITE = "promotions:write"
ORDERS_READ = "orders:read"
ORDERS_WRITE = "orders:write"
SHIPMENTS_READ = "shipments:read"
SHIPMENTS_WRITE = "shipments:write"
TRACKING_WRITE = "tracking:write"
BUYERS_READ = "buyers:read"
WEBHOOKS_MANAGE = "webhooks:manage"

SCOPES: dict[str, str | Promise] = {
    PRODUCTS_READ: _("See products and listings"),
    PRODUCTS_WRITE: _("Create and change products, put them on sale"),
    IMPORTS_READ: _("See imports of sheets"),
    IMPORTS_WRITE: _("Import sheets of products, prices and stock, and undo imports"),
    STOCK_READ: _("See stock"),
    STOCK_WRITE: _("Set stock"),
    INBOUND_READ: _("See deliveries to warehouses"),
    INBOUND_WRITE: _("Announce, change and cancel deliveries to warehouses"),
    INBOUND_RECEIVE: _("Accept deliveries, count them in and put them away"),
    PROMOTIONS_READ: _("See promotions and campaigns, and try what promotions would do"),
    PROMOTIONS_WRITE: _("Create, publish and end promotions, set lowest prices, join campaigns"),
    ORDERS_READ: _("See orders"),
    ORDERS_WRITE: _("Send and cancel orders"),
    SHIPMENTS_READ: _("See shipments and print labels"),
    SHIPMENTS_WRITE: _("Hand shipments over"),
    TRACKING_WRITE: _("Send tracking events"),
    BUYERS_READ: _("See names and addresses of buyers"),
    WEBHOOKS_MANAGE: _("Manage webhooks"),
}


class Scopes(BaseScopes):  # type: ignore[misc]
    """The scopes OAuth tokens can carry: at most those of their app."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope with its words."""
        return {name: str(words) for name, words in SCOPES.items()}

    def get_available_scopes(
        self,
        application: PartnerApp | None = None,
        request: HttpRequest | None = None,
        *args: object,
        **kwargs: object,
    ) -> list[str]:
        """Return the scopes granted to the app."""
        return list(application.scopes) if application is not None else []

    def get_default_scopes(
        self,
        application: PartnerApp | None = None,
        request: HttpRequest | None = None,
        *args: object,
        **kwargs: object,
    ) -> list[str]:
        """Return what a token gets when it asks for nothing: all scopes of the app."""
        return self.get_available_scopes(application)
