"""The command line of ``dev.py``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from devtools import commands
from devtools.machine import Stop
from devtools.services import control

_DESCRIPTION = "Sets the project up on any machine, then runs, tests, checks or measures it."


def run(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` ask; return the exit code."""
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.command not in {"test", "bench"}:
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return _dispatch(options, rest)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description=_DESCRIPTION)
    sub = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = sub.add_parser("run", help="start everything with demo data; Ctrl-C stops it")
    run.add_argument("--port", type=int, help="port of the portal (8000 or the next free one)")
    run.add_argument("--no-demo", action="store_true", help="no demo data and no demo orders")
    test = sub.add_parser("test", help="run the tests; further arguments go to pytest")
    test.add_argument(
        "--with",
        dest="including",
        action="append",
        default=[],
        choices=[*commands.MARKERS, "all"],
        help="run the tests of this marker too",
    )
    sub.add_parser("check", help="lint, types, layers, migrations, API description")
    sub.add_parser("migrations", help="migrate an empty database from zero")
    sub.add_parser("seed", help="fill an empty database with the demo world")
    services = sub.add_parser("services", help="MariaDB, Redis and RabbitMQ of our own")
    services.add_argument("action", choices=["start", "stop", "status", "env"])
    bench = sub.add_parser("bench", help="run a measurement of bench/perf")
    bench.add_argument("name")
    accept = sub.add_parser("accept", help="run an acceptance suite over case files")
    accept.add_argument("suite")
    accept.add_argument("files", nargs="+", metavar="FILE")
    replay = sub.add_parser("replay", help="play a file of real orders through the portal")
    replay.add_argument("file", type=Path)
    replay.add_argument("--json", action="store_true", help="end with the result as one JSON line")
    sub.add_parser("lock", help="compile requirements/*.in to hashed pins")
    return parser


def _dispatch(options: argparse.Namespace, rest: list[str]) -> int:
    match options.command:
        case "run":
            return commands.run(port=options.port, demo=not options.no_demo)
        case "test":
            return commands.test(rest, including=options.including)
        case "services":
            return control.act(options.action)
        case "bench":
            return commands.bench(options.name, rest)
        case "accept":
            return commands.accept(options.suite, options.files)
        case "replay":
            return commands.replay(options.file, as_json=options.json)
        case name:
            plain = {
                "check": commands.check,
                "migrations": commands.migrations,
                "seed": commands.seed,
                "lock": commands.lock,
            }
            return plain[name]()
