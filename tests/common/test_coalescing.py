"""Doing together what many threads want at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.common.coalescing import Coalescer, OverloadError, StillRunningError

PATIENCE_S = 5.0


class Crowd:
    """A coalescer whose first caller is kept busy until the others wait."""

    def __init__(self, together=None, **limits):
        self.batches: list[list[str]] = []
        self._go, self._busy = threading.Event(), threading.Event()
        self._answer = together or (lambda items: [f"{item} together" for item in items])
        options = {"patience_s": PATIENCE_S, **limits}
        self.coalescer = Coalescer(self._together, **options)

    def _together(self, items):
        self.batches.append(list(items))
        return self._answer(items)

    def first(self):
        def alone():
            self._busy.set()
            self._go.wait(PATIENCE_S)
            return "first alone"

        return self.coalescer.run("key", "first", alone=alone)

    def ask(self, item):
        try:
            return self.coalescer.run("key", item, alone=lambda: f"{item} alone")
        except (ValueError, OverloadError, StillRunningError) as error:
            return error

    def run(self, items):
        """Return the answers to ``items``, which all came while the first caller was busy."""
        with ThreadPoolExecutor(len(items) + 1) as pool:
            first = pool.submit(self.first)
            self._busy.wait(PATIENCE_S)
            others = []
            for number, item in enumerate(items, 1):
                others.append(pool.submit(self.ask, item))
                self._wait_for(number, others[-1])
            self._go.set()
            return first.result(), [other.result() for other in others]

    def _wait_for(self, count, future):
        """Let callers join the queue one after the other."""
        queue = self.coalescer._queues["key"]
        until = threading.Event()
        for _ in range(500):
            if len(queue.waiting) == count or future.done():
                return
            until.wait(0.01)


def test_a_lone_caller_works_alone_at_once():
    crowd = Crowd()

    assert crowd.ask("a") == "a alone"
    assert crowd.batches == []
    assert crowd.coalescer._queues == {}


def test_those_who_wait_are_served_together_and_get_their_own_results():
    crowd = Crowd()

    first, others = crowd.run(["a", "b", "c"])

    assert first == "first alone"
    assert others == ["a together", "b together", "c together"]
    assert crowd.batches == [["a", "b", "c"]]
    assert crowd.coalescer._queues == {}


def test_a_batch_is_no_larger_than_its_limit():
    crowd = Crowd(size=2)

    crowd.run(["a", "b", "c", "d", "e"])

    assert crowd.batches == [["a", "b"], ["c", "d"]]


def test_a_result_may_be_a_refusal_or_a_wish_to_be_alone():
    crowd = Crowd(lambda items: ["fine", ValueError("no"), None][: len(items)])

    _first, others = crowd.run(["a", "b", "c"])

    assert (others[0], str(others[1]), others[2]) == ("fine", "no", "c alone")


def test_when_the_batch_fails_everybody_works_alone():
    def fail(items):
        raise RuntimeError("poison")

    crowd = Crowd(fail)

    assert crowd.run(["a", "b"])[1] == ["a alone", "b alone"]
    assert crowd.coalescer._queues == {}


def test_a_full_queue_refuses_at_once():
    crowd = Crowd(limit=2)

    _first, others = crowd.run(["a", "b", "c"])

    assert others[:2] == ["a together", "b together"]
    assert isinstance(others[2], OverloadError)


def test_nobody_waits_in_the_queue_for_ever():
    crowd = Crowd(patience_s=0.02)
    entered = threading.Event()

    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(
            crowd.coalescer.run, "key", "first", alone=lambda: entered.wait(PATIENCE_S)
        )
        while "key" not in crowd.coalescer._queues:
            pass
        with pytest.raises(OverloadError):
            crowd.coalescer.run("key", "a", alone=lambda: "never")
        entered.set()
        assert busy.result() is True
    assert crowd.coalescer._queues == {}


def test_other_keys_do_not_wait():
    crowd = Crowd()
    seen = []

    def alone():
        seen.append(crowd.coalescer.run("other", "b", alone=lambda: "b alone"))
        return "a alone"

    assert crowd.coalescer.run("key", "a", alone=alone) == "a alone"
    assert seen == ["b alone"]


def test_sixty_four_threads_get_each_their_own_result():
    crowd = Crowd(lanes=2, size=5)

    with ThreadPoolExecutor(64) as pool:
        found = list(pool.map(crowd.ask, [str(number) for number in range(2000)]))

    assert all(
        answer in {f"{number} alone", f"{number} together"} for number, answer in enumerate(found)
    )
    assert crowd.coalescer._queues == {}
