"""How many calls a key or an app may make, told in every answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.partners import fallback
from apps.partners.grants import Grant

WINDOW_S = 60

if TYPE_CHECKING:
    # Importing the views here would be a circle: they read this class from the settings.
    from rest_framework.views import APIView


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a caller stands in the current window."""

    limit: int
    used: int
    resets_in_s: int

    @property
    def remaining(self) -> int:
        """Calls left in the window."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Return the rate headers (IETF draft-ietf-httpapi-ratelimit-headers-10, and X-RateLimit)."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"default";r={self.remaining};t={self.resets_in_s}',
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.resets_in_s),
        }


def use(name: str, limit: int) -> Rate:
    """Count one call of ``name`` in the running minute."""
    now = int(time.time())
    window = now // WINDOW_S
    used = fallback.count(f"partners:rate:{name}:{window}", WINDOW_S)
    return Rate(limit, used, WINDOW_S - now % WINDOW_S)


class PartnerThrottle(BaseThrottle):
    """Refuse the calls of a key or an app beyond ``PARTNER_CALLS_PER_MINUTE`` (429)."""

    _rate: Rate | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the call; leave the rate on the view for the answer's headers."""
        if request.auth is None:
            return True
        grant: Grant = request.auth  # type: ignore[assignment]
        self._rate = use(grant.actor.ident, settings.PARTNER_CALLS_PER_MINUTE)
        view.rate = self._rate  # type: ignore[attr-defined]
        return self._rate.used <= self._rate.limit

    def wait(self) -> float | None:
        """Return the seconds until the window ends."""
        return float(self._rate.resets_in_s) if self._rate is not None else None


def use_token_endpoint(request: HttpRequest) -> Rate:
    """Count one token request of the caller's address."""
    address = request.META.get("REMOTE_ADDR", "")
    return use(f"token:{address}", settings.PARTNER_TOKENS_PER_MINUTE)
