"""The floor over HTTP: a bare WSGI callable that writes one recorded plan per request.

Started by ``granian --interface wsgi bench.perf.rig.bare:application`` with ``BARE_URL`` and
``BARE_PLANS`` in the environment. It reads no body, knows no caller and answers always the same.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

from bench.perf.rig.floor import Floor
from bench.perf.rig.race import SINGLE

_own = threading.local()
_ANSWER = b'{"id": "ord_00000000000000000000000000", "status": "pending"}'
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Write one order and answer 201."""
    environ["wsgi.input"].read()
    floor, plans = _mine()
    floor.write(next(plans))
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(_ANSWER)))]
    start_response("201 Created", headers)
    return [_ANSWER]


def _mine() -> tuple[Floor, itertools.cycle[Any]]:
    """Return this thread's connection and its plans, from a random one on."""
    if not hasattr(_own, "pair"):
        floor = Floor(os.environ["BARE_URL"])
        floor.setup(os.environ["BARE_PLANS"])
        floor.numbers = itertools.count(random.randrange(10**11, 10**12))
        plans = floor.plans[SINGLE]
        start = random.randrange(len(plans))
        _own.pair = floor, itertools.cycle([*plans[start:], *plans[:start]])
    pair: tuple[Floor, itertools.cycle[Any]] = _own.pair
    return pair
