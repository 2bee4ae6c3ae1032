"""The order list with 50,000 and 500,000 orders, beside a plain view and the bare driver.

``python bench/perf/order_list.py [--sizes 50000,500000] [--seconds S] [--keep]``. Needs MariaDB as
``catalog_list`` does, in the database ``gsbench_orders``. The API and the page are called through the
whole WSGI stack of the portal; the peer is a Django REST framework ``ModelSerializer`` with its
``PageNumberPagination`` and prefetched lines, without any middleware; the floor reads the same
columns with two statements of the bare driver and writes them as JSON. Times never fail a run; more
statements than allowed do.
"""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:  # run as a script: the project instead of this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.perf.catalog_list import Measured, measure_site

DATABASE = "gsbench_orders"
SIZES = (50_000, 500_000)


def main() -> int:
    """Measure the lists of orders."""

    def site() -> Measured:
        from bench.perf.rig.order_site import OrderSite

        return OrderSite()

    return measure_site(DATABASE, site, SIZES, __doc__ or "")


if __name__ == "__main__":
    sys.exit(main())
