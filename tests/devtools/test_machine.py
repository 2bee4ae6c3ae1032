"""Ports and processes of the machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.machine import free_port, is_port_free, remembered_port
from devtools.processes import Identity, end, wait_gone

pytestmark = pytest.mark.enable_socket

_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)"
)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_not_free(taken: int) -> None:
    assert not is_port_free(taken)


def test_the_next_free_port_after_a_taken_one_is_chosen(taken: int) -> None:
    assert free_port(taken) > taken


def test_a_port_is_remembered(tmp_path: Path) -> None:
    first = remembered_port(tmp_path / "deep" / "port")

    assert remembered_port(tmp_path / "deep" / "port") == first


def test_a_remembered_port_that_is_taken_is_replaced(tmp_path: Path, taken: int) -> None:
    (tmp_path / "port").write_text(f"{taken}\n")

    port = remembered_port(tmp_path / "port")

    assert port != taken
    assert (tmp_path / "port").read_text() == f"{port}\n"


def test_an_identity_survives_being_written_down(tmp_path: Path) -> None:
    me = Identity.of(os.getpid())
    assert me is not None

    me.write(tmp_path / "me.pid")

    assert Identity.read(tmp_path / "me.pid") == me
    assert me.is_alive()


def test_another_process_with_our_pid_is_somebody_else() -> None:
    assert not Identity(os.getpid(), "1").is_alive()


def test_no_identity_is_read_from_nothing_or_nonsense(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("x y")

    assert Identity.read(tmp_path / "none") is None
    assert Identity.read(tmp_path / "bad") is None


def test_end_never_signals_a_stranger_with_the_same_pid() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        end(Identity(process.pid, "1"), patience=1)

        assert process.poll() is None
        process.terminate()


def test_end_asks_first() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    identity = Identity.of(process.pid)
    assert identity is not None

    end(identity, patience=10)

    assert process.wait() == -signal.SIGTERM


def test_end_forces_what_does_not_listen() -> None:
    process = subprocess.Popen([sys.executable, "-c", _STUBBORN], stdout=subprocess.PIPE)
    identity = Identity.of(process.pid)
    assert identity is not None
    assert process.stdout is not None
    process.stdout.readline()

    end(identity, patience=0.2)

    assert process.wait() == -signal.SIGKILL
    assert wait_gone(identity, patience=0)
    process.stdout.close()
