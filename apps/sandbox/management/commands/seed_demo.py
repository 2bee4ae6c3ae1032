"""Making the demo world."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.common.clock import utc_now
from apps.sandbox.demo.goods import SHOPS
from apps.sandbox.demo.seed import DAYS, PASSWORD, STAFF_EMAIL, seed_world


class Command(BaseCommand):
    """Make three companies and their last four weeks, once; print the logins."""

    help = "Load the demo world (does nothing when it exists)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the number of days."""
        parser.add_argument("--days", type=int, default=DAYS, help="Days to live through")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and print the logins."""
        seed_world(now=utc_now(), days=options["days"], report=self.stderr.write)
        self.stdout.write(f"Portal {settings.PORTAL_URL}/  password {PASSWORD}")
        for shop in SHOPS:
            self.stdout.write(f"  {shop.owner_email:<20} {shop.name} ({shop.model})")
        self.stdout.write(f"Staff  {settings.PORTAL_URL}/admin/  {STAFF_EMAIL}")
