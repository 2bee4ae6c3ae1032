"""django-oscar prices the same carts: ``Applicator.apply`` on baskets that are held in memory.

Runs in the peer's own interpreter: ``quotes.py PRODUCTS BASKETS ROUNDS``. Loading a basket is not
measured, only taking its offers away and applying all that are open. The last line printed is JSON:
quotes per second of processor time of each round, statements of a quote, offers that applied.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3])
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.perf.oscar.settings"
warnings.simplefilter("ignore")

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402

from bench.perf.oscar import seed  # noqa: E402
from bench.perf.rig import spec  # noqa: E402

Basket = get_model("basket", "Basket")
Product = get_model("catalogue", "Product")
Selector = get_class("partner.strategy", "Selector")
Applicator = get_class("offer.applicator", "Applicator")
LINES = 5


def main() -> int:
    """Seed, fill baskets, measure and print."""
    products, count, rounds = (int(one) for one in sys.argv[1:4])
    call_command("migrate", run_syncdb=True, verbosity=0)
    seed.fill(products)
    user = get_user_model().objects.all()[0]
    baskets = [_basket(number, products, user) for number in range(count)]
    for basket in baskets:
        _quote(basket, user)  # warm
    with CaptureQueriesContext(connection) as captured:
        _quote(baskets[0], user)
    speeds = []
    for _round in range(rounds):
        began = time.process_time()
        for basket in baskets:
            _quote(basket, user)
        speeds.append(count / (time.process_time() - began))
    applied = sum(len(list(basket.offer_applications)) for basket in baskets) / count
    print(json.dumps({"speeds": speeds, "statements": len(captured), "applied": applied}))
    return 0


def _basket(number: int, products: int, user: object) -> Basket:
    basket = Basket.objects.create(owner=user)
    basket.strategy = Selector().strategy(user=user)
    ids = dict(Product.objects.filter(structure="child").values_list("upc", "id"))
    for product, variant, quantity in spec.order_lines(number, products, count=LINES):
        row = Product.objects.get(id=ids[spec.product(product).sku(variant)])
        basket.add_product(row, quantity)
    return basket


def _quote(basket: Basket, user: object) -> None:
    basket.reset_offer_applications()
    Applicator().apply(basket, user)


if __name__ == "__main__":
    sys.exit(main())
