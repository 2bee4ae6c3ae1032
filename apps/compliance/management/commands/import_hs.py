"""Loading of public tariff files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.compliance.hs import services
from apps.compliance.models import HsImport
from apps.journal.actors import system_actor

_ACTOR = system_actor("compliance")


class Command(BaseCommand):
    """Load HS nomenclature, references and vague terms; what a file is, is told by its columns."""

    help = "Load public HS files (nomenclature, UK and US references, vague terms) into the tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the files and the consent to a shorter list."""
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument(
            "--accept-loss", action="store_true", help="Take a list that lost over 5 %% of its rows"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each file; exit 1 when one is unreadable or was quarantined."""
        refused = []
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
            try:
                load = services.import_hs_file(
                    path, actor=_ACTOR, now=utc_now(), accept_loss=options["accept_loss"]
                )
            except DomainError as error:
                raise CommandError(error.message) from error
            self.stdout.write(f"{load.source}: {load.row_count} rows, {load.status} ({path.name})")
            if load.status == HsImport.Status.QUARANTINED:
                refused.append(path.name)
        if refused:
            raise CommandError(
                f"Quarantined, the old list stays: {', '.join(refused)} lost over 5 % of the rows."
                " Run again with --accept-loss if that is right."
            )
