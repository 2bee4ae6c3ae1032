"""Many buyers at once at the partner API, each with a key of its own and the will to get an answer."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from apps.partners.rehearsal.world import MARKET, SKU

PAUSE_S = 0.2
_AGAIN = frozenset({429, 502, 503, 504})
_RUNNING = "idempotency.still_running"


@dataclass(slots=True)
class Sale:
    """What the buyers met: accepted order ids, final refusals by code, and times of all answers."""

    accepted: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    latencies_s: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """Return the time of an answer in milliseconds that ``share`` of them did not exceed."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many buyers come, how many of them at once, for how many units each, and until when."""

    buyers: int
    at_once: int
    units_each: int
    patience_s: float


def run_sale(url: str, secret: str, plan: Plan) -> Sale:
    """Let all buyers buy and return what they met; ends after the plan's patience at the latest."""
    return asyncio.run(_run_sale(url, secret, plan))


async def _run_sale(url: str, secret: str, plan: Plan) -> Sale:
    sale = Sale()
    waiting = list(range(plan.buyers))
    until = 0.0
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/json",
        "X-Forwarded-Proto": "https",
    }
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=plan.at_once)

    async def come() -> None:
        while waiting:
            await _buy(session, f"{url}/api/v1/orders", waiting.pop(), plan, sale, until)

    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=headers
    ) as session:
        await _wait_until_ready(session, f"{url}/readyz", plan)
        began = time.monotonic()
        until = began + plan.patience_s
        await asyncio.gather(*(come() for _ in range(plan.at_once)))
    sale.seconds = time.monotonic() - began
    return sale


async def _wait_until_ready(session: aiohttp.ClientSession, url: str, plan: Plan) -> None:
    """Ask the page of readiness, as many at once as buyers will, until every answer is good."""

    async def ask() -> bool:
        try:
            async with session.get(url) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

    until = time.monotonic() + plan.patience_s
    while not all(await asyncio.gather(*(ask() for _ in range(plan.at_once)))):
        if time.monotonic() > until:
            return
        await asyncio.sleep(PAUSE_S)


async def _buy(
    session: aiohttp.ClientSession, url: str, number: int, plan: Plan, sale: Sale, until: float
) -> None:
    key = str(uuid.uuid4())
    body = json.dumps(_order(number, plan.units_each)).encode()
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            async with session.post(url, data=body, headers={"Idempotency-Key": key}) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            sale.repeated[type(error).__name__] += 1
            await asyncio.sleep(PAUSE_S)
            continue
        sale.latencies_s.append(time.monotonic() - began)
        if answer.status in {200, 201}:
            sale.accepted.append(told["id"])
            return
        code = _code(told)
        if answer.status not in _AGAIN and code != _RUNNING:
            sale.refused[code] += 1
            return
        sale.repeated[code] += 1
        await asyncio.sleep(min(2.0, float(answer.headers.get("Retry-After", PAUSE_S))))
    sale.unanswered += 1


def _code(told: Mapping[str, list[Mapping[str, str]]]) -> str:
    return told["errors"][0]["code"]


def _order(number: int, units: int) -> dict[str, object]:
    return {
        "external_ref": f"BUYER-{number}",
        "market": MARKET,
        "placed_at": "2026-11-27T00:00:00Z",
        "buyer": {
            "name": f"Buyer {number}",
            "country": MARKET,
            "street": "Sonnenallee 214",
            "city": "Berlin",
            "postal_code": "12059",
        },
        "lines": [{"sku": SKU, "quantity": units}],
    }
