"""The simulated carrier as a carrier of the demo world's companies."""

from __future__ import annotations

from django_scopes import scope, scopes_disabled

from apps.carriers import services
from apps.carriers.models import CarrierAccount
from apps.common.clock import utc_now
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant
from apps.sandbox.models import SandboxTenant

NAME = "Simulated carrier"
_ACTOR = system_actor("sandbox")


def connect_demo(url: str, secret: str) -> int:
    """Give every company of the demo world an account at ``url``; returns their number.

    Accounts of an earlier run are led to the new address: the carrier takes any free port. The
    carrier must be answering, for it is asked at once.
    """
    with scopes_disabled():
        gentle = SandboxTenant.objects.filter(pace=SandboxTenant.Pace.GENTLE)
        merchants = list(
            Merchant.objects.filter(pk__in=gentle.values("merchant_id")).order_by("pk")
        )
    for merchant in merchants:
        with scope(merchant=merchant):
            services.check_account(_account(merchant, url, secret), actor=_ACTOR)
    return len(merchants)


def _account(merchant: Merchant, url: str, secret: str) -> CarrierAccount:
    known = CarrierAccount.objects.filter(merchant=merchant, name=NAME).first()
    now = utc_now()
    if known is None:
        return services.connect_account(
            merchant,
            name=NAME,
            url=url,
            secret=secret,
            per_minute=600,
            actor=_ACTOR,
            now=now,
        )
    return services.change_account(
        known, name=NAME, url=url, secret=secret, per_minute=600, actor=_ACTOR, now=now
    )
