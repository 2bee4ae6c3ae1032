"""Multi-row statements: what they write is what the ORM would have written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common import bulk
from apps.jobs.models import Deadline, Job

pytestmark = pytest.mark.django_db


def _names() -> list[str]:
    return [item.attname for item in Deadline._meta.concrete_fields]


def _deadline(subject: str, **more: object) -> Deadline:
    made: Deadline = Deadline.objects.create(kind="tests", subject_id=subject, **more)
    return made


def test_columns_that_are_not_named_get_their_defaults(now):
    rows = [(f"d{number}", "tests", now) for number in range(3)]

    names, whole = bulk.with_defaults(Deadline, ("subject_id", "kind", "due_at"), rows)
    bulk.insert_rows(Deadline, names, whole)

    made = Deadline.objects.order_by("pk")
    assert list(made.values_list("subject_id", "due_at", "tenant_id", "attempts", "done_at")) == [
        (f"d{number}", now, 0, 0, None) for number in range(3)
    ]


def test_rows_are_overwritten_in_the_named_columns_only(now):
    first, second = (_deadline(name, due_at=now, outcome="old") for name in ("a", "b"))
    rows = []
    for item, attempts in ((first, 3), (second, 4)):
        item.attempts, item.outcome = attempts, "not to be written"
        rows.append(tuple(getattr(item, name) for name in _names()))

    with CaptureQueriesContext(connection) as statements:
        bulk.overwrite_rows(Deadline, _names(), rows, changing=["attempts"])

    assert len(statements) == 1
    found = Deadline.objects.order_by("subject_id").values_list("subject_id", "attempts", "outcome")
    assert list(found) == [("a", 3, "old"), ("b", 4, "old")]


def test_nothing_to_overwrite_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.overwrite_rows(Deadline, _names(), [], changing=["attempts"])


def test_missing_rows_are_inserted_and_known_ones_left_alone(now):
    _deadline("a", due_at=now, outcome="kept")
    names, rows = bulk.with_defaults(
        Deadline, ("subject_id", "kind", "due_at"), [("a", "tests", now), ("b", "tests", now)]
    )

    bulk.insert_missing_rows(Deadline, names, rows)

    found = Deadline.objects.order_by("subject_id").values_list("subject_id", "outcome")
    assert list(found) == [("a", "kept"), ("b", "")]


def test_threads_that_share_the_adapter_of_moments_keep_their_own(now):
    adapt = bulk._datetime_adapter()
    moments = [now + timedelta(seconds=number) for number in range(8)]
    wanted = {moment: connection.ops.adapt_datetimefield_value(moment) for moment in moments}

    def work(moment: datetime) -> bool:
        return all(adapt(moment) == wanted[moment] for _round in range(3000))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, moments))


def test_ids_are_ulids_in_the_order_of_time():
    made = [Job().public_id for _number in range(50)]

    assert all(len(item) == len("job_") + 26 for item in made)
    assert not set("".join(item[4:] for item in made)) & set("ILOUilou")
    assert [item[:14] for item in made] == sorted(item[:14] for item in made)
