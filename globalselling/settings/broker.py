"""Celery settings for a broker address.

Facts behind the values were measured: late acknowledgement with rejection on a lost worker is what
keeps a task when its process is killed; without a delivery limit a task that kills its worker loops
for ever; a publish without a confirm time-out hangs while the broker's disk is full.
"""

from __future__ import annotations

from typing import Any

from kombu import Exchange, Queue

from globalselling.settings.schedule import BEAT_SCHEDULE

QUEUES = (
    "intake",
    "checks",
    "route",
    "labels",
    "tracking",
    "webhooks",
    "finance",
    "imports",
    "media",
    "insights",
    "deadlines",
)
DEAD_LETTER_EXCHANGE = "portal.dead"


def celery_settings(broker_url: str) -> dict[str, Any]:
    """Return Celery options (without prefix) for RabbitMQ (quorum queues) or Redis/Valkey."""
    amqp = broker_url.startswith(("amqp", "pyamqp"))
    exchange = Exchange("portal", type="topic")
    return {
        "BROKER_URL": broker_url,
        "BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "BROKER_CONNECTION_MAX_RETRIES": None,
        "BROKER_CONNECTION_TIMEOUT": 3,
        "BROKER_HEARTBEAT": 10,
        "BROKER_TRANSPORT_OPTIONS": (
            {"confirm_publish": True} if amqp else {"visibility_timeout": 3600}
        ),
        "TASK_QUEUES": [
            Queue(name, exchange, routing_key=name, queue_arguments=_arguments(amqp=amqp))
            for name in QUEUES
        ],
        "TASK_DEFAULT_QUEUE": "intake",
        "TASK_DEFAULT_EXCHANGE": "portal",
        "TASK_DEFAULT_EXCHANGE_TYPE": "topic",
        "TASK_DEFAULT_ROUTING_KEY": "intake",
        "TASK_ACKS_LATE": True,
        "TASK_REJECT_ON_WORKER_LOST": True,
        "TASK_ACKS_ON_FAILURE_OR_TIMEOUT": False,
        "TASK_IGNORE_RESULT": True,
        "TASK_TIME_LIMIT": 300,
        "TASK_SOFT_TIME_LIMIT": 270,
        "WORKER_PREFETCH_MULTIPLIER": 1,
        "WORKER_SOFT_SHUTDOWN_TIMEOUT": 10,
        "WORKER_HIJACK_ROOT_LOGGER": False,
        "WORKER_MAX_TASKS_PER_CHILD": 5000,
        "WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "TIMEZONE": "UTC",
        "BEAT_SCHEDULE": BEAT_SCHEDULE,
    }


def _arguments(*, amqp: bool) -> dict[str, Any] | None:
    if not amqp:
        return None
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
