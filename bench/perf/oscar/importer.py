"""django-oscar imports the same products with its own ``CatalogueImporter``.

Runs in the peer's own interpreter. Its row is product, category and stock record; ours is more.
"""

from __future__ import annotations

import csv
import logging
import os
import sys
import time
import warnings
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3])
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.perf.oscar.settings"
warnings.simplefilter("ignore")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402

from bench.perf.bulk_rig import memory, sheets  # noqa: E402
from bench.perf.rig import contestant  # noqa: E402
from bench.perf.rig.contestant import Answer  # noqa: E402


def setup() -> Answer:
    """Make tables."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    return {"version": django.get_version()}


def run(tag: str, count: int, folder: str) -> Answer:
    """Import a file of ``count`` products with stock."""
    path = Path(folder) / f"oscar-{tag}.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        for row in sheets.rows("products", tag, count):
            number = row[0]
            kind, shelf = "Thing", row[6]
            writer.writerow([kind, shelf, number, row[2], row[4], "Main", number, "49.90", "100"])
    importer = get_class("partner.importers", "CatalogueImporter")(logging.getLogger("quiet"))
    held = memory.start_watch()
    with connection.cursor() as cursor:
        before = contestant.session_counters(cursor)
        cpu, wall = time.process_time(), time.perf_counter()
        importer.handle(str(path))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        after = contestant.session_counters(cursor)
    made = get_model("catalogue", "Product").objects.filter(upc__startswith=tag).count()
    if made != count:
        raise AssertionError(f"{made} of {count} products")
    path.unlink()
    return {
        "wall_s": wall,
        "cpu_s": cpu,
        "statements": after["Questions"] - before["Questions"],
        "grown_mib": memory.grown_mib(held),
    }


if __name__ == "__main__":
    contestant.serve({"setup": setup, "run": run})
