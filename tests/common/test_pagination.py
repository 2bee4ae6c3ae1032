"""Keyset pages show every row once, forwards and backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.common.errors import DomainError
from apps.common.pagination import paginate
from apps.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(now):
    rows = [
        JournalEntry(event="e", subject_id=str(n), occurred_at=now + timedelta(hours=n // 3))
        for n in range(10)
    ]
    JournalEntry.objects.bulk_create(rows)


def page(cursor="", **options):
    return paginate(JournalEntry.objects.all(), key="occurred_at", cursor=cursor, size=4, **options)


def numbers(result):
    return [int(row.subject_id) for row in result.rows]


def test_pages_walk_forwards_through_equal_keys(entries):
    first = page()
    second = page(first.next_cursor)
    third = page(second.next_cursor)

    assert [numbers(item) for item in (first, second, third)] == [
        [9, 8, 7, 6],
        [5, 4, 3, 2],
        [1, 0],
    ]
    assert (first.previous_cursor, third.next_cursor) == ("", "")


def test_pages_walk_back(entries):
    first = page()
    second = page(first.next_cursor)

    back = page(second.previous_cursor)

    assert numbers(back) == [9, 8, 7, 6]
    assert back.previous_cursor == ""
    assert numbers(page(back.next_cursor)) == [5, 4, 3, 2]


def test_ascending_pages(entries):
    first = page(descending=False)

    assert numbers(first) == [0, 1, 2, 3]
    assert numbers(page(first.next_cursor, descending=False)) == [4, 5, 6, 7]


def test_one_statement_a_page(entries, django_assert_num_queries):
    cursor = page().next_cursor
    with django_assert_num_queries(1):
        page(cursor)


def test_no_rows(db):
    assert page() == page()
    assert numbers(page()) == []


@pytest.mark.parametrize("cursor", ["%%%", "bm90anNvbg", "WzEsMl0", "WyJ4IiwxLGZhbHNlXQ", "é"])
def test_a_damaged_cursor_is_refused(entries, cursor):
    with pytest.raises(DomainError) as caught:
        page(cursor)

    assert (caught.value.code, caught.value.status) == ("pagination.bad_cursor", 400)
