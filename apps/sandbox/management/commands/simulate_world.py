"""The demo world going on."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from random import Random
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from apps.common.clock import utc_now
from apps.sandbox.demo.seed import find_tenants
from apps.sandbox.demo.world import step

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Let buyers buy and parcels move, little by little, until stopped."""

    help = "Keep the demo world alive: new orders, hand-overs and scans at a gentle rate."
    _stopping = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the pause and the speed."""
        parser.add_argument("--every", type=float, default=20.0, help="Seconds between steps")
        parser.add_argument("--speed", type=float, default=60.0, help="Orders per day, times this")

    def handle(self, *args: Any, **options: Any) -> None:
        """Step until a signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        chance = Random()  # noqa: S311 - who buys next is no secret
        before = utc_now()
        while not self._stopping:
            now = utc_now()
            since = now - (now - before) * options["speed"]
            before = now
            try:
                close_old_connections()
                for tenant in find_tenants():
                    step(tenant, now=now, since=since, chance=chance)
            except OperationalError as error:
                logger.warning("world.database_away %s", error)
            self._sleep(options["every"])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _sleep(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < ends:
            time.sleep(0.2)
