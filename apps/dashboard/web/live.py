"""Live facts: one event stream per browser, or small answers to polling."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections, connection
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.dateparse import parse_datetime
from django_scopes import scope

from apps.common.clock import utc_now
from apps.common.web.access import READ, member_page
from apps.dashboard.selectors.live import Event, Memory, read_events
from apps.merchants.models import Member
from apps.merchants.web.requests import MemberRequest

BUSY_S, IDLE_S = 1.0, 5.0
HEARTBEAT_S = 20.0
LENGTH_S = 600.0
OLDEST = timedelta(minutes=10)


@member_page(*READ)
def live(request: MemberRequest) -> HttpResponseBase:
    """Stream events until ten minutes are over; the browser then connects again.

    Under WSGI a stream would hold a worker, so the answer is 204, which tells the browser's event
    source to stop; the page then polls.
    """
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    since = _moment(request.headers.get("Last-Event-ID", ""))
    # This thread is the request's own and lives as long: its connection would stay open unused.
    connection.close()
    response = StreamingHttpResponse(
        stream(request.member.pk, since=since), content_type="text/event-stream"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@member_page(*READ)
def poll(request: MemberRequest) -> HttpResponse:
    """Answer the events since a moment, and the moment to ask from next."""
    now = utc_now()
    since = _moment(request.GET.get("since", ""))
    events, _is_busy = read_events(request.member, since=since, now=now)
    body = {
        "cursor": now.isoformat(),
        "events": [{"type": event.kind, "data": event.data} for event in events],
    }
    response = JsonResponse(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _moment(text: str) -> datetime:
    """Return the moment a browser names, at most ten minutes back; anything else is now."""
    now = utc_now()
    try:
        wanted = parse_datetime(text)
    except ValueError:
        return now
    if wanted is None or wanted.tzinfo is None:
        return now
    return max(min(wanted, now), now - OLDEST)


async def stream(
    member_id: int, *, since: datetime, length_s: float = LENGTH_S
) -> AsyncIterator[str]:
    """Yield events as they happen: every second while something runs, else every five."""
    started = spoken = time.monotonic()
    memory = Memory()
    yield "retry: 3000\n\n"
    while time.monotonic() - started < length_s:
        now = utc_now()
        found = await sync_to_async(_read, thread_sensitive=False)(member_id, since, now)
        if found is None:
            return
        events, is_busy = found
        for event in memory.keep_new(events):
            spoken = time.monotonic()
            yield write_event(event, now)
        since = now - timedelta(seconds=2)
        if time.monotonic() - spoken >= HEARTBEAT_S:
            spoken = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(BUSY_S if is_busy else IDLE_S)


def write_event(event: Event, now: datetime) -> str:
    """Return an event as the stream carries it; its id lets a browser go on after a break."""
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {now.isoformat()}\nevent: {event.kind}\ndata: {data}\n\n"


def _read(member_id: int, since: datetime, now: datetime) -> tuple[list[Event], bool] | None:
    """Return the events of a member, or nothing once the person may no longer work here."""
    close_old_connections()
    try:
        member = (
            Member._base_manager.select_related("merchant", "user")
            .filter(pk=member_id, is_active=True, user__is_active=True)
            .first()
        )
        if member is None:
            return None
        with scope(merchant=member.merchant):
            return read_events(member, since=since, now=now)
    finally:
        close_old_connections()
