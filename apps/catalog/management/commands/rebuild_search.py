"""Making the search tokens of all products anew."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django_scopes import scopes_disabled

from apps.catalog import services


class Command(BaseCommand):
    """Bring the search tokens of every product up to date, 500 products per transaction."""

    help = (
        "Bring the search tokens of all products up to date. Safe beside a running portal; each"
        " line names the product to go on from with --after when it was stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to go on from."""
        parser.add_argument("--after", type=int, default=0, help="Go on after this product key")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work through the products in key order and tell how far it is."""
        after, products, changed = options["after"], 0, 0
        with scopes_disabled():
            while True:
                last, seen, rows = services.rebuild_chunk(after=after)
                if not last:
                    break
                after, products, changed = last, products + seen, changed + rows
                self.stdout.write(f"after {after}: {products} products, {changed} tokens changed")
        self.stdout.write(f"done: {products} products, {changed} tokens changed")
