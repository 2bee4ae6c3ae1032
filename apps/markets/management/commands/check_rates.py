"""Say how old the exchange rates are; fails while a person must act."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.clock import utc_now
from apps.markets import selectors


class Command(BaseCommand):
    """For monitoring: ends with 1 from 4 working days of age on, before a rate is too old to be used."""

    help = "Print the age of the rate of every open market; fail before one is too old."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per currency, then the verdict."""
        found = selectors.check_rates(utc_now().date())
        for one in found.currencies:
            day = one.fixed_on.isoformat() if one.fixed_on else "never"
            self.stdout.write(f"{one.currency} {day} {one.working_days} {one.health}")
        if found.held_count:
            self.stdout.write(f"{found.held_count} rates wait for a person.")
        if found.is_bad:
            raise CommandError("The exchange rates need a person.")
