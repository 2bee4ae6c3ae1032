"""Celery settings for a broker address.

Facts behind the values were measured: late acknowledgement with rejection on a lost worker is what
keeps a task when its process is killed; without a delivery limit a task that kills its worker loops
for ever; a publish without a confirm time-out hangs while the broker's disk is full.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab
from kombu import Exchange, Queue

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
        "BEAT_SCHEDULE": _schedule(),
    }


def _schedule() -> dict[str, Any]:
    """Return what beat starts, and when (UTC)."""
    return {
        "sweep-deadlines": {"task": "apps.jobs.tasks.sweep_deadlines", "schedule": 5.0},
        "sweep-jobs": {
            "task": "jobs.sweep",
            "schedule": 5.0,
            "options": {"queue": "deadlines", "expires": 30},
        },
        # After the bank's fixing, once more in case it was late, and early in the morning.
        "import-rates": {
            "task": "markets.import_rates",
            "schedule": crontab(minute="20", hour="5,15,17"),
            "options": {"queue": "imports", "expires": 3600},
        },
        # At a quiet hour: what imports kept for 30 days.
        "sweep-imports": {
            "task": "imports.sweep",
            "schedule": crontab(minute="40", hour="3"),
            "options": {"queue": "imports", "expires": 3600},
        },
        # Arrival and silence of parcels that are due.
        "watch-parcels": {
            "task": "fulfillment.watch",
            "schedule": 60.0,
            "options": {"queue": "deadlines", "expires": 60},
        },
        # At a quiet hour: how long each leg takes.
        "learn-legs": {
            "task": "fulfillment.learn",
            "schedule": crontab(minute="10", hour="2"),
            "options": {"queue": "imports", "expires": 3600},
        },
        # After the rates of the day are in.
        "reprice-listings": {
            "task": "catalog.reprice",
            "schedule": crontab(minute="50", hour="5,17"),
            "options": {"queue": "imports", "expires": 3600},
        },
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
