"""One run of one way to reserve one SKU: clients, seconds, and the times of every reservation.

``python -m bench.perf.flash_rig.work CASE CLIENTS SECONDS`` with ``DATABASE_URL`` in the environment
prints one line of JSON. Run by ``bench/perf/flash.py``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

PLAIN, BUCKETS, ALLOCATOR = "plain", "buckets", "allocator"
CASES = (PLAIN, BUCKETS, ALLOCATOR)
# As the portal's server: two processes with their threads.
_PROCESSES = 2
_START_S = 4.0


def main() -> None:
    """Prepare the balance, let the clients reserve, and print what came of it."""
    case, clients, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.dev")
    django.setup()
    print(json.dumps(run(case, clients, seconds)))


def run(case: str, clients: int, seconds: float) -> dict[str, Any]:
    """Return reservations per second, times and whether every unit is accounted for."""
    from django.db import connections

    balance, merchant, before = _prepare(case)
    connections.close_all()
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    starts_at = time.time() + _START_S
    shares = [clients // _PROCESSES] * _PROCESSES if case == ALLOCATOR else [1] * clients
    workers = [
        context.Process(
            target=_work, args=(case, balance, merchant, threads, starts_at, seconds, results)
        )
        for threads in shares
    ]
    for worker in workers:
        worker.start()
    found = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    times = sorted(taken for part, _retries in found for taken in part)
    after = _reserved(merchant)
    return {
        "per_s": len(times) / seconds,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
        "retries": sum(retries for _part, retries in found),
        "exact": after - before == len(times),
    }


def _prepare(case: str) -> tuple[int, int, int]:
    from django_scopes import scope, scopes_disabled

    from apps.catalog.models import Variant
    from apps.common.clock import utc_now
    from apps.inventory import hot
    from apps.inventory.models import StockBalance
    from apps.journal.actors import system_actor

    with scopes_disabled():
        variant = Variant.objects.select_related("merchant").get()
        merchant = variant.merchant
    with scope(merchant=merchant):
        change = hot.heat_balances if case == BUCKETS else hot.cool_balances
        change(merchant, variants=[variant], actor=system_actor("bench"), now=utc_now())
        return StockBalance.objects.get().pk, merchant.pk, _reserved(merchant.pk)


def _reserved(merchant: int) -> int:
    from django_scopes import scope

    from apps.inventory.selectors import sum_stock
    from apps.merchants.models import Merchant

    with scope(merchant=merchant):
        return sum_stock(Merchant.objects.get(pk=merchant))["reserved"]


def _work(
    case: str,
    balance: int,
    merchant: int,
    threads: int,
    starts_at: float,
    seconds: float,
    results: Any,
) -> None:
    """Reserve one unit after the other in each thread until the time is over."""
    reserve = _reserver(case, balance, merchant)
    times: list[list[float]] = [[] for _ in range(threads)]
    retries: list[int] = [0] * threads

    def client(number: int) -> None:
        from django.db import connection, connections
        from django_scopes import scope

        connection.ensure_connection()
        time.sleep(max(0.0, starts_at - time.time()))
        count = 0
        with scope(merchant=merchant):
            while time.time() < starts_at + seconds:
                began = time.perf_counter()
                retries[number] += reserve(f"{os.getpid()}:{number}:{starts_at}:{count}")
                times[number].append(time.perf_counter() - began)
                count += 1
        connections.close_all()

    crowd = [threading.Thread(target=client, args=(number,)) for number in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    results.put(([taken for part in times for taken in part], sum(retries)))


def _reserver(case: str, balance: int, merchant: int) -> Callable[[str], int]:
    """Return a function that reserves one unit durably and says how often it had to begin anew."""
    from django.db import OperationalError, transaction

    from apps.common.clock import utc_now
    from apps.common.coalescing import Coalescer
    from apps.common.db import is_transient
    from apps.inventory import services as inventory

    def move(references: Sequence[str]) -> list[int]:
        steps = [
            inventory.Movement(balance, 1, reference, case == BUCKETS) for reference in references
        ]
        for attempt in range(50):
            try:
                with transaction.atomic():
                    inventory.move(
                        steps,
                        merchant_id=merchant,
                        source="available",
                        target="reserved",
                        reason="order",
                        now=utc_now(),
                    )
            except OperationalError as error:
                if not is_transient(error):
                    raise
            else:
                return [attempt] * len(references)
        raise RuntimeError("the transaction never came through")

    if case != ALLOCATOR:
        return lambda reference: move([reference])[0]
    crowd: Coalescer[int, str, int] = Coalescer(move)
    return lambda reference: crowd.run(balance, reference, alone=lambda: move([reference])[0])


if __name__ == "__main__":
    main()
