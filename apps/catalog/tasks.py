"""Worker entry points of the catalog."""

from __future__ import annotations

import logging

from celery import shared_task
from django_scopes import scope, scopes_disabled

from apps.catalog.models import Listing
from apps.catalog.services import reprice
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import system_actor
from apps.merchants.models import Merchant

logger = logging.getLogger(__name__)
ACTOR = system_actor("pricing")


@shared_task(name="catalog.reprice")
def reprice_all() -> int:
    """Move the prices that follow rules by the newest exchange rates; returns how many moved.

    One company that fails does not stop the others.
    """
    with scopes_disabled():
        following = Listing.objects.filter(price_source=Listing.PriceSource.RULE)
        keys = sorted(set(following.values_list("merchant_id", flat=True)))
    moved = 0
    for merchant in Merchant.objects.filter(pk__in=keys).order_by("pk"):
        with scope(merchant=merchant):
            try:
                moved += len(reprice(merchant, actor=ACTOR, now=utc_now()))
            except DomainError as error:
                logger.warning("catalog.reprice_failed %s %s", merchant.public_id, error)
    return moved
