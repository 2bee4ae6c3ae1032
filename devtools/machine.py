"""The machine under the checkout: paths, Debian packages, ports and processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
LOOPBACK = "127.0.0.1"
_POLICY = Path("/usr/sbin/policy-rc.d")


class Stop(Exception):  # noqa: N818 - it is not a fault of the program
    """Ends the command; the text tells the person at the keyboard what to do."""


def say(text: str) -> None:
    """Print a line of progress; standard output stays free for results."""
    print(text, file=sys.stderr, flush=True)


def is_root() -> bool:
    """Tell whether packages may be installed and daemons need a user of their own."""
    return os.geteuid() == 0


def debian_packages_missing(packages: Sequence[str]) -> list[str]:
    """Return those of ``packages`` that dpkg does not know as installed (all, without dpkg)."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {
        line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" ok installed")
    }
    return [name for name in packages if name not in installed]


def need_debian(packages: Sequence[str], *, why: str) -> None:
    """Install Debian packages as root, or stop at once with the one command to run."""
    missing = debian_packages_missing(packages)
    if not missing:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if not is_root() or not shutil.which("apt-get"):
        raise Stop(f"{why}. Run this, then try again:\n\n    sudo {command}\n")
    say(f"{why}: {command}")
    with _daemons_stay_down():
        # The list of packages may be absent or old: fetch it only when the first try fails.
        if _apt(command.split()) != 0 and (
            _apt(["apt-get", "update"]) != 0 or _apt(command.split()) != 0
        ):
            tail = "\n".join(_apt_log().read_text(errors="replace").splitlines()[-15:])
            raise Stop(f"{tail}\n\n'{command}' failed; all of its output: {_apt_log()}")


def _apt_log() -> Path:
    return log_dir() / "apt.log"


def _apt(command: Sequence[str]) -> int:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _apt_log().open("ab") as log:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, check=False
        ).returncode


@contextmanager
def _daemons_stay_down() -> Iterator[None]:
    """Keep the packages' own daemons from starting: the services here are our own instances."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def log_dir() -> Path:
    """Return ``var/log``, made if it is not there."""
    path = VAR / "log"
    path.mkdir(parents=True, exist_ok=True)
    return path


def checkout_key() -> str:
    """Return a short name for this checkout, the same on every call."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]


def is_port_free(port: int) -> bool:
    """Tell whether a server could listen on ``port`` of the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None, *, tries: int = 50) -> int:
    """Return ``preferred`` or the next free port after it; any free port without a wish."""
    if preferred is not None:
        for port in range(preferred, min(preferred + tries, 65536)):
            if is_port_free(port):
                return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    return int(port)


def remembered_port(path: Path, preferred: int | None = None) -> int:
    """Return the port written at ``path`` if it is free, else choose one and write it down."""
    try:
        port = int(path.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if not port or not is_port_free(port):
        port = free_port(preferred)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{port}\n")
    return port
