"""Worker entry points of fulfilment."""

from __future__ import annotations

from celery import shared_task

from apps.common.clock import utc_now
from apps.fulfillment.services.codes import list_stray_codes, start_refold
from apps.fulfillment.services.learning import learn_legs
from apps.fulfillment.services.watching import watch_parcels
from apps.journal.actors import system_actor

_ACTOR = system_actor("fulfillment")


@shared_task(name="fulfillment.watch")
def watch() -> str:
    """Estimate the arrival of parcels that moved, and open cases for those that fell silent."""
    return str(watch_parcels(actor=_ACTOR, now=utc_now()))


@shared_task(name="fulfillment.learn")
def learn() -> str:
    """Learn from past parcels, and fold events that missed the decision about their code."""
    now = utc_now()
    for code in list_stray_codes():
        start_refold(code, actor=_ACTOR, now=now)
    return str(learn_legs(now=now))
