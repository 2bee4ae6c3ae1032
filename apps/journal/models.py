"""The journal: audit and outbox in one row, its chain, and what receivers did with it."""

from __future__ import annotations

from django.db import models

from apps.common.models import ExactCharField, PublicIdField


class JournalEntry(models.Model):
    """One fact that happened, written in the transaction that made it true.

    The columns up to ``recorded_at`` are never changed. The relay fills the chain columns once and
    keeps the delivery columns. ``tenant_id`` is the merchant's primary key, 0 for facts of the
    platform itself; the journal lies below the merchants and so holds no foreign key to them.
    """

    class State(models.IntegerChoices):
        """Where the entry is on its way to its receivers."""

        NEW = 0, "new"
        SENT = 1, "sent"
        DONE = 2, "done"
        DEAD = 3, "dead"

    public_id = PublicIdField(prefix="jrn")
    tenant_id = models.BigIntegerField(default=0)
    event = ExactCharField(max_length=64)
    subject_type = ExactCharField(max_length=40)
    subject_id = ExactCharField(max_length=40)
    actor = ExactCharField(max_length=80)
    payload = models.JSONField(default=dict)
    request_id = ExactCharField(max_length=64, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    chain_number = models.BigIntegerField(null=True)
    previous_hash = models.CharField(max_length=64, default="")
    hash = models.CharField(max_length=64, default="")

    state = models.PositiveSmallIntegerField(choices=State, default=State.NEW)
    pending_count = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """One number per tenant chain; indexes of the relay, of a subject and of the audit log."""

        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "chain_number"], name="journal_chain_number"
            )
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at", "id"], name="journal_relay"),
            models.Index(fields=["subject_id", "id"], name="journal_subject"),
            models.Index(fields=["tenant_id", "event", "id"], name="journal_tenant_event"),
        ]

    def __str__(self) -> str:
        """Return event and subject."""
        return f"{self.event} {self.subject_id}"


class ChainHead(models.Model):
    """The last link of one tenant's chain; locking it orders the relays of that tenant."""

    tenant_id = models.BigIntegerField(unique=True)
    chain_number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        """Return tenant and number."""
        return f"{self.tenant_id}:{self.chain_number}"


class ChainAnchor(models.Model):
    """A day's copy of a chain's head, kept apart so that a rewritten chain is noticed."""

    tenant_id = models.BigIntegerField()
    anchored_on = models.DateField()
    chain_number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        """One anchor per tenant and day."""

        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "anchored_on"], name="journal_anchor_day")
        ]


class Receipt(models.Model):
    """What one receiver did with one entry: the inbox row, the retry row and the dead letter."""

    class State(models.IntegerChoices):
        """Outcome so far."""

        DONE = 0, "done"
        FAILED = 1, "failed, will be tried again"
        DEAD = 2, "dead letter"

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="receipts")
    receiver = ExactCharField(max_length=64)
    state = models.PositiveSmallIntegerField(choices=State, default=State.DONE)
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.TextField(default="", blank=True)
    next_attempt_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One row per entry and receiver."""

        constraints = [
            models.UniqueConstraint(fields=["entry", "receiver"], name="journal_receipt_once")
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="journal_receipt_due")]

    def __str__(self) -> str:
        """Return receiver and state."""
        return f"{self.receiver} {self.get_state_display()}"
