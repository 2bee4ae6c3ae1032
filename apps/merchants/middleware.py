"""The merchant a signed-in person works for, with the tenant scope open for the request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse
from django_scopes import scope, scopes_disabled

from apps.merchants import selectors
from apps.merchants.models import Merchant
from apps.merchants.permissions import permissions_of
from apps.merchants.services import require_active

SESSION_KEY = "merchant"


class MerchantMiddleware:
    """Set ``request.member`` and ``request.permissions`` and open the scope of the merchant.

    In a suspended company ``request.refuse_change`` raises the refusal; the doors of member pages
    call it before every change.

    Pages outside any merchant (sign-in, admin, API) get no scope, so that a query on a tenant's
    rows raises there instead of leaking.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside the scope of the chosen merchant, if there is one."""
        request.member = None  # type: ignore[attr-defined]
        request.permissions = frozenset()  # type: ignore[attr-defined]
        if request.path_info.startswith("/admin/") and request.user.is_staff:
            with scopes_disabled():  # platform staff look at the rows of all merchants
                return self.get_response(request)
        if request.path_info.startswith(("/admin/", "/api/", "/static/")):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        member = selectors.find_membership(request.user, request.session.get(SESSION_KEY))
        if member is None:
            return self.get_response(request)
        request.member = member  # type: ignore[attr-defined]
        request.permissions = permissions_of(member)  # type: ignore[attr-defined]
        if member.merchant.status != Merchant.Status.ACTIVE:
            request.refuse_change = partial(require_active, member.merchant)  # type: ignore[attr-defined]
        with scope(merchant=member.merchant):
            return self.get_response(request)
