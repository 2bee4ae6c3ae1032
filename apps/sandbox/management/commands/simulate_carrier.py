"""Run a carrier on this machine that speaks the portal carrier protocol."""

from __future__ import annotations

import signal
from threading import Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.sandbox.carrier.demo import connect_demo
from apps.sandbox.carrier.faults import KINDS
from apps.sandbox.carrier.server import Carrier, serve


class Command(BaseCommand):
    """Serve until stopped; prints the address first."""

    help = "Run a simulated carrier over HTTP, with faults as told"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take port, key and faults."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--key", default="simulated")
        parser.add_argument("--slow-seconds", type=float, default=1.0)
        parser.add_argument(
            "--connect-demo", action="store_true", help="connect the companies of the demo world"
        )
        parser.add_argument("--forgetful", action="store_true", help="book a reference twice")
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            metavar="OPERATION:KIND:TIMES",
            help=f"for example book:lost:3; kinds are {', '.join(KINDS)}",
        )

    def handle(self, **options: Any) -> None:
        """Serve."""
        carrier = Carrier(options["key"])
        carrier.book.is_forgetful = options["forgetful"]
        carrier.faults.slow_s = options["slow_seconds"]
        for fault in options["fault"]:
            try:
                operation, kind, times = fault.split(":")
                carrier.faults.plan(operation, kind, int(times))
            except ValueError as error:
                raise CommandError(f"--fault {fault}: {error}") from error
        server = serve(carrier, options["host"], options["port"])
        url = f"http://{options['host']}:{server.server_port}"
        self.stdout.write(url)
        self.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        if options["connect_demo"]:
            connect_demo(url, carrier.secret)
        try:
            serving.join()
        except KeyboardInterrupt:
            server.shutdown()
            server.server_close()
