"""Kinds of money movements, accounts and fees."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TransactionKind(models.TextChoices):
    """What a transaction does. The first four are movements of an order, the others follow one."""

    CAPTURE = "capture", _("Sale")
    ADJUSTMENT = "adjustment", _("Order changed")
    FEES = "fees", _("Fees")
    POSTAGE = "postage", _("Postage")
    REVERSAL = "reversal", _("Taken back")
    RELEASE = "release", _("Set free")


# What a merchant reads as one line of money; a release only says when such a line became free.
MOVEMENTS = (
    TransactionKind.CAPTURE,
    TransactionKind.ADJUSTMENT,
    TransactionKind.FEES,
    TransactionKind.POSTAGE,
    TransactionKind.REVERSAL,
)


class AccountCode(models.TextChoices):
    """The accounts of a merchant in each currency.

    ``clearing`` is the buyers' money the platform holds (a debit balance). ``pending`` and
    ``payable`` are owed to the merchant, ``carriers`` to carriers; the fee accounts are what the
    platform earned (credit balances), ``subsidies`` what it pays of promotions (a debit balance).
    """

    CLEARING = "clearing", _("Buyers' money")
    PENDING = "pending", _("Pending")
    PAYABLE = "payable", _("Payable")
    COMMISSION = "commission", _("Platform fees")
    PAYMENT = "payment", _("Payment fees")
    FULFILMENT = "fulfilment", _("Fulfilment fees")
    CARRIERS = "carriers", _("Carriers")
    SUBSIDIES = "subsidies", _("Discounts paid by the platform")


OWED_TO_MERCHANT = (AccountCode.PENDING, AccountCode.PAYABLE)


class Purpose(models.TextChoices):
    """Why an entry exists: the line of "what you keep" it belongs to."""

    BUYER = "buyer", _("Paid by buyer")
    ITEMS = "items", _("Items")
    SHIPPING = "shipping", _("Shipping paid by buyer")
    DISCOUNT = "discount", _("Discounts")
    SUBSIDY = "subsidy", _("Discounts paid by the platform")
    COMMISSION = "commission", _("Platform fee")
    PAYMENT = "payment", _("Payment fee")
    FULFILMENT = "fulfilment", _("Fulfilment fee")
    POSTAGE = "postage", _("Label")
    RELEASE = "release", _("Set free")


class FeeKind(models.TextChoices):
    """Fees of the dated rules; each is its own purpose and account."""

    COMMISSION = "commission", _("Platform fee")
    PAYMENT = "payment", _("Payment fee")
    FULFILMENT = "fulfilment", _("Fulfilment fee")


REQUIRED_FEES = (FeeKind.COMMISSION, FeeKind.PAYMENT)
