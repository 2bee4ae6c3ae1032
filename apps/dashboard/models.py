"""What a person has seen of the notifications, and how they want their lists."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.common.models import ExactCharField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class InboxMark(models.Model):
    """A person read a notification at a moment; when it grows afterwards it is unread again."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = ExactCharField(max_length=80)
    seen_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """One mark per person, company and notification."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "user", "key"], name="inbox_mark_once")
        ]

    def __str__(self) -> str:
        """Return the key."""
        return self.key


class ListChoice(models.Model):
    """How a person wants the order list of a company: its columns, and the view it opens with.

    ``columns`` are names in their order, apart by commas; empty means all. ``start_query`` is the
    query string the bare address stands for; empty means the open orders.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = ExactCharField(max_length=120, default="", blank=True)
    start_query = models.CharField(max_length=500, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """One row per person and company."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "user"], name="list_choice_once")
        ]

    def __str__(self) -> str:
        """Return the columns."""
        return self.columns
