"""Loading the category tree and its names."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.catalog import services
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import system_actor


class Command(BaseCommand):
    """Load a taxonomy file: English first, then files of other languages for the names."""

    help = "Load a product taxonomy (Google's text format): 'ID - A > B > C' lines under a version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file, its language and the consent to a shorter tree."""
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--language", choices=languages, default="en")
        parser.add_argument("--source", default="google", help="Whose tree it is")
        parser.add_argument(
            "--accept-loss", action="store_true", help="Take a tree that lost over 5 %% of itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the file; exit 1 with the bad lines when it does not fit."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            load = services.import_categories(
                path,
                language=options["language"],
                source=options["source"][:40],
                accept_loss=options["accept_loss"],
                actor=system_actor("catalog"),
                now=utc_now(),
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{path.name} {load.version}: {load.total} read, {load.added} new,"
            f" {load.changed} changed, {load.retired} no longer in use"
        )
