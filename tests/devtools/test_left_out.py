"""The plugin that leaves tests out by marker, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.machine import ROOT

_TESTS = """
import pytest

def test_plain(): pass

@pytest.mark.browser
def test_page(): assert False, "left out"

@pytest.mark.browser
def test_other_page(): assert False, "left out"

@pytest.mark.broker
def test_queue(): pass
"""
_INI = "[pytest]\nmarkers =\n    browser: x\n    broker: x\n"


def _pytest(folder: Path, left_out: str, *arguments: str) -> list[str]:
    (folder / "test_them.py").write_text(_TESTS)
    (folder / "pytest.ini").write_text(_INI)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    # Only the plugins that matter: loading all that are installed takes seconds in each process.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env |= {"PYTHONPATH": str(ROOT), "TESTS_LEFT_OUT": left_out, **alone}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    plugins = ["-p", "xdist", "-p", "devtools.left_out"]
    command = [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", *arguments]
    answer = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout.splitlines()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_does_not_run_is_said_with_number_and_reason(tmp_path: Path, workers: str) -> None:
    lines = _pytest(tmp_path, "mariadb,browser", "-n", workers)

    said = [line for line in lines if line.startswith("Not run")]
    assert said == [
        "Not run: 2 tests marked browser (drives Chromium); "
        "run them with: python3 dev.py test --with browser"
    ]
    assert "2 passed" in lines[-1]


def test_nothing_is_said_when_everything_runs(tmp_path: Path) -> None:
    lines = _pytest(tmp_path, "", "-k", "plain or queue")

    assert [line for line in lines if line.startswith("Not run")] == []
    assert "2 passed" in lines[-1]
