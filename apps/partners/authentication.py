"""Reading the bearer secret of a call."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.merchants.models import Merchant
from apps.partners.grants import Grant, find_grant

_MAX_LENGTH = 512


class PartnerAuthentication(BaseAuthentication):
    """Accept ``Authorization: Bearer`` with an API key or an OAuth access token."""

    def authenticate(self, request: Request) -> tuple[None, Grant] | None:
        """Return the grant as ``request.auth``; nothing without a header, 401 for a wrong one."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        kind, _space, secret = header.partition(" ")
        if kind.lower() != "bearer" or not 0 < len(secret.strip()) <= _MAX_LENGTH:
            raise AuthenticationFailed(_("Send “Authorization: Bearer” with a key or a token."))
        grant = find_grant(secret.strip(), now=utc_now())
        if grant is None:
            raise AuthenticationFailed(_("This key or token is unknown, revoked or expired."))
        if grant.merchant.status != Merchant.Status.ACTIVE:
            raise DomainError(
                "partners.merchant_suspended", str(_("This company is suspended.")), status=403
            )
        return None, grant

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="api"'
