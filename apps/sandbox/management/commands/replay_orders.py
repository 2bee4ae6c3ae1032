"""Replay of an order file through the whole path."""

from __future__ import annotations

import csv
import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django_scopes import scope

from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import system_actor
from apps.sandbox.replay import driving, reading, reconciling, stocking
from apps.sandbox.replay.progress import Bar

_ACTOR = system_actor("replay")


class Command(BaseCommand):
    """Play every invoice of a file through intake, checks, labels, tracking and settlement.

    Stop it at any moment and run it again: what was done is recognised, nothing is done twice.
    Workers and the relay must be running (``python3 dev.py run``, or use ``python3 dev.py replay``).
    """

    help = "Replay a real order file (UCI Online Retail layout) and reconcile it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and how to answer."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="End with one line of JSON")
        parser.add_argument("--timeout", type=float, default=1800, help="Seconds to wait at most")
        parser.add_argument("--name", default="Order replay", help="Name of the merchant made")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and exit 1 unless everything reconciles."""
        try:
            file = reading.read_file(options["file"])
        except DomainError as error:
            raise CommandError(error.message) from error
        company = stocking.find_or_make_company(file, name=options["name"], now=utc_now())
        report = self._write_report(file, options["file"])
        drive = driving.Drive()
        with scope(merchant=company.merchant):
            self._log("Building catalogue and stock")
            stocking.stock_company(company, file, actor=_ACTOR, now=utc_now())
            finished = self._drive(company, file, drive, timeout_s=options["timeout"])
            result = reconciling.reconcile(company, file, drive)
        self._show(result, drive, report)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict()))
        if not finished or not result.is_sound:
            raise CommandError("The replay does not reconcile, or has not ended yet.")

    def _drive(
        self,
        company: stocking.Company,
        file: reading.OrderFile,
        drive: driving.Drive,
        *,
        timeout_s: float,
    ) -> bool:
        before = driving.count_ended(company)
        started = time.monotonic()
        with Bar("Orders accepted", sys.stderr) as bar:
            driving.place_all(company, file, actor=_ACTOR, drive=drive, progress=bar.show)
        with Bar("Orders at their end", sys.stderr) as bar:
            finished = driving.wait_for_the_end(
                company, timeout_s=timeout_s, progress=bar.show, on_stall=self._stalled
            )
        drive.seconds = time.monotonic() - started
        drive.ended = driving.count_ended(company) - before
        return finished

    def _stalled(self, states: dict[str, int]) -> None:
        counts = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
        self._log(f"Nothing moves ({counts}). Are the workers and the relay running?")

    def _write_report(self, file: reading.OrderFile, source: Path) -> Path:
        folder = settings.VAR_DIR / "replay"
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / f"{source.name.split('.')[0]}-rejected.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as target:
            writer = csv.writer(target)
            writer.writerow(["row", "invoice", "stock code", "reason"])
            for row in file.rejected:
                writer.writerow([row.number, row.invoice, row.sku, row.sentence])
        return path

    def _show(self, result: reconciling.Reconciliation, drive: driving.Drive, report: Path) -> None:
        lines = [
            f"Rows in the file        {result.rows:>9,}",
            f"  accepted              {result.accepted_rows:>9,}",
            f"  rejected              {result.rejected_rows:>9,}   {report}",
            f"Orders                  {result.orders:>9,}   at their end {result.ended_orders:,}",
            f"Order lines             {result.order_lines:>9,}",
            f"Shipments               {result.shipments:>9,}",
            f"Units received          {result.units_received:>9,}"
            f"   shipped {result.units_shipped:,}, on hand {result.units_on_hand:,}",
            f"Stock reconciles        {_word(result.stock_ok):>9}",
            f"Journal chain intact    {_word(result.journal_ok):>9}",
            f"Ledger sums to zero     {_word(result.ledger_ok):>9}",
            f"Accepted in this run    {drive.placed:>9,}   ended {drive.ended:,}"
            f" in {drive.seconds:.1f} s: {drive.orders_per_second} orders/s",
            f"Look at it              {settings.PORTAL_URL}{reverse('dashboard:orders')}",
        ]
        for reference, error in list(drive.refused.items())[:10]:
            lines.append(f"Refused {reference}: {error}")
        self._log("\n".join(lines))

    def _log(self, text: str) -> None:
        self.stderr.write(text)


def _word(is_fine: bool) -> str:
    return "yes" if is_fine else "NO"
