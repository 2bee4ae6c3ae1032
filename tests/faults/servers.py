"""Our own MariaDB, Redis and RabbitMQ, which may be killed and started again."""

from __future__ import annotations

import os
import signal
import time

from devtools.processes import Identity, wait_gone
from devtools.services.mariadb import MariaDB
from devtools.services.rabbitmq import RabbitMQ
from devtools.services.redis import Redis

DATABASE = "portal_faults"


class Servers:
    """The three servers of ``dev.py services``, with faults."""

    def __init__(self) -> None:
        """Describe them."""
        self.mariadb = MariaDB()
        self.redis = Redis()
        self.rabbitmq = RabbitMQ()

    def start(self) -> None:
        """Start those that do not run."""
        for server in (self.mariadb, self.redis, self.rabbitmq):
            if not server.daemon.identity():
                server.start()

    def environment(self) -> dict[str, str]:
        """Return the switches that point the portal at them, with a database of its own."""
        address, _slash, _name = self.mariadb.url().rpartition("/")
        return {
            "DATABASE_URL": f"{address}/{DATABASE}",
            "REDIS_URL": self.redis.url(),
            "CELERY_BROKER_URL": self.rabbitmq.url(),
        }

    def kill_mariadb(self) -> None:
        """Kill the database without warning and start it again after a second."""
        self._kill(self.mariadb)

    def kill_redis(self) -> None:
        """Kill Redis and start it again, perhaps empty."""
        self._kill(self.redis)

    def kill_rabbitmq(self) -> None:
        """Kill the broker's node and start it again."""
        self._kill(self.rabbitmq)

    def freeze_mariadb(self) -> None:
        """Let the database hang for three seconds."""
        identity = self.mariadb.daemon.identity()
        if identity is None:
            return
        os.kill(identity.pid, signal.SIGSTOP)
        time.sleep(3)
        os.kill(identity.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End all three."""
        for server in (self.rabbitmq, self.redis, self.mariadb):
            server.stop()

    @staticmethod
    def _kill(server: MariaDB | Redis | RabbitMQ) -> None:
        # RabbitMQ's own process is the Erlang node; the script that started it only waits for it.
        node = Identity.read(server.daemon.folder / "node.identity")
        for identity in (node, server.daemon.identity()):
            if identity is not None and identity.is_alive():
                os.kill(identity.pid, signal.SIGKILL)
                wait_gone(identity, patience=10)
        time.sleep(1)
        server.start()
