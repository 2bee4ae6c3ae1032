"""ASGI entry: pages in a pool of threads, the live event stream on the loop.

Django runs every ASGI request in a thread of its own, which opens a database connection of its own
and leaves it open: under load the database ran out of connections. In a pool of threads the
connections stay with their threads and are as many as the threads (``WEB_THREADS`` in each process,
16 unless set).

A request that finds no free thread waits for one; beyond ``WEB_QUEUE`` of them (512 unless set, per
process) the answer is 503 at once: what would be answered too late is better sent again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "globalselling.settings.production")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_THREADS = int(os.environ.get("WEB_THREADS", "16"))
_QUEUE = int(os.environ.get("WEB_QUEUE", "512"))
_RETRY_AFTER_S = b"1"
_streams = cast("Application", get_asgi_application())
_pages = cast("Application", WSGIMiddleware(cast("Any", get_wsgi_application()), workers=_THREADS))
_LIVE = reverse("dashboard:live")
_BUSY = json.dumps(
    {
        "type": "server_error",
        "errors": [{"code": "busy", "detail": "Too many requests are waiting.", "attr": None}],
    }
).encode()


class _Waiting:
    """How many requests are in the pool or wait for it; touched by the loop alone."""

    count = 0


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request.

    Headers with an underscore are dropped: in a WSGI environment they could pass for the header
    with a hyphen that a proxy vouches for.
    """
    if scope["type"] != "http" or scope["path"] == _LIVE:
        await _streams(scope, receive, send)
        return

    async def read() -> Message:
        # The bridge wants a coroutine; the server's own is only awaitable.
        return await receive()

    if _Waiting.count >= _THREADS + _QUEUE:
        await _refuse(send)
        return
    headers = [pair for pair in scope["headers"] if b"_" not in pair[0]]
    _Waiting.count += 1
    try:
        await _pages({**scope, "headers": headers}, read, send)
    finally:
        _Waiting.count -= 1


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"retry-after", _RETRY_AFTER_S)]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _BUSY})
