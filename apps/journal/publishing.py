"""The relay's own broker connection, thrown away on any error."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from celery import Celery, current_app
from kombu import Connection

CONFIRM_TIMEOUT_S = 5


class BrokerPublisher:
    """Publishes to the broker on a private connection; use as a context manager."""

    def __init__(self, app: Celery | None = None) -> None:
        """Prepare; the connection is made on entering."""
        self._app: Celery = app or current_app
        self._connection: Connection | None = None

    def __enter__(self) -> BrokerPublisher:
        """Connect or raise the broker's error."""
        self._connection = self._app.connection_for_write()
        self._connection.ensure_connection(max_retries=1, timeout=3)
        self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
        self._is_amqp = self._connection.transport.driver_type == "amqp"
        self._declare()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.release()

    def _declare(self) -> None:
        for queue in self._app.amqp.queues.values():
            queue(self._producer.channel).declare()  # type: ignore[arg-type]

    def publish(self, receiver: str, queue: str, entry_ids: list[int]) -> None:
        """Send one message and wait for the broker's confirmation."""
        options: dict[str, Any] = {"confirm_timeout": CONFIRM_TIMEOUT_S} if self._is_amqp else {}
        self._app.send_task(
            "journal.receive",
            args=(receiver, entry_ids),
            queue=queue,
            producer=self._producer,
            retry=False,
            **options,
        )
