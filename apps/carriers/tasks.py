"""Worker entry points of the carriers app."""

from __future__ import annotations

from celery import shared_task
from django_scopes import scopes_disabled

from apps.carriers import services
from apps.common.clock import utc_now

QUEUE = "labels"
# A message that waits longer is dropped: the sweep sends a new one.
EXPIRES_S = 30


# A booking and its label, with a look between them.
_STEPS = 4


@shared_task(name="carriers.work")
def work(booking_id: int) -> str:
    """Do the steps of a booking that are due; a message that comes twice finds it taken or done."""
    status = ""
    with scopes_disabled():
        for _step in range(_STEPS):
            done = services.work(booking_id)
            if not done:
                break
            status = done
    return status


@shared_task(name="carriers.sweep")
def sweep() -> int:
    """Send every booking that is due to the workers; returns their number."""
    with scopes_disabled():
        found = services.list_due(now=utc_now())
    for booking_id in found:
        send(booking_id)
    return len(found)


def send(booking_id: int) -> None:
    """Ask the workers to go on with a booking."""
    work.apply_async((booking_id,), queue=QUEUE, expires=EXPIRES_S)
