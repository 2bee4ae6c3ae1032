"""What every portal needs before its first company: markets, rates, the rule book, fees, the network."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.common.clock import utc_now
from apps.finance import services as finance
from apps.logistics import services as logistics
from apps.markets import services as markets


class Command(BaseCommand):
    """Bring the shipped reference data in; running it again changes nothing.

    Run it after every ``migrate``: a release may bring new markets, newer rates and changed rule
    rows. Changed rule rows are only proposed and wait for a person.
    """

    help = "Open the markets, import the packaged ECB rates, load the rule book, the fees and the network."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say what is there now."""
        now = utc_now()
        opened = markets.open_markets()
        rates = markets.import_newest_rates(now.date())
        baseline, proposed = markets.load_rule_book(now=now)
        finance.open_fee_rules()
        lanes, waiting = logistics.load_network(now=now)
        self.stdout.write(
            f"{opened} markets, {rates} rates, {baseline} rule rows loaded, {proposed} proposed."
        )
        self.stdout.write(f"{lanes} network rows loaded, {waiting} proposed.")
