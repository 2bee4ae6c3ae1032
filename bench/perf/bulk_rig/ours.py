"""Our importer: the services and the job that the pages use, with production settings."""

from __future__ import annotations

import resource
import sys
import time
from contextlib import ExitStack
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[3])

import django
from django.conf import settings


class _WithoutMigrations:
    """Tables are made straight from the models: the same schema in seconds, not a minute."""

    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


settings.MIGRATION_MODULES = _WithoutMigrations()
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from apps.imports import selectors, services  # noqa: E402
from apps.imports.models import ImportRun  # noqa: E402
from apps.imports.states import ImportStatus  # noqa: E402
from apps.inventory import services as inventory  # noqa: E402
from apps.inventory.models import Node  # noqa: E402
from apps.jobs import execution  # noqa: E402
from apps.jobs.models import Job  # noqa: E402
from apps.journal.actors import system_actor  # noqa: E402
from apps.markets.services import open_markets  # noqa: E402
from apps.merchants.models import Merchant  # noqa: E402
from bench.perf.bulk_rig import memory, sheets  # noqa: E402
from bench.perf.rig import contestant  # noqa: E402
from bench.perf.rig.contestant import Answer  # noqa: E402

ACTOR = system_actor("benchmark")


class Importer:
    """One company that imports sheets."""

    merchant: Merchant

    def setup(self) -> Answer:
        """Make tables, markets, a company and a place for stock."""
        call_command("migrate", run_syncdb=True, verbosity=0)
        open_markets()
        self.merchant = Merchant.objects.create(name="Benchmark Trading")
        with scope(merchant=self.merchant):
            inventory.create_node(
                self.merchant,
                code="MAIN",
                name="Main",
                kind=Node.Kind.MERCHANT_HUB,
                country="CN",
                actor=ACTOR,
                now=timezone.now(),
            )
        return {"version": django.get_version()}

    def run(self, kind: str, tag: str, count: int, folder: str, form: str = "csv") -> Answer:
        """Import one sheet of ``count`` rows: read, check, apply; returns seconds of each."""
        path = Path(folder) / f"{kind}-{tag}.{form}"
        if form == "xlsx":
            self._write_workbook(path, kind, tag, count)
        else:
            sheets.write_csv(path, kind, tag, count)
        with ExitStack() as stack:
            stack.enter_context(scope(merchant=self.merchant))
            file = stack.enter_context(path.open("rb"))
            cursor = stack.enter_context(connection.cursor())
            held = memory.start_watch()
            before = contestant.session_counters(cursor)
            cpu, clock = time.process_time(), [time.perf_counter()]
            run = services.upload(
                file,
                path.stat().st_size,
                path.name,
                kind=kind,
                merchant=self.merchant,
                actor=ACTOR,
                now=timezone.now(),
            )
            if run.status == ImportStatus.READING:
                self._work(run)
                run.refresh_from_db()
            clock.append(time.perf_counter())
            columns, mark, _known = selectors.suggest_columns(run)
            services.set_columns(
                run, columns, decimal_mark=mark, language="en", actor=ACTOR, now=timezone.now()
            )
            self._work(run)
            clock.append(time.perf_counter())
            services.start_apply(run, language="en", actor=ACTOR, now=timezone.now())
            self._work(run)
            clock.append(time.perf_counter())
            cpu = time.process_time() - cpu
            after = contestant.session_counters(cursor)
        self._must_be_done(run, count)
        path.unlink()
        return {
            "read_s": clock[1] - clock[0],
            "check_s": clock[2] - clock[1],
            "apply_s": clock[3] - clock[2],
            "cpu_s": cpu,
            "statements": after["Questions"] - before["Questions"],
            "grown_mib": memory.grown_mib(held),
            "reader_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }

    def _work(self, run: ImportRun) -> None:
        run.refresh_from_db()
        execution.run_job(Job.objects.get(public_id=run.job_id).pk, now=timezone.now())

    def _must_be_done(self, run: ImportRun, count: int) -> None:
        run.refresh_from_db()
        if (run.status, run.made_count) != ("applied", count):
            raise AssertionError(f"{run.status}, {run.made_count} of {count} rows")

    def _write_workbook(self, path: Path, kind: str, tag: str, count: int) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet(kind)
        sheet.append(sheets.HEADERS[kind])
        for row in sheets.rows(kind, tag, count):
            sheet.append(row)
        book.save(path)


if __name__ == "__main__":
    importer = Importer()
    contestant.serve({"setup": importer.setup, "run": importer.run})
