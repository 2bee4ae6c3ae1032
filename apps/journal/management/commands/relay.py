"""The relay process."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from apps.common.clock import utc_now
from apps.journal.publishing import BrokerPublisher
from apps.journal.relay import relay_new, republish_unfinished

logger = logging.getLogger(__name__)
SWEEP_EVERY_S = 2.0


class Command(BaseCommand):
    """Carry journal entries to their receivers until stopped."""

    help = "Publish committed journal entries to their receivers (run at least one)."
    _stopping = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--once``."""
        parser.add_argument("--once", action="store_true", help="Stop when there is nothing to do")
        parser.add_argument("--pause", type=float, default=0.1, help="Seconds between idle rounds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until a signal; every error costs the connection, never the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            try:
                with BrokerPublisher() as publisher:
                    self._rounds(publisher, once=options["once"], pause=options["pause"])
            except Exception as error:  # the process's edge: log, drop connections, go on
                logger.warning("relay.connection_lost %s: %s", type(error).__name__, error)
                connection.close()
                time.sleep(0.5)
            if options["once"]:
                return

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _rounds(self, publisher: BrokerPublisher, *, once: bool, pause: float) -> None:
        swept_at = 0.0
        while not self._stopping:
            sent = relay_new(publisher, now=utc_now())
            if time.monotonic() - swept_at >= SWEEP_EVERY_S:
                sent += republish_unfinished(publisher, now=utc_now()).republished
                swept_at = time.monotonic()
            if not sent:
                if once:
                    return
                time.sleep(pause)
