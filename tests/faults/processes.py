"""The portal's own processes under a supervisor that starts again whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Processes:
    """Named processes with one environment; the dead are started again after half a second."""

    def __init__(self, env: dict[str, str], log_dir: Path, *, port: int) -> None:
        """Describe the processes."""
        self._env = env
        self._log_dir = log_dir
        queues = (
            "intake,checks,route,labels,tracking,webhooks,finance,imports,media,insights,deadlines"
        )
        python, celery = str(BIN / "python"), str(BIN / "celery")
        app = [celery, "-A", "globalselling", "--workdir", str(ROOT)]
        self.commands = {
            "web": [
                str(BIN / "granian"),
                *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "2", "--blocking-threads", "2", "--no-ws"),
                "globalselling.wsgi:application",
            ],
            "worker": [*app, "worker", "-c", "2", "-l", "WARNING", "-Q", queues, "-n", "faults@%h"],
            "relay": [python, "manage.py", "relay"],
            "webhooks": [python, "manage.py", "deliver_webhooks"],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = Event()

    def start(self) -> None:
        """Start all and keep them up."""
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for name in self.commands:
            self._start(name)
        Thread(target=self._supervise, daemon=True).start()

    def stop(self) -> None:
        """End all: first kindly, then not."""
        self._stopping.set()
        time.sleep(0.5)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._running.values():
                _signal_group(process.pid, number)
            deadline = time.monotonic() + 8
            while time.monotonic() < deadline and any(
                p.poll() is None for p in self._running.values()
            ):
                time.sleep(0.1)

    def kill(self, name: str) -> None:
        """Kill a process with everything it started, without warning."""
        _signal_group(self._running[name].pid, signal.SIGKILL)

    def kill_child(self, name: str, pick: int) -> None:
        """Kill one child of a process (a pool worker, a web worker)."""
        path = Path(f"/proc/{self._running[name].pid}/task/{self._running[name].pid}/children")
        try:
            children = path.read_text().split()
        except OSError:
            return
        if children:
            os.kill(int(children[pick % len(children)]), signal.SIGKILL)

    def _start(self, name: str) -> None:
        with (self._log_dir / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self.commands[name],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            for name, process in list(self._running.items()):
                if process.poll() is not None and not self._stopping.is_set():
                    time.sleep(0.5)
                    self._start(name)
            time.sleep(0.2)


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
