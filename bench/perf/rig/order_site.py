"""The portal, the plain view and the bare driver that the measurement of order lists calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_scopes import scope
from rest_framework import generics, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from apps.catalog.models import Variant
from apps.common.bulk import Value, insert_rows
from apps.inventory.models import Node
from apps.markets.models import Market
from apps.merchants.models import Store
from apps.orders.models import Order, OrderLine
from bench.perf.catalog_list import Case
from bench.perf.rig.catalogue_site import PlainPages, Site

_BATCH = 2000
LINES = 3
# Of a hundred orders: so many are open, the rest ended. A shop with a past has mostly past orders.
_STATUSES = (
    *(("pending", 2), ("confirmed", 3), ("allocated", 10)),
    *(("shipped", 15), ("delivered", 10), ("completed", 56), ("cancelled", 4)),
)
_BY_NUMBER = [status for status, share in _STATUSES for _ in range(share)]
_ORDER = (
    *("public_id", "number", "merchant", "store", "market", "channel", "external_ref"),
    *("request_mark", "content_ref", "status", "model", "currency", "items_minor"),
    *("shipping_minor", "discount_minor", "total_minor", "buyer_label", "buyer_index"),
    *("buyer_key", "buyer_sealed", "ship_to_country", "open_hold_count", "line_count"),
    *("unit_count", "placed_at", "ship_by_at", "cancel_reason", "created_at", "updated_at"),
)
_LINE = (
    *("merchant", "order", "position", "variant", "node", "sku", "title", "quantity"),
    *("unit_price_minor", "discount_minor", "total_minor", "unit_weight_g", "unit_cost_minor"),
    *("cost_currency", "hs_code", "origin_country", "customs_name"),
)
_FLOOR_COLUMNS = (
    *("id", "public_id", "number", "channel", "external_ref", "content_ref", "market_id", "status"),
    *("model", "currency", "items_minor", "shipping_minor", "discount_minor", "total_minor"),
    *("buyer_label", "ship_to_country", "placed_at", "ship_by_at", "cancel_reason"),
)
_FLOOR_ORDERS = (
    f"SELECT {', '.join(_FLOOR_COLUMNS)} FROM orders_order"
    " WHERE merchant_id = %s AND status = 'allocated' ORDER BY placed_at DESC, id DESC LIMIT 51"
)
_FLOOR_LINES = (
    "SELECT order_id, position, sku, title, quantity, unit_price_minor, discount_minor, total_minor"
    " FROM orders_orderline WHERE order_id IN ({keys}) ORDER BY order_id, position"
)


class PlainLineSerializer(serializers.ModelSerializer[OrderLine]):
    """A line as the framework writes it."""

    class Meta:
        """The same columns as ours."""

        model = OrderLine
        fields = ("position", "sku", "title", "quantity", "unit_price_minor", "total_minor")


class PlainOrderSerializer(serializers.ModelSerializer[Order]):
    """An order as the framework writes it, with the same facts as ours."""

    market = serializers.CharField(source="market.code")
    lines = PlainLineSerializer(many=True)

    class Meta:
        """The same columns as ours."""

        model = Order
        fields = (
            *("public_id", "number", "channel", "external_ref", "market", "status", "model"),
            *("currency", "items_minor", "shipping_minor", "discount_minor", "total_minor"),
            *("buyer_label", "placed_at", "ship_by_at", "lines"),
        )


class PlainOrders(generics.ListAPIView[Order]):
    """The peer: a status, the newest first, counted, lines prefetched."""

    serializer_class = PlainOrderSerializer
    pagination_class = PlainPages
    renderer_classes = (JSONRenderer,)
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get_queryset(self) -> QuerySet[Order]:
        """Return the orders of a status."""
        found: QuerySet[Order] = Order.objects.filter(status="allocated")
        return found.select_related("market").prefetch_related("lines").order_by("-placed_at")


class OrderSite(Site):
    """One merchant whose orders grow."""

    def _open(self) -> None:
        super()._open()
        self.catalogue.grow(500)
        self.store = Store.objects.create(merchant=self.merchant, name="Store")
        self.size, self.start = 0, timezone.now()
        self.market = Market.objects.get(code="DE")

    def grow(self, size: int) -> None:
        """Write orders with three lines each until there are so many, and refresh the statistics."""
        with scope(merchant=self.merchant):
            variants = list(Variant.objects.order_by("pk").values_list("pk", "sku")[:100])
            node = Node.objects.get(merchant=self.merchant).pk
            while self.size < size:
                self._write(min(_BATCH, size - self.size), variants, node)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE TABLE orders_order, orders_orderline")
            cursor.fetchall()

    @transaction.atomic
    def _write(self, count: int, variants: list[tuple[int, str]], node: int) -> None:
        numbers = range(self.size + 1, self.size + count + 1)
        insert_rows(Order, _ORDER, [self._order(number) for number in numbers])
        first = f"B{numbers[0]:09d}"
        made = Order.objects.filter(merchant=self.merchant, number__gte=first)
        keys = list(made.order_by("number").values_list("pk", flat=True))
        lines: list[list[Value]] = []
        for key in keys:
            for place in range(LINES):
                variant, sku = variants[(key * 7 + place) % len(variants)]
                facts: list[Value] = [self.merchant.pk, key, place + 1, variant, node, sku]
                facts += ["Rattan pendant lamp", 1, 4900, 0, 4900, 900, 1200, "CNY", "940511"]
                lines.append([*facts, "CN", "Lamp of rattan"])
        insert_rows(OrderLine, _LINE, lines)
        self.size += count

    def _order(self, number: int) -> list[Value]:
        # The newest order has the highest number; due five days after it was placed.
        placed = self.start - timedelta(days=400) + timedelta(minutes=number)
        facts: list[Value] = [f"ord_{number:026d}", f"B{number:09d}", self.merchant.pk]
        facts += [self.store.pk, self.market.pk, "app", f"REF-{number}", "", ""]
        facts += [_BY_NUMBER[number * 37 % 100], "direct", "EUR", 14700, 0, 0, 14700]
        facts += ["Jonas W.", f"{number % 9000:064d}", None, b"", "DE", 0, LINES, LINES]
        return [*facts, placed, placed + timedelta(days=5), "", placed, placed]

    def cases(self) -> list[Case]:
        """Return what is measured at the size there is now."""
        number = f"B{self.size // 2:09d}"
        return [
            Case("floor: two statements and JSON", self._floor()),
            Case("API me: the way through the stack", self._api("/me")),
            Case("API orders", self._api("/orders"), 2),
            Case("API orders, status", self._api("/orders?status=allocated"), 2),
            Case("API orders, due next", self._api("/orders?sort=due"), 2),
            Case("API orders, by total", self._api("/orders?sort=-total&currency=EUR"), 2),
            Case("API orders, a number", self._api(f"/orders?search={number}"), 3),
            # What pages keep for some seconds is read again during a run; tests count its statements.
            Case("web page, open", self._web("/orders/")),
            Case("web page, status", self._web("/orders/?view=all&status=allocated")),
            Case("web page, at risk", self._web("/orders/at-risk/")),
            Case("plain view, status", self._plain("")),
        ]

    def _floor(self) -> Callable[[], bytes]:
        def call() -> bytes:
            with connection.cursor() as cursor:
                cursor.execute(_FLOOR_ORDERS, (self.merchant.pk,))
                orders = cursor.fetchall()[:50]
                keys = [row[0] for row in orders]
                marks = ", ".join(["%s"] * len(keys))
                cursor.execute(_FLOOR_LINES.format(keys=marks), keys)
                lines = cursor.fetchall()
            by_order: dict[int, list[tuple[object, ...]]] = {key: [] for key in keys}
            for line in lines:
                by_order[line[0]].append(line[1:])
            rows = [
                {**dict(zip(_FLOOR_COLUMNS, row, strict=True)), "lines": by_order[row[0]]}
                for row in orders
            ]
            return msgspec.json.encode({"items": rows})

        return call

    def _plain(self, text: str) -> Callable[[], bytes]:
        requests, view = APIRequestFactory(), PlainOrders.as_view()

        def call() -> bytes:
            with scope(merchant=self.merchant):
                answer = view(requests.get("/plain", {"q": text}, HTTP_HOST="127.0.0.1"))
                content: bytes = answer.render().content
            return content

        return call
