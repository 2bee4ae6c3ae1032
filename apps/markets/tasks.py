"""Worker entry points of the markets app."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.markets import services

logger = logging.getLogger(__name__)


@shared_task(name="markets.import_rates")
def import_rates() -> str:
    """Import the rates of the day if that is switched on; a failure waits for the next round."""
    if not settings.FX_DAILY_IMPORT:
        return "off"
    try:
        outcome = services.import_daily_rates(now=utc_now())
    except DomainError as error:
        logger.warning("rates.failed %s", error.message)
        return error.code
    return f"{outcome.day} {outcome.taken}"
