"""Wiring of the portal: settings, addresses, workers. Imports apps; no app imports it."""

from __future__ import annotations

from globalselling.celery import app as celery_app

__all__ = ["celery_app"]
