"""Orders, their lines, and the holds that keep them from shipping."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Variant
from apps.common.models import ExactCharField, NullableExactCharField, PublicIdField
from apps.common.tenancy import TenantManager
from apps.inventory.models import Node
from apps.markets.models import Market
from apps.merchants.models import Merchant, Store
from apps.orders.change_models import CancelRequest, DeadlinePause, OrderChange
from apps.orders.records import IntakeSetting, OrderTag
from apps.orders.states import OPEN, OrderStatus

__all__ = [
    "CancelRequest",
    "DeadlinePause",
    "IntakeSetting",
    "LineDiscount",
    "Order",
    "OrderChange",
    "OrderHold",
    "OrderLine",
    "OrderNote",
    "OrderPricing",
    "OrderTag",
    "SavedView",
]


class Order(models.Model):
    """A buyer's order in one market, from intake to its end.

    Amounts are minor units of ``currency``. The buyer's name and address are sealed in
    ``buyer_sealed`` under ``buyer_key``; erasing the key erases them. ``buyer_label`` is the masked
    name lists show, ``buyer_index`` a keyed digest that finds all orders of one buyer.

    ``parent`` is the order this one was split from, ``merged_into`` the one its lines went to.
    ``last_number`` is the highest position or slot its lines ever had (0 while nothing changed), so
    that no number is used twice; ``change_count`` counts its ``OrderChange`` rows.
    """

    public_id = PublicIdField(prefix="ord")
    number = ExactCharField(_("order number"), max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    channel = ExactCharField(_("channel"), max_length=24, default="app")
    external_ref = ExactCharField(_("reference of the app"), max_length=64)
    request_mark = models.CharField(max_length=64, default="")
    content_ref = ExactCharField(_("live or video id"), max_length=64, default="", blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus, default=OrderStatus.PENDING
    )
    model = models.CharField(_("fulfilment model"), max_length=10, choices=Merchant.Model)
    currency = models.CharField(_("currency"), max_length=3)
    items_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    buyer_label = models.CharField(_("buyer"), max_length=80, default="")
    buyer_index = models.CharField(max_length=64, default="")
    buyer_key = models.BinaryField(null=True)
    buyer_sealed = models.BinaryField(default=b"")
    ship_to_country = models.CharField(_("ship to"), max_length=2)
    open_hold_count = models.PositiveSmallIntegerField(default=0)
    line_count = models.PositiveSmallIntegerField(default=0)
    unit_count = models.PositiveIntegerField(default=0)
    tag_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    placed_at = models.DateTimeField(_("placed"))
    ship_by_at = models.DateTimeField(_("ship by"))
    # The ship-by time while the order is open, nothing afterwards: one index walk finds what is due
    # next in all open states, where a list of states would sort every open order.
    open_due_at = models.GeneratedField(
        expression=models.Case(models.When(status__in=OPEN, then=models.F("ship_by_at"))),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    confirmed_at = models.DateTimeField(null=True)
    allocated_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=200, default="", blank=True)
    cancel_code = ExactCharField(max_length=24, default="", db_default="", blank=True)
    cancelled_by = ExactCharField(max_length=10, default="", db_default="", blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    last_number = models.PositiveSmallIntegerField(default=0, db_default=0)
    change_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantManager()

    class Meta:
        """The app's reference is an order once; totals add up; lists by status and date."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "external_ref", "channel"], name="order_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=OrderStatus.values), name="order_status"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("items_minor")
                    + models.F("shipping_minor")
                    - models.F("discount_minor")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(total_minor__gte=0, items_minor__gte=0, shipping_minor__gte=0)
                & models.Q(discount_minor__gte=0),
                name="order_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "placed_at", "id"], name="order_list"),
            models.Index(
                fields=["merchant", "status", "placed_at", "id"], name="order_status_list"
            ),
            models.Index(fields=["merchant", "status", "ship_by_at", "id"], name="order_due_list"),
            models.Index(fields=["merchant", "open_due_at", "id"], name="order_open_list"),
            models.Index(
                fields=["merchant", "currency", "total_minor", "id"], name="order_total_list"
            ),
            models.Index(fields=["merchant", "content_ref", "id"], name="order_content"),
            models.Index(fields=["merchant", "buyer_index"], name="order_buyer"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return self.number


class OrderLine(models.Model):
    """One SKU and quantity of an order, with the facts as they were when it was placed.

    ``slot`` is the number under which its units are reserved, 0 for its position: a line whose
    quantity changes keeps its position and reserves anew under the next free number of the order.
    ``shipped_at`` is when its units left, if that was before the rest of the order.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="+")
    sku = ExactCharField(max_length=64)
    title = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    unit_weight_g = models.PositiveIntegerField(default=0)
    unit_cost_minor = models.BigIntegerField(default=0)
    cost_currency = models.CharField(max_length=3, default="CNY")
    hs_code = ExactCharField(max_length=12, default="", blank=True)
    origin_country = models.CharField(max_length=2, default="", blank=True)
    customs_name = models.CharField(max_length=120, default="", blank=True)
    slot = models.PositiveSmallIntegerField(default=0, db_default=0)
    shipped_at = models.DateTimeField(null=True)

    objects = TenantManager()

    class Meta:
        """Positions are unique in an order; a line's total is its units less its discount."""

        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_once"),
            models.CheckConstraint(
                condition=models.Q(
                    total_minor=models.F("unit_price_minor") * models.F("quantity")
                    - models.F("discount_minor")
                ),
                name="order_line_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, unit_price_minor__gte=0, total_minor__gte=0),
                name="order_line_amounts",
            ),
        ]

    def __str__(self) -> str:
        """Return quantity and SKU."""
        return f"{self.quantity} × {self.sku}"

    @property
    def reserved_as(self) -> int:
        """The number in the reference of its reservation."""
        return self.slot or self.position


