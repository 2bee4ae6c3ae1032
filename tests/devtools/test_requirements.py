"""Every package the code imports is pinned: what only one machine has is no help on another."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from devtools.machine import ROOT

_OURS = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"dev", "manage"}
# Peers of the benchmarks live in environments of their own.
_PEERS = {"oscar", "oscarapi"}
# The MySQL driver is installed only where a server is used, so its name cannot be looked up.
_MAYBE_ABSENT = {"MySQLdb": ["mysqlclient"]}


def _name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _pinned(*files: str, with_extras: bool = False) -> set[str]:
    lines = [
        line for file in files for line in (ROOT / "requirements" / file).read_text().splitlines()
    ]
    pins = (re.match(r"([\w.-]+)(\[[\w,.-]+\])?==", line) for line in lines)
    return {_name(pin[1]) + (pin[2] or "") * with_extras for pin in pins if pin}


def _imports(folders: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                found.setdefault(name.partition(".")[0], path.relative_to(ROOT))
    return found


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (("apps", "globalselling"), ("base.txt", "mysql.txt")),
        (("tests", "bench", "devtools"), ("dev.txt", "mysql.txt")),
    ],
)
def test_what_is_imported_is_pinned(folders: tuple[str, ...], files: tuple[str, ...]) -> None:
    distributions = {**_MAYBE_ABSENT, **packages_distributions()}
    pinned = _pinned(*files)
    known = sys.stdlib_module_names | _OURS | _PEERS

    missing = {
        module: str(path)
        for module, path in _imports(folders).items()
        if module not in known
        and not pinned & {_name(name) for name in distributions.get(module, [module])}
    }

    assert missing == {}


def test_extras_are_pinned_with_their_package() -> None:
    """Else pip looks for the extra in the newest release, and refuses it for want of a hash."""
    pins = _pinned("dev.txt", with_extras=True)
    asked = {
        f"{_name(need.name)}[{extra}]"
        for name in _pinned("dev.txt") & _installed()
        for need in map(Requirement, distribution(name).requires or ())
        if need.marker is None or need.marker.evaluate({"extra": ""})
        for extra in need.extras
    }

    assert asked
    assert asked <= pins


def _installed() -> set[str]:
    return {_name(item) for names in packages_distributions().values() for item in names}
