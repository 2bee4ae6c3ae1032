"""Every address of the merchant portal: who opens it in the tests, and for which record.

A page that is added without an entry here fails ``test_pages.test_every_page_is_visited``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

# Not the merchant's pages: the staff's admin (a test of its own), machines' doors.
_OTHER_DOORS = ("admin", "api", "healthz", "readyz", "metrics", "oauth_", "openapi", "api_docs")


@dataclass(frozen=True, slots=True)
class Visit:
    """How a page is opened: ``path`` names facts of the world in braces."""

    path: str
    who: str = "owner"
    is_main: bool = False
    status: int = 200


VISITS: dict[str, Visit] = {
    "dashboard:home": Visit("/", is_main=True),
    "dashboard:orders": Visit("/orders/?view=all", is_main=True),
    "dashboard:order": Visit("/orders/{order}/", is_main=True),
    "dashboard:order_change": Visit("/orders/{held}/change/"),
    "dashboard:orders_at_risk": Visit("/orders/at-risk/", is_main=True),
    "dashboard:markets": Visit("/markets/", is_main=True),
    "dashboard:campaigns": Visit("/promos/campaigns/", is_main=True),
    "dashboard:campaign": Visit("/promos/campaigns/{campaign}/", is_main=True),
    "dashboard:price_rules": Visit("/prices/"),
    "dashboard:price_rule": Visit("/prices/DE/"),
    "dashboard:listing_prices": Visit("/products/{product}/listings/{listing}/prices/"),
    "dashboard:products": Visit("/products/", is_main=True),
    "dashboard:product_new": Visit("/products/new/", is_main=True),
    "dashboard:product": Visit("/products/{product}/", is_main=True),
    "dashboard:stock": Visit("/products/stock/", is_main=True),
    "dashboard:stock_count": Visit("/products/stock/count/"),
    "dashboard:stock_sku": Visit("/products/stock/{variant}/"),
    "dashboard:stock_history": Visit("/products/stock/{variant}/at/{node}/"),
    "dashboard:publish": Visit("/publish/"),
    "dashboard:product_publish": Visit("/products/{product}/publish/", is_main=True),
    "dashboard:product_hs": Visit("/products/{product}/hs/"),
    "dashboard:product_category": Visit("/products/{product}/category/?q=lamp"),
    "dashboard:product_facts": Visit("/products/{product}/facts/"),
    "dashboard:product_texts": Visit("/products/{product}/texts/"),
    "dashboard:promos": Visit("/promos/", is_main=True),
    "dashboard:promo_new": Visit("/promos/new/?kind=flash_sale", is_main=True),
    "dashboard:promo": Visit("/promos/{promotion}/", is_main=True),
    "dashboard:promo_edit": Visit("/promos/{promotion}/edit/"),
    "dashboard:promo_codes": Visit("/promos/{voucher}/codes/"),
    "dashboard:parties": Visit("/compliance/parties/"),
    "dashboard:inbound_list": Visit("/inbound/?view=all", is_main=True),
    "dashboard:inbound_new": Visit("/inbound/new/", is_main=True),
    "dashboard:inbound_edit": Visit("/inbound/{inbound_draft}/edit/"),
    "dashboard:inbound": Visit("/inbound/{inbound}/", is_main=True),
    "dashboard:inbound_receive": Visit("/inbound/{inbound_dock}/receive/", is_main=True),
    "dashboard:inbound_putaway": Visit("/inbound/{inbound}/putaway/", is_main=True),
    "dashboard:shipments": Visit("/shipping/?view=all", is_main=True),
    "dashboard:exceptions": Visit("/shipping/exceptions/", is_main=True),
    "dashboard:exception": Visit("/shipping/exceptions/{case}/", is_main=True),
    "public:track": Visit("/t/{track}/", is_main=True),
    "dashboard:shipment": Visit("/shipping/{shipment}/"),
    "dashboard:route": Visit("/shipping/routes/{shipment}/"),
    "dashboard:label_buy": Visit("/shipping/{booked}/buy/"),
    "dashboard:search": Visit("/search/?q=lamp"),
    "dashboard:inbox": Visit("/inbox/"),
    "imports:list": Visit("/imports/"),
    "imports:new": Visit("/imports/new/"),
    "imports:columns": Visit("/imports/{uploaded}/columns/"),
    "imports:run": Visit("/imports/{checked}/", is_main=True),
    "finance:overview": Visit("/finance/", is_main=True),
    "finance:lines": Visit("/finance/lines/"),
    "jobs:list": Visit("/jobs/"),
    "jobs:job": Visit("/jobs/{job}/"),
    "accounts:profile": Visit("/me/"),
    "accounts:security": Visit("/me/security/"),
    "merchants:settings": Visit("/settings/", is_main=True),
    "merchants:create": Visit("/settings/new/"),
    "merchants:roles": Visit("/settings/roles/"),
    "merchants:log": Visit("/settings/log/"),
    "merchants:members": Visit("/settings/members/"),
    "merchants:invite": Visit("/settings/members/invite/"),
    "merchants:member": Visit("/settings/members/{member}/"),
    "merchants:accept": Visit("/settings/join/{token}/", who="guest"),
    "carriers:accounts": Visit("/settings/carriers/"),
    "carriers:connect": Visit("/settings/carriers/new/"),
    "carriers:account": Visit("/settings/carriers/{carrier}/", is_main=True),
    "carriers:change": Visit("/settings/carriers/{carrier}/change/"),
    "partners:keys": Visit("/settings/api/", is_main=True),
    "partners:create_key": Visit("/settings/api/keys/new/"),
    "partners:key": Visit("/settings/api/keys/{key}/"),
    "partners:apps": Visit("/settings/api/apps/"),
    "partners:create_app": Visit("/settings/api/apps/new/"),
    "partners:app": Visit("/settings/api/apps/{app}/"),
    "partners:webhooks": Visit("/settings/api/webhooks/"),
    "partners:create_webhook": Visit("/settings/api/webhooks/new/"),
    "partners:webhook": Visit("/settings/api/webhooks/{webhook}/"),
    "partners:change_webhook": Visit("/settings/api/webhooks/{webhook}/change/"),
    "partners:webhook_secret": Visit("/settings/api/webhooks/{webhook}/secret/"),
    "partners:delivery": Visit("/settings/api/webhooks/{webhook}/deliveries/{delivery}/"),
    "account_login": Visit("/accounts/login/", who="nobody"),
    "account_logout": Visit("/accounts/logout/"),
    "account_inactive": Visit("/accounts/inactive/", who="nobody"),
    "account_signup": Visit("/accounts/signup/", who="nobody"),
    "account_reauthenticate": Visit("/accounts/reauthenticate/"),
    "account_email": Visit("/accounts/email/"),
    "account_email_verification_sent": Visit("/accounts/confirm-email/", who="nobody"),
    "account_change_password": Visit("/accounts/password/change/"),
    "account_reset_password": Visit("/accounts/password/reset/", who="nobody"),
    "account_reset_password_done": Visit("/accounts/password/reset/done/", who="nobody"),
    "account_reset_password_from_key": Visit("/accounts/password/reset/key/{reset}/", who="nobody"),
    "account_reset_password_from_key_done": Visit(
        "/accounts/password/reset/key/done/", who="nobody"
    ),
    "account_confirm_email": Visit("/accounts/confirm-email/{confirm}/", who="nobody"),
    "mfa_index": Visit("/accounts/2fa/", who="guarded"),
    "mfa_reauthenticate": Visit("/accounts/2fa/reauthenticate/", who="guarded"),
    "mfa_activate_totp": Visit("/accounts/2fa/totp/activate/"),
    "mfa_deactivate_totp": Visit("/accounts/2fa/totp/deactivate/", who="guarded"),
    "mfa_view_recovery_codes": Visit("/accounts/2fa/recovery-codes/", who="guarded"),
    "mfa_generate_recovery_codes": Visit("/accounts/2fa/recovery-codes/generate/", who="guarded"),
    "mfa_list_webauthn": Visit("/accounts/2fa/webauthn/", who="guarded"),
    "mfa_add_webauthn": Visit("/accounts/2fa/webauthn/add/", who="guarded"),
    "mfa_reauthenticate_webauthn": Visit("/accounts/2fa/webauthn/reauthenticate/", who="guarded"),
    "mfa_remove_webauthn": Visit("/accounts/2fa/webauthn/keys/{passkey}/remove/", who="guarded"),
    "mfa_edit_webauthn": Visit("/accounts/2fa/webauthn/keys/{passkey}/edit/", who="guarded"),
    "usersessions_list": Visit("/accounts/sessions/"),
}

# More faces of the same pages: work in between, nothing yet, nothing found, nothing there.
STATES: dict[str, Visit] = {
    "order on hold": Visit("/orders/{held}/"),
    "order to ship": Visit("/orders/{ready}/"),
    "order with a label, to change": Visit("/orders/{ready}/change/"),
    "order under promotions": Visit("/orders/{priced}/"),
    "orders on hold": Visit("/orders/?view=hold"),
    "no order matches": Visit("/orders/?view=all&q=nothing-like-this"),
    "nothing found": Visit("/search/?q=nothing-like-this"),
    "a number of another carrier": Visit("/search/?q=1Z999AA10123456784"),
    "job with a file": Visit("/jobs/{export}/"),
    "job that can be undone": Visit("/jobs/{tagging}/"),
    "publishing what lacks a number": Visit("/products/{jug}/publish/"),
    "publishing in custody": Visit("/products/{product}/publish/?model=custody"),
    "publishing from overseas": Visit("/products/{product}/publish/?model=overseas&preset=eu"),
    "no product to publish matches": Visit("/publish/?q=nothing-like-this"),
    "hs code with a question": Visit("/products/{product}/hs/?q=pullover"),
    "hs code of something vague": Visit("/products/{product}/hs/?q=spare+parts"),
    "promotions by month": Visit("/promos/?view=calendar", is_main=True),
    "promotions of a new company": Visit("/promos/", who="fresh"),
    "running promotion": Visit("/promos/{running}/"),
    "new tiers": Visit("/promos/new/?kind=spend_tiers"),
    "no promotion matches": Visit("/promos/?q=nothing-like-this"),
    "companies of a new company": Visit("/compliance/parties/", who="fresh"),
    "price rules of a new company": Visit("/prices/", who="fresh"),
    "price rule of a new company": Visit("/prices/all/", who="fresh"),
    "import that could not be read": Visit("/imports/{refused}/"),
    "import that was applied": Visit("/imports/{applied}/"),
    "import that was undone": Visit("/imports/{undone}/"),
    "imports of a new company": Visit("/imports/", who="fresh"),
    "no such page": Visit("/nowhere/", status=404),
    "home of a new company": Visit("/", who="fresh"),
    "orders of a new company": Visit("/orders/", who="fresh"),
    "stock of a new company": Visit("/products/stock/", who="fresh"),
    "no SKU matches": Visit("/products/stock/?q=nothing-like-this"),
    "products of a new company": Visit("/products/", who="fresh"),
    "shipping of a new company": Visit("/shipping/", who="fresh"),
    "money of a new company": Visit("/finance/", who="fresh"),
    "movements of a new company": Visit("/finance/lines/", who="fresh"),
    "jobs of a new company": Visit("/jobs/", who="fresh"),
    "inbox of a new company": Visit("/inbox/", who="fresh"),
    "keys of a new company": Visit("/settings/api/", who="fresh"),
    "webhooks of a new company": Visit("/settings/api/webhooks/", who="fresh"),
    "apps of a new company": Visit("/settings/api/apps/", who="fresh"),
}

# Addresses that answer with data, not with a page.
ANSWERS: dict[str, str] = {
    "dashboard:order_label": "/orders/{ready}/label/",
    "dashboard:exception_dossier": "/shipping/exceptions/{case}/dossier/",
    "dashboard:exception_file": "/shipping/exceptions/{case}/papers/{evidence}/",
    "dashboard:shipment_label": "/shipping/{shipment}/label/",
    "dashboard:product_photo": "/products/{product}/photo/",
    "dashboard:image_file": "/products/{product}/images/{image}/file/",
    "dashboard:product_document": "/products/{product}/documents/{paper}/",
    "dashboard:palette": "/search/palette?q=lamp",
    "dashboard:live_poll": "/live/poll",
    "jobs:download": "/jobs/{export}/file/",
    "imports:template": "/imports/template/products.xlsx",
    "imports:problems": "/imports/{checked}/problems/",
    "mfa_download_recovery_codes": "/accounts/2fa/recovery-codes/download/",
}

# Addresses without a page of their own, each with the test or the reason.
ELSEWHERE: dict[str, str] = {
    "dashboard:live": "the stream: every page opens it",
    "mfa_authenticate": "test_pages.test_the_second_step",
    "mfa_login_webauthn": "the passkey button asks it; a signed-in person is led home",
    "account_set_password": "everybody has a password: it leads to changing it",
    "account_confirm_login_code": "sign-in codes are off: it leads to the sign-in page",
}


def list_readable() -> Iterator[str]:
    """Yield the name of every merchant address that may be opened with GET."""
    for name, pattern in _walk(get_resolver(), ()):
        methods = getattr(pattern.callback, "portal_methods", ("GET",))
        if "GET" in methods and not name.startswith(_OTHER_DOORS):
            yield name


def _walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLPattern):
            yield ":".join([*spaces, item.name or "api"]), item
        else:
            yield from _walk(item, (*spaces, item.namespace) if item.namespace else spaces)
