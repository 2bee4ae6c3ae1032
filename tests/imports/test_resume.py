"""A worker that dies between or inside chunks: the next one goes on, nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import IntegrityError

from apps.catalog.models import Product, Variant
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.imports import services
from apps.imports.models import ImportChunk, ImportRun
from apps.imports.planning.products import ProductPlanner
from apps.imports.reading import rows as reading
from apps.imports.states import ImportStatus
from apps.jobs import execution
from apps.jobs.models import Job
from apps.journal.models import JournalEntry
from tests.imports.conftest import issues_of

HEADER = ["sku", "product", "title"]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 10)


def _sheet(count: int) -> list[list[str]]:
    return [HEADER, *([f"S-{number:03}", "", f"Lamp {number}"] for number in range(count))]


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_around_its_third_chunk_is_followed(desk, monkeypatch, when):
    run = desk.check("products", _sheet(45))
    desk.start_apply(run)
    write, calls = ProductPlanner.write, []

    def dying(self, plan, **facts):
        calls.append(1)
        if len(calls) == 3 and when == "before":
            raise Killed
        done = write(self, plan, **facts)
        if len(calls) == 3:
            raise Killed
        return done

    run.refresh_from_db()
    job = Job.objects.get(public_id=run.job_id)
    with monkeypatch.context() as patched:
        patched.setattr(ProductPlanner, "write", dying)
        with pytest.raises(Killed):
            execution.run_job(job.pk, now=utc_now())
    run.refresh_from_db()
    assert (run.status, run.applied_rows, Variant.objects.count()) == ("applying", 20, 20)

    # The lease of the dead worker runs out; the sweep gives the job to another.
    execution.run_job(job.pk, now=utc_now() + execution.LEASE * 2)

    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.status, run.made_count, run.refused_count) == (ImportStatus.APPLIED, 45, 0)
    assert (job.status, job.done_count) == (Job.Status.DONE, 45)
    assert Variant.objects.count() == Product.objects.count() == 45
    assert JournalEntry.objects.filter(event="product.created").count() == 45
    assert list(
        ImportChunk.objects.order_by("first_row").values_list("first_row", "row_count")
    ) == [
        (0, 10),
        (10, 10),
        (20, 10),
        (30, 10),
        (40, 5),
    ]


def test_an_import_can_be_undone_after_it_was_stopped(desk):
    run = desk.check("products", _sheet(25))
    desk.start_apply(run)
    run.refresh_from_db()
    job = Job.objects.get(public_id=run.job_id)
    job.is_cancel_requested = True
    job.save()
    execution.run_job(job.pk, now=utc_now())

    run = desk.undo(run)

    assert run.status == ImportStatus.UNDONE
    assert Variant.objects.count() == 0


def test_undo_that_died_goes_on_where_it_stopped(desk, monkeypatch):
    run = desk.apply("products", _sheet(30))
    services.start_undo(run, language="en", actor=desk.actor, now=utc_now())
    undo, calls = ProductPlanner.undo, []

    def dying(self, facts, **more):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return undo(self, facts, **more)

    run.refresh_from_db()
    job = Job.objects.get(public_id=run.job_id)
    with monkeypatch.context() as patched:
        patched.setattr(ProductPlanner, "undo", dying)
        with pytest.raises(Killed):
            execution.run_job(job.pk, now=utc_now())
    assert Variant.objects.count() == 20

    execution.run_job(job.pk, now=utc_now() + execution.LEASE * 2)

    run.refresh_from_db()
    assert (run.status, run.restored_count, Variant.objects.count()) == ("undone", 30, 0)


def test_a_row_that_a_service_refuses_does_not_stop_the_others(desk, monkeypatch):
    run = desk.check("products", _sheet(10))
    desk.start_apply(run)
    write = ProductPlanner.write

    def refusing(self, plan, **facts):
        if any(item.values["sku"] == "S-007" for item in plan.new):
            raise DomainError("tests.no", "Not this one.", status=422)
        return write(self, plan, **facts)

    monkeypatch.setattr(ProductPlanner, "write", refusing)
    run = desk.work(run)

    assert (run.made_count, run.refused_count) == (9, 1)
    assert issues_of(run, "apply") == [(9, "", "refused")]
    assert not Variant.objects.filter(sku="S-007").exists()


def test_a_sku_that_somebody_made_meanwhile_is_looked_at_again(desk, monkeypatch):
    run = desk.check("products", _sheet(3))
    desk.start_apply(run)
    write, calls = ProductPlanner.write, []

    def once_taken(self, plan, **facts):
        calls.append(1)
        if len(calls) == 1:
            raise IntegrityError("duplicate")
        return write(self, plan, **facts)

    monkeypatch.setattr(ProductPlanner, "write", once_taken)
    run = desk.work(run)

    assert (run.made_count, run.refused_count, len(calls)) == (3, 0, 2)


def test_two_clicks_start_one_job(desk):
    run = desk.check("products", _sheet(3))
    desk.start_apply(run)

    with pytest.raises(DomainError) as refused:
        desk.start_apply(run)

    assert refused.value.code == "imports.wrong_step"
    assert Job.objects.filter(kind="imports.apply").count() == 1
    assert ImportRun.objects.get().status == ImportStatus.APPLYING


_WORKER = """
import os, sys
sys.path.insert(0, {root!r})
os.environ["DJANGO_SETTINGS_MODULE"] = "globalselling.settings.test"
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = {media!r}
from apps.common.clock import utc_now
from apps.imports.reading import rows
from apps.jobs import execution
from apps.imports.services import applying
rows.CHUNK = 10
once, calls = applying._apply_once, []
def counted(*args, **more):
    calls.append(1)
    if len(calls) == 3:
        os.kill(os.getpid(), {signal})
    return once(*args, **more)
applying._apply_once = counted
execution.run_job({job}, now=utc_now())
"""


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_with_signal_nine_is_followed(desk, settings):
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite" and "memory" in str(database["NAME"]):
        pytest.skip("another process cannot see a database in memory")
    run = desk.check("products", _sheet(45))
    desk.start_apply(run)
    run.refresh_from_db()
    job = Job.objects.get(public_id=run.job_id)
    url = f"mysql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    script = _WORKER.format(
        root=str(settings.BASE_DIR),
        job=job.pk,
        signal=int(signal.SIGKILL),
        media=str(settings.MEDIA_ROOT),
    )
    worker = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "DATABASE_URL": f"{url}/{database['NAME']}",
        },
        check=False,
        timeout=60,
    )
    assert worker.returncode == -signal.SIGKILL
    run.refresh_from_db()
    assert (run.applied_rows, Variant.objects.count()) == (20, 20)

    execution.run_job(job.pk, now=utc_now() + execution.LEASE * 2)

    run.refresh_from_db()
    assert (run.status, run.made_count) == (ImportStatus.APPLIED, 45)
    assert Variant.objects.count() == Product.objects.count() == 45
