"""The double-entry ledger of every merchant, the dated fee rules, and what labels cost.

Why the balance is guarded twice. Without triggers no database can say "the rows of this group sum
to zero", so ``post_transactions`` declares the debit and credit total of every transaction and
currency in a row of its own whose CHECK refuses unequal totals: an unbalanced posting cannot commit
on any database. ``verify_ledger`` then compares the entries with these declared totals, which also
finds two wrong cents that cancel each other out. A transfer row with two accounts and one amount
would balance by construction, but a changed amount in it would leave no trace.

In production the application's database user gets INSERT and SELECT on the three ledger tables,
neither UPDATE nor DELETE (guarantee G14).
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.finance.states import AccountCode, FeeKind, Purpose, TransactionKind
from apps.markets.models import Market
from apps.merchants.models import Merchant
from apps.orders.models import Order


class ImmutableRowError(TypeError):
    """Somebody tried to change or delete a row that is written once."""


class WrittenOnceQuerySet(models.QuerySet[Any]):
    """Rows that are inserted and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise ImmutableRowError(f"{self.model._meta.label} rows are written once")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise ImmutableRowError(f"{self.model._meta.label} rows are never deleted")


class WrittenOnceManager(TenantManager.from_queryset(WrittenOnceQuerySet)):  # type: ignore[misc]
    """The rows of the open scope's merchant, which nobody changes."""


class WrittenOnce(models.Model):
    """A row that can be inserted and read, never changed or deleted."""

    class Meta:
        """Abstract."""

        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; refuse to change one."""
        if self.pk is not None:
            raise ImmutableRowError(f"{self._meta.label} {self.pk} is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise ImmutableRowError(f"{self._meta.label} {self.pk} is never deleted")


class LedgerAccount(models.Model):
    """One account of a merchant in one currency; its balance is the sum of its entries."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    code = ExactCharField(_("account"), max_length=24, choices=AccountCode)
    currency = models.CharField(_("currency"), max_length=3)

    objects = TenantManager()

    class Meta:
        """An account exists once per merchant and currency."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "currency", "code"], name="ledger_account_once"
            ),
        ]

    def __str__(self) -> str:
        """Return code and currency."""
        return f"{self.code} {self.currency}"


class LedgerTransaction(WrittenOnce):
    """One money movement: its entries sum to zero in every currency.

    ``reference`` names the fact it posts (``capture:ord_…``), so a fact is posted once. A reversal
    or release names the transaction it undoes or sets free in ``source``. ``facts`` holds the inputs:
    fee rules with their versions, bases and rates.
    """

    public_id = PublicIdField(prefix="txn")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    kind = ExactCharField(_("kind"), max_length=12, choices=TransactionKind)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="followers"
    )
    reference = ExactCharField(_("reference"), max_length=120, unique=True)
    occurred_at = models.DateTimeField(_("occurred"))
    posted_at = models.DateTimeField(_("posted"))
    facts = models.JSONField(default=dict)

    objects = WrittenOnceManager()

    class Meta:
        """Lists by merchant and moment, whole or of one kind."""

        indexes = [
            models.Index(fields=["merchant", "occurred_at", "id"], name="ledger_list"),
            models.Index(fields=["merchant", "kind", "occurred_at", "id"], name="ledger_kind_list"),
        ]

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference


class LedgerTotal(WrittenOnce):
    """The declared debits and credits of a transaction in one currency; they are equal."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    transaction = models.ForeignKey(
        LedgerTransaction, on_delete=models.PROTECT, related_name="totals"
    )
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    objects = WrittenOnceManager()

    class Meta:
        """Once per transaction and currency; debits equal credits."""

        constraints = [
            models.UniqueConstraint(fields=["transaction", "currency"], name="ledger_total_once"),
            models.CheckConstraint(
                condition=Q(debit_minor=F("credit_minor")), name="ledger_total_balances"
            ),
            models.CheckConstraint(condition=Q(debit_minor__gt=0), name="ledger_total_positive"),
        ]

    def __str__(self) -> str:
        """Return the total."""
        return f"{self.debit_minor} {self.currency}"


class LedgerEntry(WrittenOnce):
    """One side of a transaction: debits are positive, credits negative minor units."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    transaction = models.ForeignKey(
        LedgerTransaction, on_delete=models.PROTECT, related_name="entries"
    )
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+")
    purpose = ExactCharField(_("purpose"), max_length=12, choices=Purpose)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    objects = WrittenOnceManager()

    class Meta:
        """No empty entries; the index answers balances without touching the rows."""

        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_entry_not_zero")
        ]
        indexes = [models.Index(fields=["account", "amount_minor"], name="ledger_balance")]

    def __str__(self) -> str:
        """Return amount and purpose."""
        return f"{self.amount_minor} {self.currency} {self.purpose}"


class PostageCharge(models.Model):
    """What finance heard of a shipment's label: what it costs, since when, and whether it was voided.

    Filled from the journal in whatever order the news comes; postings are derived from it.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    shipment_id = ExactCharField(max_length=40, unique=True)
    postage_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="", blank=True)
    charged_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """Postage is never negative, and has a currency once it is charged."""

        constraints = [
            models.CheckConstraint(condition=Q(postage_minor__gte=0), name="postage_amount"),
            models.CheckConstraint(
                condition=Q(charged_at__isnull=True) | ~Q(currency=""), name="postage_currency"
            ),
        ]

    def __str__(self) -> str:
        """Return the shipment."""
        return self.shipment_id


class FeeRule(models.Model):
    """A fee from one day to another: a rate of its base plus a fixed amount.

    The commission's and the fulfilment fee's base is the items less the discounts the merchant pays
    (what the platform pays of a discount stays in the base), the payment fee's the order's total.
    ``rate`` is a decimal as text (``0.06``), because SQLite has no decimals. A fixed amount counts
    only for orders in its currency. A rule of a market goes before a general one. Days are UTC, the
    last one excluded.
    """

    code = ExactCharField(_("code"), max_length=60)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = ExactCharField(_("kind"), max_length=12, choices=FeeKind)
    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rate = ExactCharField(_("rate"), max_length=12, default="0")
    fixed_minor = models.BigIntegerField(_("fixed amount"), default=0)
    fixed_currency = models.CharField(_("currency"), max_length=3, default="", blank=True)
    effective_from = models.DateField(_("from"))
    effective_to = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        """A version of a rule exists once, lasts at least a day and charges nothing negative."""

        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="fee_rule_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
                name="fee_rule_span",
            ),
            models.CheckConstraint(condition=Q(fixed_minor__gte=0), name="fee_rule_fixed"),
            models.CheckConstraint(
                condition=Q(fixed_minor=0) | ~Q(fixed_currency=""), name="fee_rule_currency"
            ),
        ]
        indexes = [models.Index(fields=["kind", "effective_from"], name="fee_rule_dated")]

    def __str__(self) -> str:
        """Return code and version."""
        return f"{self.code} v{self.version}"
