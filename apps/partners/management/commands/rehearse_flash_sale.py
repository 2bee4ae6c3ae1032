"""Rehearsal of a flash sale on a stack of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.common.clock import utc_now
from apps.partners.rehearsal import world
from apps.partners.rehearsal.client import Plan, Sale, run_sale
from apps.partners.rehearsal.stack import Stack, open_stack

_VALKEY_DIES_AFTER_S = 0.3


class Command(BaseCommand):
    """Let many buyers want a few units at once, and judge what was sold.

    Starts web, worker, relay and Valkey on the loopback, with an empty database beside the one of
    ``DATABASE_URL`` (the embedded SQLite without it), and ends them all. Exit code 1 when a unit was
    sold twice or not at all, an order was lost, or a figure of stock is wrong.
    """

    help = "Rehearse a flash sale: sold = stock, never more, with times and refusals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the size of the sale."""
        parser.add_argument("--buyers", type=int, default=1000)
        parser.add_argument("--units", type=int, default=500, help="Units in stock")
        parser.add_argument("--each", type=int, default=1, help="Units every buyer wants")
        parser.add_argument("--at-once", type=int, default=32, help="Buyers at the same moment")
        parser.add_argument("--threads", type=int, default=16, help="Threads of each web process")
        parser.add_argument("--patience", type=float, default=120, help="Seconds it may take")
        parser.add_argument("--plain", action="store_true", help="One row of stock, no buckets")
        parser.add_argument("--kill-valkey", action="store_true", help="Valkey dies in the middle")
        parser.add_argument("--json", action="store_true", help="End with one line of JSON")
        parser.add_argument("--stage", choices=["make", "read"], help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one stage inside the stack, or the whole rehearsal."""
        if options["stage"] == "make":
            secret = world.make_company(
                units=options["units"], is_hot=not options["plain"], now=utc_now()
            )
            self.stdout.write(json.dumps({"secret": secret}))
        elif options["stage"] == "read":
            self.stdout.write(json.dumps(world.as_dict(world.read_outcome())))
        else:
            self._rehearse(options)

    def _rehearse(self, options: dict[str, Any]) -> None:
        if min(options[name] for name in ("buyers", "units", "each", "at_once", "threads")) < 1:
            raise CommandError("Numbers of buyers, units and threads are at least 1.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        plan = Plan(options["buyers"], options["at_once"], options["each"], options["patience"])
        with open_stack(threads=options["threads"]) as stack:
            plain = ["--plain"] if options["plain"] else []
            made = stack.manage(
                *("rehearse_flash_sale", "--stage", "make", "--units", str(options["units"])),
                *plain,
            )
            secret = json.loads(made.splitlines()[-1])["secret"]
            sale = self._sell(stack, secret, plan, kill=options["kill_valkey"])
            read = stack.manage("rehearse_flash_sale", "--stage", "read")
            found = world.Found(**json.loads(read.splitlines()[-1]))
        faults = world.list_faults(
            found, accepted=sale.accepted, buyers=plan.buyers, units_each=plan.units_each
        )
        if sale.unanswered:
            faults.append(f"{sale.unanswered} buyers got no answer")
        self._show(found, sale, faults, as_json=options["json"])
        if faults:
            raise CommandError("The rehearsal found faults: " + "; ".join(faults))

    def _sell(self, stack: Stack, secret: str, plan: Plan, *, kill: bool) -> Sale:
        timer = threading.Timer(_VALKEY_DIES_AFTER_S, stack.kill_valkey)
        if kill:
            timer.start()
        try:
            return run_sale(stack.url, secret, plan)
        finally:
            timer.cancel()

    def _show(self, found: world.Found, sale: Sale, faults: list[str], *, as_json: bool) -> None:
        answers = len(sale.latencies_s)
        facts = {
            "stock": found.received,
            "sold": found.sold,
            "oversold": max(0, found.sold - found.received),
            "orders": found.orders,
            "refused": dict(sale.refused),
            "sent_again": dict(sale.repeated),
            "unanswered": sale.unanswered,
            "answers_per_s": round(answers / sale.seconds, 1) if sale.seconds else 0.0,
            "p50_ms": round(sale.percentile_ms(0.5), 1),
            "p99_ms": round(sale.percentile_ms(0.99), 1),
            "load": round(os.getloadavg()[0], 2),
            "ok": not faults,
        }
        for name, value in facts.items():
            self.stdout.write(f"{name:14} {value}")
        if as_json:
            self.stdout.write(json.dumps(facts))
