"""Identifiers of shipments: which numbers are valid (layout of ``identifiers.json``).

The section ``s10`` (UPU S10) is judged here; the sections of identifiers that the portal does not
issue or read yet are not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from apps.fulfillment import rules
from bench.acceptance.case import CaseResult


def run(case_file: Path) -> Iterator[CaseResult]:
    """Yield one case per S10 number: whether ``is_valid_s10`` judges it as the file does."""
    section = json.loads(case_file.read_text())["s10"]
    numbers = dict.fromkeys(section["valid"], True)
    numbers |= {section[name]: True for name in section if name.startswith("edge_")}
    numbers |= dict.fromkeys(section["invalid"], False)
    for number, expected in numbers.items():
        yield CaseResult(number, expected, rules.is_valid_s10(number), part="s10")
