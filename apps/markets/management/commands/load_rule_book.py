"""Bring the shipped rule rows into the database; running it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.common.clock import utc_now
from apps.markets import services as markets


class Command(BaseCommand):
    """Load the rule book."""

    help = "Load the shipped rule rows: new rules apply at once, changed ones wait for approval."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what changed."""
        baseline, proposed = markets.load_rule_book(now=utc_now())
        self.stdout.write(f"{baseline} rule rows loaded, {proposed} proposed.")
