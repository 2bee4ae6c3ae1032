"""Loading attribute rules."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.catalog import services
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import system_actor


class Command(BaseCommand):
    """Load a JSON file of attribute rules (see docs/guides/catalog.md)."""

    help = "Load attribute rules of categories from a JSON file, whole or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file; exit 1 with what is wrong when it does not fit."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            load = services.import_attribute_rules(
                path, actor=system_actor("catalog"), now=utc_now()
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{load.source} {load.version}: {load.total} read, {load.written} written,"
            f" {load.retired} no longer in use"
        )
