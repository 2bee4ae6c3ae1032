"""The supervisor, with real child processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devtools import supervise
from devtools.processes import Identity
from devtools.supervise import Child, Program, Supervisor

_SLEEP = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A quiet supervisor that logs to the test's folder."""
    supervisor = Supervisor(env=os.environ, logs=tmp_path, cwd=tmp_path, quiet=True)
    yield supervisor
    supervisor.stop()


def _python(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.02)


def _watch(supervisor: Supervisor) -> tuple[threading.Thread, list[int]]:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(supervisor.watch()))
    thread.start()
    return thread, codes


def _log(folder: Path, name: str) -> str:
    path = folder / f"{name}.log"
    return path.read_text() if path.exists() else ""


def test_lines_of_a_program_go_to_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(_python("web", "print('one'); print('two', flush=True); input()"))

    _wait(lambda: _log(tmp_path, "web").startswith("one\ntwo\n"))


def test_lines_are_prefixed_with_the_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    supervisor = Supervisor(env=os.environ, logs=tmp_path, cwd=tmp_path)
    supervisor.start(_python("web", _SLEEP))
    _wait(lambda: "up" in _log(tmp_path, "web"))
    supervisor.stop()

    assert capfd.readouterr().out == "web      | up\n"


def test_a_killed_program_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    supervisor.start(_python("worker", code))
    _wait(lambda: pids.exists() and pids.read_text().endswith("\n"))
    thread, codes = _watch(supervisor)

    os.kill(int(pids.read_text()), signal.SIGKILL)

    _wait(lambda: len(pids.read_text().splitlines()) == 2)
    assert "ended with code -9; starting again in 1 s" in _log(tmp_path, "worker")
    supervisor.request_end()
    thread.join(20)
    assert codes == [0]


def test_a_program_that_cannot_start_ends_the_watch_with_an_error(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(_python("web", "raise SystemExit('no configuration')"))

    assert supervisor.watch() == 1
    assert _log(tmp_path, "web").count("no configuration") == 3


def test_a_command_that_does_not_exist_ends_the_watch_with_an_error(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(Program("web", [str(tmp_path / "nothing")]))

    assert supervisor.watch() == 1
    assert "No such file" in _log(tmp_path, "web")


def test_pauses_grow_and_a_steady_life_resets_them() -> None:
    child = Child(Program("web", ["x"]), 0)
    pauses = []
    for began, ended in [(0, 1), (2, 3), (5, 6), (10, 30)]:
        child.began = began
        child.note_exit(ended)
        pauses.append(child.due - ended)

    assert pauses == [1, 2, 4, 1]
    assert not child.is_hopeless


def test_stop_ends_every_program(supervisor: Supervisor, tmp_path: Path) -> None:
    seen: list[list[Identity]] = []
    supervisor = Supervisor(
        env=os.environ, logs=tmp_path, cwd=tmp_path, quiet=True, on_change=seen.append
    )
    for name in ("valkey", "web"):
        supervisor.start(_python(name, _SLEEP))
    children = seen[-1]
    assert [child.is_alive() for child in children] == [True, True]

    supervisor.stop()

    assert [child.is_alive() for child in children] == [False, False]
    assert seen[-1] == []


def test_servers_of_the_others_are_ended_last(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        f"    open({str(order)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    raise SystemExit\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    for name, serves in (("valkey", True), ("web", False)):
        command = [sys.executable, "-c", code, name]
        supervisor.start(Program(name, command, serves_others=serves))
    _wait(lambda: all("up" in _log(tmp_path, name) for name in ("valkey", "web")))

    supervisor.stop()

    assert order.read_text() == "web valkey "


def test_stop_forces_a_program_and_what_it_started(tmp_path: Path, supervisor: Supervisor) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    supervisor.start(Program("worker", [sys.executable, "-c", code], patience=0.2))
    _wait(lambda: _log(tmp_path, "worker").endswith("\n"))
    grandchild = Identity.of(int(_log(tmp_path, "worker")))
    assert grandchild is not None

    supervisor.stop()

    _wait(lambda: not grandchild.is_alive())


def test_sigterm_ends_the_watch_cleanly(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(_python("web", _SLEEP))
    before = signal.getsignal(signal.SIGTERM)

    with supervisor.signals():
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        code = supervisor.watch()

    assert code == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_watch_ends_with_the_code_of_the_foreground_command(supervisor: Supervisor) -> None:
    supervisor.start(_python("worker", _SLEEP))

    assert supervisor.watch_during([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_a_hopeless_program_ends_the_foreground_command(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_GIVE_UP", 1)
    supervisor.start(_python("worker", "raise SystemExit(1)"))

    assert supervisor.watch_during([sys.executable, "-c", _SLEEP]) == 1


def test_a_long_log_is_put_aside(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_KEEP_LOG", 10)
    (tmp_path / "web.log").write_text("something long enough\n")

    supervisor.start(_python("web", _SLEEP))

    _wait(lambda: _log(tmp_path, "web") == "up\n")
    assert (tmp_path / "web.log.1").read_text() == "something long enough\n"
