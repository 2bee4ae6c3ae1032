"""The portal's choice where public engines disagree (``docs/guides/promotions.md``)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.core import checks

from apps.promotions.pricing.policy import Policy


@cache
def _policy_of(choices: tuple[tuple[str, str], ...]) -> Policy:
    return Policy(**dict(choices))


def current_policy() -> Policy:
    """Return the policy of the setting ``PROMOTION_POLICY``; what it does not name is the default."""
    return _policy_of(tuple(sorted(settings.PROMOTION_POLICY.items())))


@checks.register
def check_policy(**_options: object) -> list[checks.CheckMessage]:
    """Report a setting that is no policy before the portal starts."""
    try:
        Policy(**settings.PROMOTION_POLICY)
    except (TypeError, ValueError) as error:
        hint = "See “The policies” in docs/guides/promotions.md."
        return [checks.Error(f"PROMOTION_POLICY: {error}", hint=hint, id="promotions.E001")]
    return []
