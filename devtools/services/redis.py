"""Redis with an append-only file."""

from __future__ import annotations

from devtools.machine import LOOPBACK
from devtools.services.daemon import Daemon
from devtools.valkey import pings

PACKAGES = ("redis-server",)


class Redis:
    """The cache, counters and pub/sub."""

    packages = PACKAGES
    variable = "REDIS_URL"

    def __init__(self) -> None:
        """Describe the server; nothing is started."""
        self.daemon = Daemon("redis", user="redis", port=36379)

    def url(self) -> str:
        """Return the address for ``REDIS_URL``."""
        return f"redis://{LOOPBACK}:{self.daemon.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        daemon = self.daemon
        daemon.make_folder()
        port = daemon.port
        options = {
            "bind": LOOPBACK,
            "port": str(port),
            "dir": str(daemon.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "daemonize": "no",
            "maxmemory": "512mb",
            "maxmemory-policy": "noeviction",
        }
        text = "".join(f"{name} {value}\n" for name, value in options.items())
        daemon.start(["redis-server", str(daemon.write("redis.conf", text))])
        daemon.wait(lambda: pings(port), patience=20)

    def stop(self) -> None:
        """End the server; its data stay."""
        self.daemon.stop()
