"""The four variables that turn the embedded default into real servers."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"mysql": 3306, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


@dataclass(frozen=True)
class Switches:
    """What the environment asks for; an empty text means the embedded default."""

    database_url: str = ""
    redis_url: str = ""
    broker_url: str = ""
    kafka: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Switches:
        """Return the switches set in ``environ`` (blank counts as not set)."""
        return cls(
            database_url=environ.get("DATABASE_URL", "").strip(),
            redis_url=environ.get("REDIS_URL", "").strip(),
            broker_url=environ.get("CELERY_BROKER_URL", "").strip(),
            kafka=environ.get("KAFKA_BOOTSTRAP", "").strip(),
        )

    @property
    def uses_mysql(self) -> bool:
        """Whether the MySQL driver is needed."""
        return self.database_url.startswith("mysql")

    @property
    def uses_rabbitmq(self) -> bool:
        """Whether tasks travel through RabbitMQ."""
        return self.broker_url.startswith(("amqp", "pyamqp"))

    @property
    def needs_valkey(self) -> bool:
        """Whether the embedded Valkey has to run: no other Redis was named."""
        return not self.redis_url

    def environment(self, valkey_port: int | None) -> dict[str, str]:
        """Return the variables for child processes.

        The embedded Valkey keeps the cache in database 0 and the queue in database 1, so that
        clearing the cache never drops work.
        """
        redis, broker = self.redis_url, self.broker_url
        if valkey_port is not None:
            redis = redis or f"redis://127.0.0.1:{valkey_port}/0"
            broker = broker or f"redis://127.0.0.1:{valkey_port}/1"
        named = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis,
            "CELERY_BROKER_URL": broker or redis,
            "KAFKA_BOOTSTRAP": self.kafka,
        }
        return {name: value for name, value in named.items() if value}


def answers(url: str, *, timeout: float = 2.0) -> bool:
    """Tell whether something listens at the host and port of a service address."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme.partition("+")[0], 0)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=timeout):
            return True
    except OSError:
        return False
