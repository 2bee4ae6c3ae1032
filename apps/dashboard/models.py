"""What a person has seen of the notifications."""

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
