"""Worker entry points of imports."""

from __future__ import annotations

from celery import shared_task
from django_scopes import scopes_disabled

from apps.common.clock import utc_now
from apps.imports.services import sweep_old
from apps.journal.actors import system_actor

ACTOR = system_actor("imports")


@shared_task(name="imports.sweep")
def sweep() -> int:
    """Let go of the files and rows of imports nobody touched for 30 days; returns their number."""
    with scopes_disabled():
        return sweep_old(actor=ACTOR, now=utc_now())
