"""What was changed about an order after it was placed: changes, requests to cancel, paused clocks."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant
from apps.orders.states import ChangeKind, Party, RequestStatus


class OrderChange(models.Model):
    """One change of an order's content, with what it did to the amounts. Rows are never changed.

    The amounts are minor units of the order's currency, negative where the order became smaller;
    ``platform_minor`` is the platform's part of ``discount_minor``. ``was_captured`` says that the
    order was confirmed, so the ledger has the sale already and posts the difference. ``details``
    holds what stood there before: positions, SKUs, units, never personal data.
    """

    public_id = PublicIdField(prefix="chg")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="changes")
    kind = ExactCharField(_("kind"), max_length=16, choices=ChangeKind)
    code = ExactCharField(_("reason"), max_length=24, default="", blank=True)
    note = models.CharField(_("note"), max_length=300, default="", blank=True)
    other = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="+")
    items_minor = models.BigIntegerField(default=0)
    shipping_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    platform_minor = models.BigIntegerField(default=0)
    was_captured = models.BooleanField(default=False)
    details = models.JSONField(default=dict)
    made_by = ExactCharField(max_length=80)
    made_at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        """Read by order, in time order."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ChangeKind.values), name="order_change_kind"
            )
        ]
        indexes = [models.Index(fields=["order", "id"], name="order_change_list")]

    def __str__(self) -> str:
        """Return kind and order."""
        return f"{self.kind} {self.order_id}"

    @property
    def total_minor(self) -> int:
        """What the change did to what the buyer pays; negative is money that goes back."""
        return self.items_minor + self.shipping_minor - self.discount_minor


class CancelRequest(models.Model):
    """Somebody's wish to cancel an order, which the merchant answers by ``answer_by_at``.

    Without an answer the wish is granted by itself. An order has one open request at most:
    ``open_order`` is the order while the request is open (MariaDB has no conditional unique
    constraint).
    """

    public_id = PublicIdField(prefix="crq")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="cancel_requests"
    )
    open_order = NullableExactCharField(max_length=32, unique=True)
    party = ExactCharField(_("who asks"), max_length=10, choices=Party)
    code = ExactCharField(_("reason"), max_length=24)
    note = models.CharField(_("note"), max_length=300, default="", blank=True)
    status = ExactCharField(
        _("status"), max_length=10, choices=RequestStatus, default=RequestStatus.OPEN
    )
    asked_by = ExactCharField(max_length=80)
    asked_at = models.DateTimeField(_("asked"))
    answer_by_at = models.DateTimeField(_("answer by"))
    answered_by = ExactCharField(max_length=80, default="", blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer_note = models.CharField(max_length=300, default="", blank=True)

    objects = TenantManager()

    class Meta:
        """Open exactly while nobody answered; lists of what waits."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status=RequestStatus.OPEN, answered_at__isnull=True, open_order__isnull=False
                )
                | (
                    ~models.Q(status=RequestStatus.OPEN)
                    & models.Q(answered_at__isnull=False, open_order__isnull=True)
                ),
                name="cancel_request_open",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "status", "answer_by_at"], name="cancel_request_due")
        ]

    def __str__(self) -> str:
        """Return who asks and the order."""
        return f"{self.party} {self.order_id}"


class DeadlinePause(models.Model):
    """A span in which an order's ship-by clock stood still, and the working time it gave back.

    ``subject`` is what keeps it still (a hold's outward id), ``open_order`` the order while the
    clock stands. ``moved_s`` is the working time between start and end in seconds, by which
    ship-by and automatic cancellation moved.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="pauses")
    open_order = NullableExactCharField(max_length=32, unique=True)
    reason = ExactCharField(max_length=32)
    subject = ExactCharField(max_length=32, default="", blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    moved_s = models.BigIntegerField(default=0)

    objects = TenantManager()

    class Meta:
        """A pause ends after it began and never moves a deadline back."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, open_order__isnull=False)
                | models.Q(ended_at__gte=models.F("started_at"), open_order__isnull=True),
                name="deadline_pause_span",
            ),
            models.CheckConstraint(condition=models.Q(moved_s__gte=0), name="deadline_pause_moved"),
        ]
        indexes = [models.Index(fields=["order", "id"], name="deadline_pause_list")]

    def __str__(self) -> str:
        """Return reason and order."""
        return f"{self.reason} {self.order_id}"
