"""Pages that belong to no app: health, metrics and the component gallery."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.utils import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from apps.common.web import gallery as gallery_examples


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the database answers; a missing cache degrades but does not stop us."""
    parts = {"database": _database_answers(), "cache": _cache_answers()}
    return JsonResponse(
        {name: "ok" if fine else "away" for name, fine in parts.items()},
        status=200 if parts["database"] else 503,
    )


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus metrics to callers on the machine itself or with the metrics token."""
    token: str = getattr(settings, "METRICS_TOKEN", "")
    local = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
    if not (local if not token else request.headers.get("Authorization") == f"Bearer {token}"):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state (development only)."""
    return render(request, "common/gallery.html", gallery_examples.context())


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.set("readyz", "1", 5)
    except (RedisError, OSError):
        return False
    return True
