"""The webhook dispatcher process."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from apps.partners.adapters.webhooks.client import WebhookClient
from apps.partners.dispatcher import Dispatcher

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Deliver webhooks until stopped."""

    help = "Send due webhooks to their receivers (run at least one; several share the work)."
    _stopping = False
    _dispatcher: Dispatcher | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--once``."""
        parser.add_argument("--once", action="store_true", help="Stop when nothing is due")
        parser.add_argument("--pause", type=float, default=0.3, help="Seconds between idle rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until a signal; an error of the database costs the connection, never the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            try:
                async_to_sync(self._work)(once=options["once"], pause_s=options["pause"])
            except Exception as error:  # the process's edge: log, drop the connection, go on
                if options["once"]:
                    raise
                logger.warning("webhooks.connection_lost %s: %s", type(error).__name__, error)
                connection.close()
                time.sleep(1)
            if options["once"]:
                return

    async def _work(self, *, once: bool, pause_s: float) -> None:
        async with WebhookClient(allow_private=settings.ALLOW_PRIVATE_WEBHOOKS) as client:
            self._dispatcher = Dispatcher(client, pause_s=pause_s)
            await self._dispatcher.run(until_idle=once)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        if self._dispatcher is not None:
            self._dispatcher.stop()
