"""Acceptance suites: case files in, score out.

A suite is a module of this package with ``run(case_file: Path) -> Iterable[CaseResult]``; the name of
the module is the name of the suite. ``python3 dev.py accept SUITE FILE...`` runs it. A suite with
``summarize(results)`` adds figures of its own and says whether its targets are met.
"""

from __future__ import annotations
