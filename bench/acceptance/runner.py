"""Runs a suite over case files: prints each mismatch, then the score as one line of JSON."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import cast

from bench.acceptance.case import CaseResult

Suite = Callable[[Path], Iterable[CaseResult]]
Summary = Callable[[Sequence[CaseResult]], tuple[dict[str, object], bool]]
_NOT_SUITES = {"__main__", "case", "promotion_cases", "promotion_rows", "rulings", "runner"}


def known_suites(folder: Path = Path(__file__).parent) -> list[str]:
    """Return the names of the suites in ``folder``."""
    names = {module.name for module in pkgutil.iter_modules([str(folder)])}
    return sorted(names - _NOT_SUITES)


def load_suite(name: str) -> Suite:
    """Return the ``run`` function of a known suite."""
    return cast("Suite", importlib.import_module(f"bench.acceptance.{name}").run)


def load_summary(name: str) -> Summary | None:
    """Return the ``summarize`` function of a suite that has figures and targets of its own."""
    module = importlib.import_module(f"bench.acceptance.{name}")
    return cast("Summary | None", getattr(module, "summarize", None))


def score(name: str, suite: Suite, files: Sequence[Path], summarize: Summary | None = None) -> int:
    """Run ``suite`` over ``files``; return 0 when every case passed and there was at least one.

    The last line printed is JSON: ``suite``, ``passed``, ``total`` and both per part. With
    ``summarize`` its figures are added, and it says whether the targets are met instead.
    """
    cases: list[CaseResult] = []
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for file in files:
        for case in suite(file):
            cases.append(case)
            total[case.part] += 1
            passed[case.part] += case.passed
            if not case.passed:
                print(f"{file.name} {case.part}: {case.name}")
                print(f"    expected {case.expected!r}\n    actual   {case.actual!r}")
    parts = {part: {"passed": passed[part], "total": total[part]} for part in sorted(total)}
    figures, is_met = summarize(cases) if summarize else ({}, passed.total() == total.total())
    result = {"suite": name, "passed": passed.total(), "total": total.total(), "parts": parts}
    print(json.dumps(result | figures), flush=True)
    return 0 if is_met and cases else 1
