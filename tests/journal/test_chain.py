"""The audit chain: nobody alters, removes or moves an entry unnoticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from apps.journal import chain, relay
from apps.journal import services as journal
from apps.journal.models import ChainHead, JournalEntry
from tests.journal.test_relay import MemoryPublisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(merchant, stranger, actor, now):
    for n in range(4):
        for owner in (merchant, stranger):
            with transaction.atomic():
                fact = journal.Fact("test.said", "thing", f"thg_{n}", {"text": "蓝牙 ü", "n": n})
                journal.record_many([fact], tenant_id=owner.pk, actor=actor, now=now)
    relay.relay_new(MemoryPublisher(), now=now)
    return list(JournalEntry.objects.filter(tenant_id=merchant.pk).order_by("chain_number"))


def problems(merchant):
    return [(fault.chain_number, fault.problem) for fault in chain.find_faults(merchant.pk)]


def test_untouched_chains_hold(entries, merchant, stranger, capsys):
    assert problems(merchant) == []
    assert problems(stranger) == []

    call_command("verify_journal")

    assert capsys.readouterr().out == "2 chains, 8 entries: every link holds\n"


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {"text": "蓝牙 ü", "n": 7}},
        {"actor": "user:usr_OTHER"},
        {"event": "test.denied"},
        {"subject_id": "thg_9"},
    ],
)
def test_an_altered_entry_is_named(entries, merchant, change):
    JournalEntry.objects.filter(pk=entries[1].pk).update(**change)

    assert problems(merchant) == [(2, "was altered after it was recorded")]


def test_a_changed_time_is_noticed(entries, merchant):
    moved = entries[2].occurred_at + timedelta(microseconds=1)
    JournalEntry.objects.filter(pk=entries[2].pk).update(occurred_at=moved)

    assert problems(merchant) == [(3, "was altered after it was recorded")]


def test_a_removed_entry_is_noticed(entries, merchant):
    JournalEntry.objects.filter(pk=entries[1].pk).delete()

    assert problems(merchant) == [
        (2, "number 2 is missing"),
        (2, "does not continue the entry before it"),
    ]


def test_a_removed_last_entry_is_noticed(entries, merchant):
    JournalEntry.objects.filter(pk=entries[3].pk).delete()

    assert problems(merchant) == [(3, "the chain ends before its recorded head")]


def test_a_chain_rewritten_as_a_whole_differs_from_its_anchor(entries, merchant, now):
    chain.anchor_heads(now.date())
    JournalEntry.objects.filter(pk=entries[0].pk).update(actor="user:usr_OTHER")
    head = ChainHead.objects.get(tenant_id=merchant.pk)
    head.chain_number, head.hash = 0, ""
    rewritten = list(JournalEntry.objects.filter(tenant_id=merchant.pk).order_by("id"))
    chain.link(head, rewritten)
    JournalEntry.objects.bulk_update(rewritten, ["hash", "previous_hash", "chain_number"])
    head.save()

    assert problems(merchant) == [(4, "differs from the anchor of its day")]


def test_the_command_fails_on_a_fault(entries, merchant):
    JournalEntry.objects.filter(pk=entries[1].pk).update(actor="user:usr_OTHER")

    with pytest.raises(CommandError, match="1 faults in 2 chains, 8 entries"):
        call_command("verify_journal")
