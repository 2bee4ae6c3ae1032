"""Names of permissions and the roles that have them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.common.errors import PermissionMissingError
from apps.merchants.models import Member, Role

ORDERS_VIEW = "orders.view"
ORDERS_MANAGE = "orders.manage"
SHIPMENTS_VIEW = "shipments.view"
SHIPMENTS_MANAGE = "shipments.manage"
PRODUCTS_VIEW = "products.view"
PRODUCTS_MANAGE = "products.manage"
STOCK_VIEW = "stock.view"
STOCK_MANAGE = "stock.manage"
INBOUND_VIEW = "inbound.view"
INBOUND_MANAGE = "inbound.manage"
INBOUND_RECEIVE = "inbound.receive"
PROMOTIONS_VIEW = "promotions.view"
PROMOTIONS_MANAGE = "promotions.manage"
MONEY_VIEW = "money.view"
BUYER_DATA_REVEAL = "buyers.reveal"
MEMBERS_MANAGE = "members.manage"
API_MANAGE = "api.manage"
SETTINGS_MANAGE = "settings.manage"
JOBS_VIEW = "jobs.view"
LOG_VIEW = "log.view"

ALL = frozenset(
    {
        ORDERS_VIEW,
        ORDERS_MANAGE,
        SHIPMENTS_VIEW,
        SHIPMENTS_MANAGE,
        PRODUCTS_VIEW,
        PRODUCTS_MANAGE,
        STOCK_VIEW,
        STOCK_MANAGE,
        INBOUND_VIEW,
        INBOUND_MANAGE,
        INBOUND_RECEIVE,
        PROMOTIONS_VIEW,
        PROMOTIONS_MANAGE,
        MONEY_VIEW,
        BUYER_DATA_REVEAL,
        MEMBERS_MANAGE,
        API_MANAGE,
        SETTINGS_MANAGE,
        JOBS_VIEW,
        LOG_VIEW,
    }
)
_SEE = frozenset(
    {ORDERS_VIEW, SHIPMENTS_VIEW, PRODUCTS_VIEW, STOCK_VIEW, PROMOTIONS_VIEW, JOBS_VIEW}
    | {INBOUND_VIEW}
)

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.OWNER: ALL,
    Role.MANAGER: ALL - {MEMBERS_MANAGE},
    Role.OPERATIONS: _SEE
    | {ORDERS_MANAGE, SHIPMENTS_MANAGE, PRODUCTS_MANAGE, STOCK_MANAGE, BUYER_DATA_REVEAL}
    | {PROMOTIONS_MANAGE, INBOUND_MANAGE, INBOUND_RECEIVE},
    Role.WAREHOUSE: frozenset({ORDERS_VIEW, SHIPMENTS_VIEW, JOBS_VIEW, SHIPMENTS_MANAGE})
    | {STOCK_VIEW, STOCK_MANAGE, INBOUND_VIEW, INBOUND_RECEIVE},
    Role.SERVICE: _SEE | {ORDERS_MANAGE, BUYER_DATA_REVEAL},
    Role.FINANCE: _SEE | {MONEY_VIEW},
    Role.READ_ONLY: _SEE,
}


def permissions_of(member: Member) -> frozenset[str]:
    """Return everything the member may do; nothing when switched off."""
    return ROLE_PERMISSIONS.get(member.role, frozenset()) if member.is_active else frozenset()


def has_permission(member: Member, permission: str) -> bool:
    """Say whether an active member's role holds the permission."""
    return permission in permissions_of(member)


def require(member: Member, permission: str) -> None:
    """Raise ``PermissionMissingError`` (403) unless the member has the permission."""
    if not has_permission(member, permission):
        raise PermissionMissingError(
            permission,
            _("Your role does not allow this. Ask an owner of the company to change your role."),
        )
