"""Comparing the search tokens with what products are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scopes_disabled

from apps.catalog import services

_SHOWN = 20


class Command(BaseCommand):
    """Compare every product's search tokens with its facts; exit 1 when any differ."""

    help = "Compare all search tokens with the products; rebuild_search repairs what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name the first products that differ and count the rest."""
        after, stale = 0, 0
        with scopes_disabled():
            while True:
                last, drifts = services.find_drift(after=after)
                if not last:
                    break
                for drift in drifts[: max(0, _SHOWN - stale)]:
                    self.stdout.write(
                        f"product {drift.product_id}: {len(drift.missing)} tokens missing,"
                        f" {len(drift.extra)} too many"
                    )
                after, stale = last, stale + len(drifts)
        if stale:
            raise CommandError(f"{stale} products are found by stale tokens; run rebuild_search.")
        self.stdout.write("all search tokens are right")
