"""Import the exchange rates of the day now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.markets import services


class Command(BaseCommand):
    """Do by hand what beat does every day; importing a day again changes nothing."""

    help = "Fetch the ECB reference rates of the day and store them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say what became of it."""
        try:
            outcome = services.import_daily_rates(now=utc_now())
        except DomainError as error:
            raise CommandError(error.message) from error
        held = ", ".join(outcome.held) or "none"
        unknown = ", ".join(outcome.unknown) or "none"
        self.stdout.write(
            f"{outcome.day}: {outcome.taken} taken, {outcome.known} known, "
            f"held: {held}, left out: {unknown}."
        )
