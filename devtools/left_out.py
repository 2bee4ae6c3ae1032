"""pytest plugin: leaves out tests by marker and says which, how many and why."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from devtools.commands import MARKERS

_COUNTS = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing left out."""
    config.stash[_COUNTS] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the tests of the markers in ``TESTS_LEFT_OUT`` out of the run and count them."""
    names = [name for name in os.environ.get("TESTS_LEFT_OUT", "").split(",") if name]
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    counts: Counter[str] = Counter()
    for item in items:
        marker = next((name for name in names if item.get_closest_marker(name)), None)
        (dropped if marker else kept).append(item)
        if marker:
            counts[marker] += 1
    config.stash[_COUNTS] = dict(counts)
    if dropped:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """Take over the counts of an xdist worker (every worker collects the same tests)."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[_COUNTS].update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand an xdist worker's counts to the controller."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash[_COUNTS]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run."""
    counts = terminalreporter.config.stash[_COUNTS]
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(
            f"Not run: {count} test{'s'[: count > 1]} marked {name} ({MARKERS[name]}); "
            f"run them with: python3 dev.py test --with {name}",
            yellow=True,
        )
