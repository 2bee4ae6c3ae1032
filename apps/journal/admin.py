"""The journal in the Django admin: the audit trail, and dead letters with their replay."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.admin import PortalAdmin, PortalInline
from apps.common.clock import utc_now
from apps.journal import services
from apps.journal.actors import Actor
from apps.journal.chain import audit_columns
from apps.journal.models import ChainAnchor, ChainHead, JournalEntry, Receipt
from apps.journal.rules import link_hash

REPLAY_LIMIT = 500


class ReceiptInline(PortalInline[Receipt]):
    """What receivers did with an entry."""

    model = Receipt
    fields = ("receiver", "state", "attempts", "next_attempt_at", "error")


@admin.register(JournalEntry)
class JournalEntryAdmin(PortalAdmin[JournalEntry]):
    """Facts that happened; never changed."""

    list_display = (
        "public_id",
        "event",
        "subject_id",
        "actor",
        "tenant_id",
        "state",
        "occurred_at",
    )
    list_filter = ("state",)
    search_fields = ("=public_id", "=subject_id")
    search_help_text = "jrn_… / ord_…"
    readonly_fields = ("chain_state",)
    inlines = (ReceiptInline,)

    @admin.display(description=gettext_lazy("chain"))
    def chain_state(self, obj: JournalEntry) -> str:
        """Say whether the entry still has the hash it was chained with."""
        if obj.chain_number is None:
            return _("not chained yet")
        is_intact = obj.hash == link_hash(obj.previous_hash, audit_columns(obj))
        return _("intact") if is_intact else _("ALTERED after it was recorded")


@admin.register(Receipt)
class ReceiptAdmin(PortalAdmin[Receipt]):
    """Inbox rows of receivers; the dead ones wait for a person."""

    list_display = ("receiver", "entry", "state", "attempts", "next_attempt_at", "updated_at")
    list_filter = ("state", "receiver")
    list_select_related = ("entry",)
    search_fields = ("=entry__public_id", "=entry__subject_id")
    search_help_text = "jrn_… / ord_…"
    actions = ("replay",)

    @admin.action(description=gettext_lazy("Replay dead letters"), permissions=["operate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Receipt]) -> None:
        """Give the dead ones among the selected rows another round of attempts."""
        ident = str(getattr(request.user, "public_id", request.user.pk))
        dead = queryset.filter(state=Receipt.State.DEAD).values_list("pk", flat=True)
        replayed = 0
        for receipt_id in list(dead[:REPLAY_LIMIT]):
            services.replay_dead_letter(receipt_id, actor=Actor("user", ident), now=utc_now())
            replayed += 1
        messages.success(request, _("%(count)d dead letters are replayed.") % {"count": replayed})


@admin.register(ChainHead)
class ChainHeadAdmin(PortalAdmin[ChainHead]):
    """Heads of the chains."""

    list_display = ("tenant_id", "chain_number", "hash")
    search_fields = ("=tenant_id",)


@admin.register(ChainAnchor)
class ChainAnchorAdmin(PortalAdmin[ChainAnchor]):
    """Daily copies of the heads."""

    list_display = ("anchored_on", "tenant_id", "chain_number", "hash")
    search_fields = ("=tenant_id", "=anchored_on")
