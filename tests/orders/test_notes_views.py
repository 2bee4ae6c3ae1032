"""Notes on orders and saved views of the list."""

from __future__ import annotations

import pytest

from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from apps.orders.models import OrderNote, SavedView
from apps.orders.services import notes, views
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def test_note_is_kept_with_its_writer_and_the_journal_does_not_quote_it(scoped, actor, now):
    order = make_order(scoped, now=now)

    notes.add_note(order, text="  Call the buyer  ", actor=actor, now=now)

    note = OrderNote.objects.get()
    assert (note.text, note.written_by_name, note.written_by) == (
        "Call the buyer",
        "Lin Yuan",
        "user:usr_TEST",
    )
    entry = JournalEntry.objects.get(event="order.note_added")
    assert (entry.subject_id, entry.payload) == (order.public_id, {"number": order.number})


@pytest.mark.parametrize("text", ["   ", "x" * 2001])
def test_empty_or_overlong_note_is_refused(scoped, actor, now, text):
    order = make_order(scoped, now=now)

    with pytest.raises(DomainError) as caught:
        notes.add_note(order, text=text, actor=actor, now=now)

    assert (caught.value.status, set(caught.value.fields)) == (422, {"text"})
    assert OrderNote.objects.count() == 0


def _save(merchant, actor, now, **changes):
    facts = {"owner_id": "usr_A", "name": "EU", "query": "market=DE", "is_shared": False}
    return views.save_view(merchant, **{**facts, **changes}, actor=actor, now=now)


def test_view_of_the_same_name_is_replaced(scoped, actor, now):
    first = _save(scoped, actor, now)
    second = _save(scoped, actor, now, query="market=FR", is_shared=True)

    assert first.pk == second.pk
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("EU", "market=FR", True)


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": "  "}, "name"), ({"query": "q=" + "x" * 500}, "query")]
)
def test_unusable_view_is_refused(scoped, actor, now, changes, field):
    with pytest.raises(DomainError) as caught:
        _save(scoped, actor, now, **changes)

    assert (caught.value.status, set(caught.value.fields)) == (422, {field})
    assert SavedView.objects.count() == 0


def test_a_person_keeps_thirty_views(scoped, actor, now):
    for number in range(30):
        _save(scoped, actor, now, name=f"View {number}")

    with pytest.raises(DomainError):
        _save(scoped, actor, now, name="One more")
    _save(scoped, actor, now, name="View 3", query="q=1")

    assert SavedView.objects.count() == 30


def test_only_the_owner_deletes_a_view(scoped, actor, now):
    view = _save(scoped, actor, now, is_shared=True)

    with pytest.raises(DomainError) as caught:
        views.delete_view(view, owner_id="usr_B", actor=actor, now=now)
    assert caught.value.status == 403
    views.delete_view(view, owner_id="usr_A", actor=actor, now=now)

    assert SavedView.objects.count() == 0
    assert JournalEntry.objects.filter(event="orders.view_deleted").count() == 1
