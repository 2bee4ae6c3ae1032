"""django-oscar places the same orders: basket, offers, totals, order, stock allocation.

Runs in the peer's own interpreter. Each order is one transaction, as a request under
``ATOMIC_REQUESTS`` is, which spares Oscar the fsyncs of the statements outside ``place_order``.
"""

from __future__ import annotations

import os
import sys
import warnings
from decimal import Decimal
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3])
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.perf.oscar.settings"
warnings.simplefilter("ignore")

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402

from bench.perf.rig import contestant, spec  # noqa: E402
from bench.perf.rig.contestant import Answer  # noqa: E402
from bench.perf.oscar import seed  # noqa: E402

Basket = get_model("basket", "Basket")
Product = get_model("catalogue", "Product")
Offer = get_model("offer", "ConditionalOffer")
Order = get_model("order", "Order")
ShippingAddress = get_model("order", "ShippingAddress")
Country = get_model("address", "Country")
Selector = get_class("partner.strategy", "Selector")
Applicator = get_class("offer.applicator", "Applicator")
OrderCreator = get_class("order.utils", "OrderCreator")
Totals = get_class("checkout.calculators", "OrderTotalCalculator")
FreeShipping = get_class("shipping.methods", "Free")


class Shop:
    """The shop under test and the number of the next order."""

    def __init__(self) -> None:
        """Start without data."""
        self.products = 0
        self.next_number = 0
        self.placed = 0
        self.next: list[tuple[object, Basket] | None] = []
        self.ids: dict[str, int] = {}
        self.users: list[object] = []
        self.country: object = None

    def setup(self, products: int) -> Answer:
        """Make tables and data, and return the number of the connection that will work."""
        call_command("migrate", run_syncdb=True, verbosity=0)
        seed.fill(products)
        self.products = products
        self.ids = dict(Product.objects.filter(structure="child").values_list("upc", "id"))
        self.users = list(get_user_model().objects.all())
        self.country = Country.objects.get()
        with connection.cursor() as cursor:
            return {
                "connection": contestant.connection_id(cursor),
                "version": django.get_version(),
                "offers": Offer.objects.count(),
            }

    def prepare(self, case: str, orders: int) -> Answer:
        """Switch promotions on or off and, for placing only, fill the baskets beforehand."""
        if Order.objects.count() != self.placed:
            raise AssertionError("orders are missing")
        promotions = case.endswith("20 promotions")
        Offer.objects.update(status="Open" if promotions else "Suspended")
        is_ready = case.startswith("place")
        self.next = [self._new_basket() if is_ready else None for _ in range(orders)]
        return {}

    def run(self) -> Answer:
        """Place what was prepared and return the measurement."""
        self.placed += len(self.next)
        with connection.cursor() as cursor:
            return contestant.measured(self._work, len(self.next), cursor)

    def _work(self, number: int) -> None:
        with transaction.atomic():
            ready = self.next[number]
            if ready is None:
                user, basket = self._new_basket()
            else:
                # As a later request does it: the basket is loaded again.
                user = ready[0]
                basket = Basket.objects.get(id=ready[1].id)
                basket.strategy = Selector().strategy(user=user)
            self._place(basket, user)

    def _new_basket(self) -> tuple[object, Basket]:
        number, self.next_number = self.next_number, self.next_number + 1
        user = self.users[number % len(self.users)]
        basket = Basket.objects.create(owner=user)
        basket.strategy = Selector().strategy(user=user)
        for product, variant, quantity in spec.order_lines(number, self.products):
            row = Product.objects.get(id=self.ids[spec.product(product).sku(variant)])
            info = basket.strategy.fetch_for_product(row)
            if not info.availability.is_purchase_permitted(quantity)[0]:
                raise AssertionError("out of stock")
            basket.add_product(row, quantity)
        return user, basket

    def _place(self, basket: Basket, user: object) -> None:
        Applicator().apply(basket, user)
        method = FreeShipping()
        charge = method.calculate(basket)
        address = ShippingAddress.objects.create(
            first_name="Ann",
            last_name="Lee",
            line1=spec.ADDRESS["line1"],
            line4=spec.ADDRESS["city"],
            postcode=spec.ADDRESS["postcode"],
            country=self.country,
        )
        order = OrderCreator().place_order(
            basket,
            Totals().calculate(basket, charge),
            method,
            charge,
            user=user,
            shipping_address=address,
            order_number=f"N{basket.id}",
        )
        basket.submit()
        if order.total_incl_tax <= Decimal(0):
            raise AssertionError("an order without a total")


if __name__ == "__main__":
    shop = Shop()
    contestant.serve({"setup": shop.setup, "prepare": shop.prepare, "run": shop.run})
