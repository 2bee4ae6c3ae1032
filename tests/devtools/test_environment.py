"""The virtual environment: what is installed is told by a stamp of the pins."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import environment, machine
from devtools.machine import Stop


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with pins and an empty environment folder."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in ("base", "dev", "mysql"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    return tmp_path


def _mark(checkout: Path, name: str) -> None:
    (checkout / ".venv" / f".installed-{name}").write_text(environment.stamp(name))


def test_nothing_is_installed_in_an_empty_environment(checkout: Path) -> None:
    assert [environment.is_installed(name) for name in ("base", "dev", "mysql")] == [False] * 3


def test_a_stamped_set_is_installed(checkout: Path) -> None:
    _mark(checkout, "base")

    assert environment.is_installed("base")
    assert not environment.is_installed("dev")


def test_the_development_set_answers_for_the_base_set(checkout: Path) -> None:
    _mark(checkout, "dev")

    assert environment.is_installed("base")
    assert not environment.is_installed("mysql")


def test_a_changed_pin_makes_the_stamp_old(checkout: Path) -> None:
    _mark(checkout, "base")

    (checkout / "requirements" / "base.txt").write_text("base==2\n")

    assert not environment.is_installed("base")


def test_a_moved_environment_makes_the_stamp_old(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mark(checkout, "base")
    (checkout / ".venv").rename(checkout / "other")

    monkeypatch.setattr(environment, "VENV", checkout / "other")

    assert not environment.is_installed("base")


def test_without_root_a_missing_package_stops_with_the_command_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "is_root", lambda: False)
    monkeypatch.setattr(machine, "debian_packages_missing", lambda packages: list(packages))

    with pytest.raises(Stop) as stop:
        machine.need_debian(["python3-venv"], why="No venv")

    command = "sudo apt-get install -y --no-install-recommends python3-venv"
    assert str(stop.value).splitlines() == [
        "No venv. Run this, then try again:",
        "",
        f"    {command}",
    ]


def test_the_pins_name_no_index() -> None:
    for pins in sorted(machine.ROOT.glob("requirements/*.txt")):
        text = pins.read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert "--find-links" not in text


def test_every_pin_has_a_hash() -> None:
    for pins in sorted(machine.ROOT.glob("requirements/*.txt")):
        lines = [line for line in pins.read_text().splitlines() if line and line[0].isalnum()]
        assert lines
        assert [line for line in lines if not line.endswith("\\")] == []


def test_development_and_production_pin_the_same_versions() -> None:
    base, dev = (
        {line.split()[0] for line in text.splitlines() if line and line[0].isalnum()}
        for text in (
            (machine.ROOT / "requirements" / f"{name}.txt").read_text() for name in ("base", "dev")
        )
    )

    assert base - dev == set()
