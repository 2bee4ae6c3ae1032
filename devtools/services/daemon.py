"""A server started in the background: its folder, its user, its port and its process."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from devtools.machine import VAR, Stop, checkout_key, is_root, remembered_port, say
from devtools.processes import Identity, end


class _RunOptions(TypedDict, total=False):
    env: dict[str, str]
    cwd: Path
    stdin: int
    user: int
    group: int
    extra_groups: list[int]


def home() -> Path:
    """Return the folder of all services: ``var/services``, or one that their users can reach.

    Started by root, the servers run as users of their own, who cannot enter a checkout below
    ``/root``.
    """
    wanted = VAR / "services"
    parents = [path for path in (VAR, *VAR.parents) if path.exists()]
    if not is_root() or all(path.stat().st_mode & 0o001 for path in parents):
        return wanted
    return Path("/var/tmp") / f"globalselling-{checkout_key()}" / "services"


class Daemon:
    """A named server that runs as ``user`` when root starts it, and as the caller otherwise."""

    def __init__(self, name: str, *, user: str, port: int) -> None:
        """Lay down the names; nothing is created yet."""
        self.name = name
        self.folder = home() / name
        self._user = user
        self._preferred_port = port

    @property
    def port(self) -> int:
        """The port of the running server, or of the next start."""
        if self.identity():
            return int((self.folder / "port").read_text())
        return remembered_port(self.folder / "port", self._preferred_port)

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.folder / "server.log"

    def make_folder(self) -> None:
        """Make the folder, open to the server's user only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.give(self.folder, mode=0o750)

    def give(self, path: Path, *, mode: int) -> None:
        """Hand a path over to the server's user."""
        path.chmod(mode)
        if is_root():
            shutil.chown(path, self._user, pwd.getpwnam(self._user).pw_gid)

    def write(self, name: str, text: str) -> Path:
        """Write a file only the server's user can read, and return its path."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        self.give(path, mode=0o600)
        return path

    def secret(self) -> str:
        """Return the password of this installation, made at random once."""
        path = self.folder / "password"
        if not path.exists():
            self.write("password", secrets.token_urlsafe(18))
        return path.read_text()

    def command(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run a command as the server's user to its end; its output goes to the log."""
        with self.log.open("ab") as log:
            code = subprocess.run(
                arguments, **self._as_user(env), stdout=log, stderr=log, check=False
            ).returncode
        if code:
            raise Stop(f"{arguments[0]} failed: see {self.log}")

    def start(self, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start the server in the background and remember which process it is."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                arguments, **self._as_user(env), stdout=log, stderr=log, start_new_session=True
            )
        identity = Identity.of(process.pid)
        if identity is None:
            raise Stop(f"{self.name} ended at once: see {self.log}")
        identity.write(self._pid_file)

    def wait(self, is_ready: Callable[[], bool], *, patience: float) -> None:
        """Wait for the server; stop with the place of its log when it dies or takes too long."""
        deadline = time.monotonic() + patience
        while not is_ready():
            if not self.identity() or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace").splitlines()[-10:]
                raise Stop("\n".join([*tail, "", f"{self.name} does not start: see {self.log}"]))
            time.sleep(0.1)

    def identity(self) -> Identity | None:
        """Return the running process that we started, None when there is none."""
        identity = Identity.read(self._pid_file)
        return identity if identity and identity.is_alive() else None

    def stop(self, *, patience: float = 60) -> None:
        """End the process that we started, if it runs."""
        if identity := self.identity():
            end(identity, patience=patience, group=True)
            say(f"{self.name} stopped.")
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return home() / f"{self.name}.pid"

    def _as_user(self, env: Mapping[str, str] | None) -> _RunOptions:
        options: _RunOptions = {
            "env": {**os.environ, "HOME": str(self.folder), **(env or {})},
            "cwd": self.folder,
            "stdin": subprocess.DEVNULL,
        }
        if is_root():
            entry = pwd.getpwnam(self._user)
            options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        return options
