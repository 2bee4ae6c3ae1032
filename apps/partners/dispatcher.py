"""The dispatcher: a loop that keeps a pool of connections busy and a slow receiver from the others."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async

from apps.common.clock import utc_now
from apps.partners import dispatch
from apps.partners.adapters.webhooks.client import IN_FLIGHT, PER_HOST, Outcome, WebhookClient
from apps.partners.dispatch import CLAIM_LIMIT, Claimed, Result
from apps.partners.rules import sign

# An endpoint with this many strikes in a row is left alone for a while, and what is claimed for it
# goes back untried. An answer that does not come is worse than a wrong one: it holds a connection.
STRIKES = 5
CIRCUIT_S = 5.0
_NO_ANSWER = 3
_WAIT_S = 0.05


@dataclass(slots=True)
class _Host:
    """The connections one host may hold at once, and how many deliveries want one."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PER_HOST))
    waiting: int = 0


class Dispatcher:
    """Claims, sends and settles until it is stopped, or until nothing is due."""

    def __init__(self, client: WebhookClient, *, pause_s: float = 0.3) -> None:
        """Use ``client``; ``pause_s`` is the wait when nothing is due."""
        self._client = client
        self._pause_s = pause_s
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._hosts: dict[str, _Host] = {}
        self._tasks: set[asyncio.Task[Result]] = set()
        self._held: Counter[int] = Counter()
        self._strikes: Counter[int] = Counter()
        self._closed_until: dict[int, float] = {}
        self._stopping = False
        self.delivered = 0
        self.failed = 0

    def stop(self) -> None:
        """Finish what is in flight, then end."""
        self._stopping = True

    async def run(self, *, until_idle: bool = False) -> None:
        """Work; with ``until_idle`` end as soon as nothing is due and nothing is in flight."""
        while not self._stopping or self._tasks:
            claimed = [] if self._stopping else await self._claim()
            for item in claimed:
                self._start(item)
            if self._tasks:
                await self._collect()
            elif not claimed:
                if until_idle:
                    return
                await asyncio.sleep(self._pause_s)

    async def _claim(self) -> list[Claimed]:
        room = CLAIM_LIMIT - len(self._tasks)
        if room < CLAIM_LIMIT // 4:
            return []
        clock = time.monotonic()
        self._closed_until = {
            key: until for key, until in self._closed_until.items() if until > clock
        }
        busy = set(self._closed_until)
        busy |= {key for key, held in self._held.items() if held >= CLAIM_LIMIT // 4}
        return await sync_to_async(_claim)(room, busy)

    def _start(self, item: Claimed) -> None:
        self._held[item.endpoint_id] += 1
        task = asyncio.create_task(self._deliver(item))
        self._tasks.add(task)

    async def _deliver(self, item: Claimed) -> Result:
        name = item.url.split("/")[2]
        host = self._hosts.setdefault(name, _Host())
        host.waiting += 1
        try:
            async with host.slots, self._slots:
                return await self._attempt(item)
        finally:
            host.waiting -= 1
            if not host.waiting:
                self._hosts.pop(name, None)

    async def _attempt(self, item: Claimed) -> Result:
        if self._closed_until.get(item.endpoint_id, 0.0) > time.monotonic():
            return Result(item, None)
        now = utc_now()
        headers = headers_of(item, int(now.timestamp()))
        outcome = await self._client.post(item.url, body=item.body, headers=headers, now=now)
        self._judge(item.endpoint_id, outcome)
        return Result(item, outcome)

    def _judge(self, endpoint_id: int, outcome: Outcome) -> None:
        if outcome.is_success:
            self._strikes.pop(endpoint_id, None)
            return
        self._strikes[endpoint_id] += 1 if outcome.status is not None else _NO_ANSWER
        if self._strikes[endpoint_id] >= STRIKES:
            del self._strikes[endpoint_id]
            self._closed_until[endpoint_id] = time.monotonic() + CIRCUIT_S

    async def _collect(self) -> None:
        """Wait for some attempts to end and write their results together."""
        done, _waiting = await asyncio.wait(
            self._tasks, timeout=_WAIT_S, return_when=asyncio.ALL_COMPLETED
        )
        if not done:
            return
        self._tasks -= done
        results = [task.result() for task in done]
        for result in results:
            self._release(result)
        await sync_to_async(_settle)(results)

    def _release(self, result: Result) -> None:
        key = result.claimed.endpoint_id
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
        if result.outcome is not None and result.outcome.is_success:
            self.delivered += 1
        elif result.outcome is not None:
            self.failed += 1


def headers_of(item: Claimed, timestamp: int) -> dict[str, str]:
    """Return the headers of Standard Webhooks 1.0.0: id, timestamp, one signature per secret."""
    signatures = [
        sign(secret, message_id=item.message_id, timestamp=timestamp, body=item.body)
        for secret in item.secrets
    ]
    return {
        "webhook-id": item.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _claim(room: int, busy: set[int]) -> list[Claimed]:
    return dispatch.claim(now=dispatch.database_now(), limit=room, busy=busy)


def _settle(results: list[Result]) -> None:
    dispatch.settle(results, now=dispatch.database_now())
