"""Processes by identity: a pid alone may have been given to somebody else since."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """A process and the moment it began, as the system reports it."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Return the identity of a living process, None when there is none of that pid."""
        began = _began(pid)
        return cls(pid, began) if began else None

    @classmethod
    def read(cls, path: Path) -> Identity | None:
        """Return the identity written at ``path``, None when there is no readable one."""
        try:
            pid, began = path.read_text().split(maxsplit=1)
            return cls(int(pid), began.strip())
        except (FileNotFoundError, ValueError):
            return None

    def write(self, path: Path) -> None:
        """Write the identity down at ``path``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{self.pid} {self.began}\n")

    def is_alive(self) -> bool:
        """Tell whether this very process still runs."""
        return _began(self.pid) == self.began


def _began(pid: int) -> str:
    """Return when ``pid`` began, or an empty text for none (a zombie counts as none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return _began_without_proc(pid) if not Path("/proc/self/stat").exists() else ""
    return "" if fields[0] in "ZX" else fields[19]


def _began_without_proc(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def end(identity: Identity, *, patience: float, group: bool = False) -> None:
    """Ask a process to end; after ``patience`` seconds force it (with its group, if it leads one)."""
    ask(identity)
    see_gone(identity, patience=patience, group=group)


def ask(identity: Identity) -> None:
    """Ask a process to end."""
    _send(identity, signal.SIGTERM)


def see_gone(identity: Identity, *, patience: float, group: bool = False) -> None:
    """Wait for a process that was asked to end; after ``patience`` seconds force it."""
    if not wait_gone(identity, patience=patience):
        _send(identity, signal.SIGKILL, group=group)
        wait_gone(identity, patience=5)


def end_group(leader: int) -> None:
    """Force what a leader that is gone left in its process group, such as pool processes."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_gone(identity: Identity, *, patience: float) -> bool:
    """Wait until the process is gone; tell whether it went within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while identity.is_alive():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _send(identity: Identity, number: signal.Signals, *, group: bool = False) -> None:
    if not identity.is_alive():
        return
    try:
        (os.killpg if group else os.kill)(identity.pid, number)
    except ProcessLookupError:
        return
