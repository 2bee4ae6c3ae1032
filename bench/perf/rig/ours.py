"""Our intake: the service the portal itself calls, with its production settings."""

from __future__ import annotations

import itertools
import sys
from dataclasses import asdict
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[3])

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from apps.catalog import services as catalog  # noqa: E402
from apps.catalog.models import Variant  # noqa: E402
from apps.inventory import services as inventory  # noqa: E402
from apps.inventory.models import Node  # noqa: E402
from apps.journal.actors import system_actor  # noqa: E402
from apps.markets.models import Market  # noqa: E402
from apps.markets.services import open_markets  # noqa: E402
from apps.merchants.models import Merchant, Store  # noqa: E402
from apps.orders import services as orders  # noqa: E402
from apps.orders.requests import BuyerRequest, LineRequest, OrderRequest  # noqa: E402
from apps.partners.services import keys as partners  # noqa: E402
from bench.perf.rig import contestant, sale, spec  # noqa: E402
from bench.perf.rig.contestant import Answer  # noqa: E402

ACTOR = system_actor("benchmark")
BUYER = BuyerRequest(
    name=spec.ADDRESS["name"],
    country=spec.COUNTRY,
    street=spec.ADDRESS["line1"],
    city=spec.ADDRESS["city"],
    postal_code=spec.ADDRESS["postcode"],
    phone=spec.ADDRESS["phone"],
    email=spec.ADDRESS["email"],
)


class Portal:
    """One merchant with a catalogue on sale and in stock."""

    merchant: Merchant
    store: Store
    products: int

    def __init__(self) -> None:
        """Number the orders from one."""
        self.numbers = itertools.count(1)
        self.next: list[list[OrderRequest]] = []
        self.is_sale = False

    def setup(self, products: int) -> Answer:
        """Migrate, fill the catalogue and the shelves; returns the connection's number."""
        call_command("migrate", verbosity=0)
        open_markets()
        self.products = products
        self.merchant = Merchant.objects.create(name="Benchmark Trading")
        with scope(merchant=self.merchant):
            self.store = Store.objects.create(merchant=self.merchant, name="Benchmark Store")
            self._fill_catalogue()
            sale.open_sale(self.merchant, actor=ACTOR, now=timezone.now())
        with connection.cursor() as cursor:
            return {
                "connection": contestant.connection_id(cursor),
                "version": django.get_version(),
            }

    def prepare(self, case: str, orders: int) -> Answer:
        """Make the requests of ``orders`` orders, in batches of the size the case names.

        Promotions run in the cases that name them.
        """
        size = int(case.split(",")[0].rpartition(" ")[2]) if case.startswith("batch") else 1
        if self.is_sale != case.endswith("promotions"):
            self.is_sale = not self.is_sale
            with scope(merchant=self.merchant):
                sale.switch_sale(self.merchant, is_on=self.is_sale)
        self.next = [[self._request() for _ in range(size)] for _ in range(orders // size)]
        return {}

    def run(self) -> Answer:
        """Place what was prepared and return the measurement."""
        place = self._place_batch if len(self.next[0]) > 1 else self._place_one

        def work(number: int) -> None:
            with scope(merchant=self.merchant):
                place(self.next[number])

        with connection.cursor() as cursor:
            return contestant.measured(work, len(self.next), cursor)

    def open_door(self, first: int, orders: int) -> Answer:
        """Make an API key and the bodies of ``orders`` orders for it, numbered from ``first``."""
        with scope(merchant=self.merchant):
            made = partners.create_key(
                self.merchant,
                name="Benchmark",
                scopes=["orders:write"],
                actor=ACTOR,
                now=timezone.now(),
            )
        self.numbers = itertools.count(first)
        return {"secret": made.secret, "bodies": [_body(self._request()) for _ in range(orders)]}

    def _place_one(self, requests: list[OrderRequest]) -> None:
        orders.place_order(
            requests[0],
            merchant=self.merchant,
            store=self.store,
            actor=ACTOR,
            now=timezone.now(),
        )

    def _place_batch(self, requests: list[OrderRequest]) -> None:
        receipts = orders.place_orders(
            requests, merchant=self.merchant, store=self.store, actor=ACTOR, now=timezone.now()
        )
        if not all(receipt.is_new for receipt in receipts):
            raise AssertionError("an order of the batch was refused")

    def _request(self) -> OrderRequest:
        number = next(self.numbers)
        lines = tuple(
            LineRequest(spec.product(product).sku(variant), quantity)
            for product, variant, quantity in spec.order_lines(number, self.products)
        )
        return OrderRequest(
            external_ref=f"benchmark-{number:09d}",
            market=spec.COUNTRY,
            buyer=BUYER,
            lines=lines,
            placed_at=timezone.now(),
        )

    def _fill_catalogue(self) -> None:
        now = timezone.now()
        facts = [spec.product(number) for number in range(self.products)]
        catalog.create_products(
            [_draft(fact) for fact in facts], merchant=self.merchant, actor=ACTOR, now=now
        )
        variants = {
            item.sku: item for item in Variant.objects.select_related("product").order_by("pk")
        }
        market = Market.objects.get(code=spec.COUNTRY)
        prices = [
            catalog.PriceDraft(variants[fact.sku(number)], market, fact.variant_price_minor(number))
            for fact in facts
            for number in range(spec.VARIANTS_PER_PRODUCT)
        ]
        catalog.list_in_markets(prices, merchant=self.merchant, actor=ACTOR, now=now)
        node = inventory.create_node(
            self.merchant,
            code="SZX1",
            name="Shenzhen hub",
            kind=Node.Kind.MERCHANT_HUB,
            country="CN",
            actor=ACTOR,
            now=now,
        )
        inventory.receive_stock(
            self.merchant,
            node=node,
            quantities=dict.fromkeys(variants.values(), spec.STOCK),
            reference="benchmark",
            actor=ACTOR,
            now=now,
        )


def _body(request: OrderRequest) -> dict[str, object]:
    """Return a request as the partner API takes it."""
    return {
        "external_ref": request.external_ref,
        "market": request.market,
        "placed_at": request.placed_at.isoformat(),
        "buyer": {name: value for name, value in asdict(request.buyer).items() if value},
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in request.lines],
    }


def _draft(fact: spec.Product) -> catalog.ProductDraft:
    return catalog.ProductDraft(
        title=fact.title,
        origin_country="CN",
        hs_code="940511",
        customs_name="Household goods",
        variants=tuple(
            catalog.VariantDraft(sku=fact.sku(number), weight_g=400, cost_minor=900)
            for number in range(spec.VARIANTS_PER_PRODUCT)
        ),
    )


if __name__ == "__main__":
    portal = Portal()
    commands = {"setup": portal.setup, "prepare": portal.prepare, "run": portal.run}
    contestant.serve({**commands, "open_door": portal.open_door})