class LineDiscount(models.Model):
    """What one promotion took off some units of a line, and who pays for it.

    ``position`` is that of the line, 0 for the shipping fee. The amount lies on the ``unit_count``
    units from ``first_unit`` (counted from 0): evenly, the earlier units carry the odd cents, so that
    each unit's part is known when a part of a line is sent back or moved to another order.
    ``platform_minor`` is the platform's part of ``amount_minor``; the merchant pays the rest.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="discounts")
    position = models.PositiveSmallIntegerField()
    first_unit = models.PositiveIntegerField(default=0)
    unit_count = models.PositiveIntegerField(default=1)
    promotion_ref = ExactCharField(max_length=32)
    promotion_name = models.CharField(max_length=120)
    code = ExactCharField(max_length=40, default="", blank=True)
    amount_minor = models.BigIntegerField()
    platform_minor = models.BigIntegerField(default=0)

    objects = TenantManager()

    class Meta:
        """A promotion takes something off a run of units once; the platform pays a part of it."""

        constraints = [
            models.UniqueConstraint(
                fields=["order", "position", "first_unit", "promotion_ref"],
                name="line_discount_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    amount_minor__gt=0,
                    platform_minor__gte=0,
                    platform_minor__lte=models.F("amount_minor"),
                    unit_count__gt=0,
                ),
                name="line_discount_amounts",
            ),
        ]

    def __str__(self) -> str:
        """Return promotion and amount."""
        return f"{self.promotion_ref}: {self.amount_minor}"


class OrderPricing(models.Model):
    """Why an order costs what it costs, as it was when it was placed (``promotions.explanation``).

    Only orders that promotions priced, or whose buyer entered codes, have one. ``program`` is the
    version of the merchant's promotions in the market. Written once.
    """

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="pricing", primary_key=True
    )
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    program = ExactCharField(max_length=32, default="", blank=True)
    explanation = models.JSONField()

    objects = TenantManager()

    def __str__(self) -> str:
        """Return the version of the promotions."""
        return self.program


class OrderHold(models.Model):
    """A reason why an order may not ship: who placed it, since when, and what releases it."""

    public_id = PublicIdField(prefix="hld")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    kind = ExactCharField(max_length=32)
    reason = models.CharField(max_length=300)
    fix = models.CharField(max_length=300, default="", blank=True)
    details = models.JSONField(default=dict)
    placed_by = ExactCharField(max_length=80)
    placed_at = models.DateTimeField()
    released_by = ExactCharField(max_length=80, default="", blank=True)
    released_at = models.DateTimeField(null=True)
    release_note = models.CharField(max_length=300, default="", blank=True)
    # The kind while the hold is open, nothing afterwards: unique together with the order, so an
    # order has at most one open hold of a kind (MariaDB has no conditional unique constraint).
    open_kind = NullableExactCharField(max_length=32)

    objects = TenantManager()

    class Meta:
        """One open hold of a kind per order."""

        constraints = [
            models.UniqueConstraint(fields=["order", "open_kind"], name="order_hold_open_once")
        ]
        indexes = [
            models.Index(fields=["order", "placed_at"], name="order_hold_list"),
            models.Index(fields=["merchant", "open_kind", "order"], name="order_hold_kind"),
        ]

    def __str__(self) -> str:
        """Return kind and order."""
        return f"{self.kind} {self.order_id}"


class OrderNote(models.Model):
    """A note that members leave on an order for each other."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(max_length=2000)
    written_by = ExactCharField(max_length=80)
    written_by_name = models.CharField(max_length=120, default="")
    written_at = models.DateTimeField()

    objects = TenantManager()


class SavedView(models.Model):
    """A named filter of the order list, a member's own or shared in the company."""

    public_id = PublicIdField(prefix="viw")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    owner_id = ExactCharField(max_length=32)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantManager()

    class Meta:
        """A person has a name once."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "owner_id", "name"], name="saved_view_once")
        ]
