"""How often an address may open a public page in a minute."""

from __future__ import annotations

import logging
import time

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from apps.common.errors import DomainError

logger = logging.getLogger(__name__)
WINDOW_S = 60


def limit_address(request: HttpRequest, door: str, *, per_minute: int) -> None:
    """Count one call of the caller's address at a door; raise 429 ``web.too_fast`` beyond the limit.

    Without the cache nobody is counted and nobody refused.
    """
    now = int(time.time())
    key = f"web.limit:{door}:{request.META.get('REMOTE_ADDR', '')}:{now // WINDOW_S}"
    try:
        cache.add(key, 0, WINDOW_S * 2)
        used = cache.incr(key)
    except (RedisError, OSError, ValueError) as error:
        logger.warning("web.limit_away %s", type(error).__name__)
        return
    if used > per_minute:
        message = _(
            "Too many requests came from here in a short time. Wait a minute, then try again."
        )
        raise DomainError(
            "web.too_fast", message, status=429, retry_after=WINDOW_S - now % WINDOW_S
        )
