"""The ledger and its fee rules in the Django admin; nothing here can be changed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.common.admin import PortalAdmin, PortalInline
from apps.common.formatting import format_money
from apps.finance.models import FeeRule, LedgerAccount, LedgerEntry, LedgerTransaction


class LedgerEntryInline(PortalInline[LedgerEntry]):
    """The sides of a transaction."""

    model = LedgerEntry
    fields = ("account", "purpose", "amount_minor", "currency")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(PortalAdmin[LedgerTransaction]):
    """Transactions."""

    list_display = ("public_id", "kind", "order", "merchant", "reference", "occurred_at")
    list_filter = ("kind",)
    list_select_related = ("order", "merchant")
    search_fields = ("=public_id", "=order__public_id", "=merchant__public_id", "=reference")
    search_help_text = "txn_… / ord_… / mer_… / reference"
    inlines = (LedgerEntryInline,)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(PortalAdmin[LedgerEntry]):
    """Sides of transactions."""

    list_display = ("transaction", "account", "purpose", "amount", "merchant")
    list_filter = ("purpose", "currency")
    list_select_related = ("transaction", "account", "merchant")
    search_fields = ("=transaction__public_id", "=merchant__public_id")
    search_help_text = "txn_… / mer_…"

    @admin.display(description=_("amount"))
    def amount(self, obj: LedgerEntry) -> str:
        """Show the amount with its sign."""
        return str(format_money(obj.amount_minor, obj.currency, sign=True))


@admin.register(LedgerAccount)
class LedgerAccountAdmin(PortalAdmin[LedgerAccount]):
    """Accounts."""

    list_display = ("merchant", "code", "currency")
    list_filter = ("code", "currency")
    list_select_related = ("merchant",)
    search_fields = ("=merchant__public_id",)
    search_help_text = "mer_…"


@admin.register(FeeRule)
class FeeRuleAdmin(PortalAdmin[FeeRule]):
    """Dated fees."""

    list_display = ("code", "version", "kind", "market", "rate", "effective_from", "effective_to")
    list_filter = ("kind",)
    list_select_related = ("market",)
    search_fields = ("=code",)
