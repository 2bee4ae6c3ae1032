"""Starts ``quotes.py`` in the peer's interpreter on a database of its own, and drops it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bench.perf.rig.peers import PeerError, install_oscar
from bench.perf.rig.server import Server, parse_address

ROOT = Path(__file__).resolve().parents[3]
DATABASE = "gsbench_oscar_quotes"
PRODUCTS, BASKETS = 500, 4
_SECONDS = 400
_DEFAULT_URL = "mysql://root@127.0.0.1:3306/"


def measure_quotes(rounds: int) -> dict[str, Any]:
    """Return what ``quotes.py`` prints; raises ``PeerError`` or ``ServerError`` when it cannot run.

    Needs MariaDB on this machine, as ``bench/perf/intake.py`` does.
    """
    url = os.environ.get("DATABASE_URL", "")
    server = Server(parse_address(url if url.startswith(("mysql", "maria")) else _DEFAULT_URL))
    python = install_oscar(ROOT / "var" / "bench" / "oscar")
    address = server.address
    env = {
        **os.environ,
        "OSCAR_DB_NAME": DATABASE,
        "OSCAR_DB_USER": address.user,
        "OSCAR_DB_PASSWORD": address.password,
        "OSCAR_DB_HOST": address.host,
        "OSCAR_DB_PORT": str(address.port),
    }
    script = ROOT / "bench" / "perf" / "oscar" / "quotes.py"
    argv = [str(python), str(script), *map(str, (PRODUCTS, BASKETS, rounds))]
    server.create(DATABASE)
    try:
        done = subprocess.run(
            argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"oscar took over {_SECONDS} s") from error
    finally:
        server.drop(DATABASE)
    if done.returncode:
        raise PeerError("\n".join(done.stderr.splitlines()[-5:]))
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
