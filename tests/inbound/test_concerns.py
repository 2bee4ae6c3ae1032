"""What needs the company: differences without an answer and missed appointments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.inbound.concerns import find_waiting

pytestmark = pytest.mark.django_db


def test_both_are_found_in_one_statement(dock, django_assert_num_queries):
    late = dock.ship("in_transit")
    short = dock.ship()
    dock.scan(short, 50)
    dock.finish(short)
    after = late.appointment_at + timedelta(hours=1)

    with django_assert_num_queries(1):
        differs, missed = find_waiting(dock.merchant, after)

    assert (differs.count, differs.subject) == (1, f"differs:{short.public_id}")
    assert (missed.count, missed.subject) == (1, f"missed:{late.public_id}")
    assert (missed.name, missed.at) == (late.reference, late.appointment_at)


def test_in_time_and_within_tolerance_nobody_is_asked(dock):
    dock.ship("appointed")
    fine = dock.ship()
    dock.scan(fine, 98)
    dock.finish(fine)

    assert find_waiting(dock.merchant, dock.now) == []
