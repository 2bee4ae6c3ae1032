"""Orders and their holds in the Django admin: looked at here, changed only through services."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.admin import PortalInline
from apps.common.clock import utc_now
from apps.common.formatting import format_money
from apps.journal.actors import Actor
from apps.merchants.admin import ReasonedAdmin
from apps.orders import services as orders
from apps.orders.models import Order, OrderHold, OrderLine
from apps.orders.states import CancelCode, Party

LIMIT = 200
HOLD_KIND = "platform"
Step = Callable[[Any, str, Actor], object]


class OrderLineInline(PortalInline[OrderLine]):
    """Lines of an order."""

    model = OrderLine
    fields = ("position", "sku", "title", "quantity", "unit_price_minor", "total_minor")


class OrderHoldInline(PortalInline[OrderHold]):
    """Holds of an order."""

    model = OrderHold
    fields = ("public_id", "kind", "reason", "placed_at", "released_at", "release_note")


@admin.register(Order)
class OrderAdmin(ReasonedAdmin):
    """Orders."""

    list_display = ("number", "merchant", "market", "status", "total", "open_hold_count")
    list_filter = ("status", "model", "currency")
    list_select_related = ("merchant", "market")
    search_fields = ("=number", "=public_id", "=external_ref", "=merchant__public_id")
    search_help_text = "number / ord_… / app reference / mer_…"
    hidden = ("buyer_index", "request_mark")
    inlines = (OrderLineInline, OrderHoldInline)
    actions = ("hold", "cancel")

    @admin.display(description=gettext_lazy("total"))
    def total(self, obj: Order) -> str:
        """Show the total."""
        return str(format_money(obj.total_minor, obj.currency))

    @admin.action(description=gettext_lazy("Put on hold…"), permissions=["operate"])
    def hold(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        """Hold the selected orders."""
        return self.ask(
            request,
            queryset,
            title=_("Put on hold"),
            effect=_("These orders cannot ship until the hold is released. The merchant sees why."),
            step=_hold,
        )

    @admin.action(description=gettext_lazy("Cancel…"), permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        """Cancel the selected orders."""
        return self.ask(
            request,
            queryset,
            title=_("Cancel orders"),
            effect=_("Reserved stock is free again and money is returned. It cannot be undone."),
            step=_cancel,
        )


@admin.register(OrderHold)
class OrderHoldAdmin(ReasonedAdmin):
    """Holds: why orders stand still."""

    list_display = ("public_id", "order", "kind", "reason", "placed_at", "released_at")
    list_filter = (("released_at", admin.EmptyFieldListFilter), "kind")
    list_select_related = ("order",)
    search_fields = ("=public_id", "=order__number", "=order__public_id", "=merchant__public_id")
    search_help_text = "hld_… / number / ord_… / mer_…"
    actions = ("release",)

    @admin.action(description=gettext_lazy("Release…"), permissions=["operate"])
    def release(self, request: HttpRequest, queryset: QuerySet[OrderHold]) -> HttpResponse | None:
        """Release the selected holds."""
        return self.ask(
            request,
            queryset,
            title=_("Release holds"),
            effect=_("Orders without another hold go on: they are confirmed, routed and shipped."),
            step=_release,
        )


def _hold(order: Order, reason: str, actor: Actor) -> object:
    place = partial(orders.place_hold, order, kind=HOLD_KIND, reason=reason)
    return place(actor=actor, now=utc_now())


def _cancel(order: Order, reason: str, actor: Actor) -> object:
    cancel = partial(orders.cancel_order, order, reason=reason, code=CancelCode.PLATFORM)
    return cancel(party=Party.SYSTEM, actor=actor, now=utc_now())


def _release(hold: OrderHold, note: str, actor: Actor) -> object:
    return orders.release_hold(hold, note=note, actor=actor, now=utc_now())
