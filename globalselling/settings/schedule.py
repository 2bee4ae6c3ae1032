"""What beat starts, and how often."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-deadlines": {"task": "apps.jobs.tasks.sweep_deadlines", "schedule": 5.0},
    "sweep-jobs": {
        "task": "jobs.sweep",
        "schedule": 5.0,
        "options": {"queue": "deadlines", "expires": 30},
    },
    "sweep-bookings": {
        "task": "carriers.sweep",
        "schedule": 2.0,
        "options": {"queue": "labels", "expires": 10},
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
