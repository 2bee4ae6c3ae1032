"""The runner of acceptance suites."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.acceptance import __main__ as command
from bench.acceptance.case import CaseResult
from bench.acceptance.runner import known_suites, score

Capture = pytest.CaptureFixture[str]


def _sums(file: Path) -> Iterator[CaseResult]:
    for row in json.loads(file.read_text()):
        yield CaseResult(row["name"], row["sum"], row["a"] + row["b"], part="sums")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A file with one right and one wrong case."""
    file = tmp_path / "cases.json"
    rows = [{"name": "two", "a": 1, "b": 1, "sum": 2}, {"name": "five", "a": 2, "b": 2, "sum": 5}]
    file.write_text(json.dumps(rows))
    return file


def test_a_mismatch_is_printed_and_fails(cases: Path, capsys: Capture) -> None:
    code = score("sums", _sums, [cases])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert lines[:-1] == ["cases.json sums: five", "    expected 5", "    actual   4"]
    assert json.loads(lines[-1]) == {
        "suite": "sums",
        "passed": 1,
        "total": 2,
        "parts": {"sums": {"passed": 1, "total": 2}},
    }


def test_all_right_passes(cases: Path, capsys: Capture) -> None:
    cases.write_text(json.dumps([{"name": "two", "a": 1, "b": 1, "sum": 2}]))

    assert score("sums", _sums, [cases, cases]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 2


def test_no_case_is_no_pass(cases: Path) -> None:
    cases.write_text("[]")

    assert score("sums", _sums, [cases]) == 1


def test_an_unknown_suite_lists_the_known_ones(cases: Path, capsys: Capture) -> None:
    code = command.main(["nothing", str(cases)])

    assert code == 2
    assert capsys.readouterr().err == f"No suite 'nothing'. Known: {', '.join(known_suites())}.\n"


def test_a_missing_file_is_named(tmp_path: Path, capsys: Capture) -> None:
    code = command.main(["identifiers", str(tmp_path / "gone.json")])

    assert code == 2
    assert capsys.readouterr().err == f"No such file: {tmp_path / 'gone.json'}\n"


def test_the_suite_of_identifiers_is_known() -> None:
    assert "identifiers" in known_suites()
