"""The static checks: lint, types, layers, migrations, deployment, API description, translations."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devtools.environment import PYTHON, VENV
from devtools.machine import ROOT

_TYPED = ("apps", "globalselling", "devtools", "dev.py", "manage.py")
_OPENAPI = ROOT / "docs" / "api" / "openapi.yaml"


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 when all is well, with the variables it needs on top."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


def run_all(env: Mapping[str, str]) -> int:
    """Run every check, print the output of those that fail, and return 1 if any did."""
    with tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
        schema = Path(folder) / "openapi.yaml"
        failed = [check.name for check in _checks(schema) if not _passes(check, env)]
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


def _passes(check: Check, env: Mapping[str, str]) -> bool:
    began = time.monotonic()
    answer = subprocess.run(
        check.command,
        env={**env, **check.env},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passes = answer.returncode == 0
    took = time.monotonic() - began
    print(f"{'ok    ' if passes else 'FAILED'}  {check.name:<34}{took:6.1f} s", flush=True)
    if not passes:
        print(answer.stdout.rstrip(), flush=True)
    return passes


def _checks(schema: Path) -> list[Check]:
    manage = [str(PYTHON), "manage.py"]
    spectacular = ["spectacular", "--validate", "--fail-on-warn", "--file", str(schema)]
    return [
        Check("ruff check", [_tool("ruff"), "check", "."]),
        Check("ruff format", [_tool("ruff"), "format", "--check", "."]),
        Check("mypy --strict", [_tool("mypy"), *_existing(_TYPED)]),
        Check("import-linter", [_tool("lint-imports")], {"PYTHONPATH": str(ROOT)}),
        Check("makemigrations --check", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("check --deploy", [str(PYTHON), "-m", "devtools.deployment"]),
        Check("spectacular --validate", [*manage, *spectacular]),
        Check("docs/api/openapi.yaml is current", ["diff", "-u", str(_OPENAPI), str(schema)]),
        Check("translations are compiled", [str(PYTHON), "-m", "devtools.messages"]),
    ]


def _tool(name: str) -> str:
    return str(VENV / "bin" / name)


def _existing(names: Sequence[str]) -> list[str]:
    return [name for name in names if (ROOT / name).exists()]
