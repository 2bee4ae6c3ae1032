"""The ASGI entry: pages share the connections of a pool of threads, streams pass by it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from django.db import connection

from globalselling import asgi

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "https://testserver"
THREADS = 16


def ask(paths: list[str], *, at_once: int = 1, **headers: str) -> list[httpx.Response]:
    """Return the answers to ``paths``, asked ``at_once`` at a time."""

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=asgi.application)  # type: ignore[arg-type]
        turn = asyncio.Semaphore(at_once)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:

            async def get(path: str) -> httpx.Response:
                async with turn:
                    return await client.get(path, headers=headers)

            return await asyncio.gather(*(get(path) for path in paths))

    return asyncio.run(run())


def open_connections() -> set[int]:
    """Return the ids of the connections to this database, threads of other tests included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE()")
        return {number for (number,) in cursor.fetchall()}


@pytest.mark.mariadb
def test_many_requests_open_no_more_connections_than_threads():
    if connection.vendor != "mysql":
        pytest.fail("needs MariaDB or MySQL: run it through .ci/run")

    before = open_connections()
    answers = ask(["/readyz"] * 120, at_once=30)
    opened = open_connections() - before

    assert {answer.status_code for answer in answers} == {200}
    assert len(opened) <= THREADS


def test_pages_answer_through_the_pool():
    [answer] = ask(["/healthz"])

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_header_with_an_underscore_cannot_pass_for_the_one_with_a_hyphen(monkeypatch):
    seen = []

    async def pages(scope, receive, send):
        seen.extend(name for name, _value in scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(asgi, "_pages", pages)
    ask(["/healthz"], **{"x_forwarded_proto": "https", "x-request-id": "req-7"})

    assert b"x-request-id" in seen
    assert b"x_forwarded_proto" not in seen


def test_the_stream_is_answered_on_the_loop(monkeypatch):
    asked = []

    async def streams(scope, receive, send):
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(asgi, "_streams", streams)
    ask(["/live/", "/live/poll"])

    assert asked == ["/live/"]


def test_a_full_queue_is_refused_at_once_and_says_when_to_come_back(monkeypatch):
    monkeypatch.setattr(asgi, "_THREADS", 1)
    monkeypatch.setattr(asgi, "_QUEUE", 1)
    entered = []

    async def pages(scope, receive, send):
        entered.append(scope["path"])
        await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(asgi, "_pages", pages)
    answers = ask(["/orders/"] * 5, at_once=5)

    assert sorted(answer.status_code for answer in answers) == [204, 204, 503, 503, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["errors"][0]["code"] == "busy"
    assert ask(["/orders/"])[0].status_code == 204
