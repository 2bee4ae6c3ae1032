"""The Celery application: queues, and settings that survive killed workers and brokers."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.dev")

app = Celery("globalselling")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
