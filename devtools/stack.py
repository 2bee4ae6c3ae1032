"""The embedded stack: Valkey, web, relay, worker, beat, webhooks and the demo world."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools import valkey
from devtools.environment import PYTHON, VENV
from devtools.machine import LOOPBACK, ROOT, VAR, Stop, free_port, log_dir, say
from devtools.processes import Identity, ask, see_gone
from devtools.supervise import Program, Supervisor
from devtools.switches import Switches

_STATE = VAR / "run" / "stack.json"
_PREFERRED_PORT = 8000


@dataclass(frozen=True)
class Running:
    """A stack that is up: who supervises it and the variables its processes were given."""

    supervisor: Identity
    children: list[Identity]
    env: dict[str, str]


def manage(*arguments: str) -> list[str]:
    """Return the command of a management command."""
    return [str(PYTHON), str(ROOT / "manage.py"), *arguments]


def base_environment() -> dict[str, str]:
    """Return the environment every process of the project starts from."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {"PYTHONUNBUFFERED": "1", **os.environ, "PATH": path}
    # Dozens of processes start from here: without kept bytecode each compiles all sources anew.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def find_running() -> Running | None:
    """Return the stack of this checkout if one is up."""
    stack = _read_state()
    return stack if stack and stack.supervisor.is_alive() else None


def _read_state() -> Running | None:
    try:
        state = json.loads(_STATE.read_text())
        return Running(
            supervisor=Identity(**state["supervisor"]),
            children=[Identity(**child) for child in state["children"]],
            env=state["env"],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _write_state(children: list[Identity], env: dict[str, str]) -> None:
    me = Identity.of(os.getpid())
    assert me is not None
    state = {"supervisor": vars(me), "children": [vars(child) for child in children], "env": env}
    _STATE.parent.mkdir(parents=True, exist_ok=True)
    part = _STATE.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(state))
    part.replace(_STATE)


def end_leftovers() -> None:
    """End what a supervisor that was killed outright left behind."""
    stack = _read_state()
    left = [child for child in (stack.children if stack else []) if child.is_alive()]
    if left:
        say(f"Ending {len(left)} processes of a run that was killed ...")
    for child in left:
        ask(child)
    for child in left:
        see_gone(child, patience=3, group=True)
    _STATE.unlink(missing_ok=True)


@contextmanager
def open_stack(*, quiet: bool, extra: dict[str, str] | None = None) -> Iterator[Supervisor]:
    """Start Valkey (unless ``REDIS_URL`` names a server) and migrate; yield the supervisor.

    At the end of the block, or on a signal, everything started is ended.
    """
    if running := find_running():
        where = running.env.get("PORTAL_URL", "")
        raise Stop(f"This checkout is already running {where} (process {running.supervisor.pid}).")
    end_leftovers()
    switches = Switches.read(os.environ)
    server = valkey.durable_server() if switches.needs_valkey else None
    # Django keeps every statement of a process that debugs: costly in workers, and errors shown to
    # strangers say too much.
    debug = {"DEBUG": os.environ.get("DEBUG", "").strip() or "false"}
    servers = switches.environment(server[0] if server else None)
    named = {**debug, **servers, **(extra or {})}
    env = {**base_environment(), **named}
    supervisor = Supervisor(
        env=env,
        logs=log_dir(),
        cwd=ROOT,
        quiet=quiet,
        on_change=lambda children: _write_state(children, named),
    )
    try:
        with supervisor.signals():
            if server:
                supervisor.start(Program("valkey", server[1], serves_others=True))
                valkey.wait_ready(server[0])
            run_step(manage("migrate", "--verbosity", "0"), env, "Migrating the database")
            yield supervisor
    finally:
        _STATE.unlink(missing_ok=True)


# Error numbers of the server and its client library.
_DATABASE_HINTS = {
    "1049": "Create it first: CREATE DATABASE name CHARACTER SET utf8mb4; or name another one.",
    "1044": "Give the user of DATABASE_URL all rights on this database.",
    "1698": "Check user and password in DATABASE_URL.",
    "1045": "Check user and password in DATABASE_URL.",
    "2002": "Is the server running, and are host and port in DATABASE_URL right?",
    "2003": "Is the server running, and are host and port in DATABASE_URL right?",
    "2005": "Check the host in DATABASE_URL.",
}


def run_step(command: Sequence[str], env: dict[str, str], what: str) -> str:
    """Run one step of the start and return what it printed; stop everything when it fails."""
    say(f"{what} ...")
    answer = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        if known := explain_database(answer.stderr):
            raise Stop(known)
        text = f"{answer.stdout}\n{answer.stderr}"
        raise Stop(f"{text}\n{what} failed (code {answer.returncode}).")
    sys.stderr.write(answer.stderr)
    return answer.stdout


def explain_database(errors: str) -> str:
    """Return in a sentence what a MariaDB or MySQL server refused, or nothing for other errors."""
    found = re.search(r"OperationalError: \((\d+), (['\"])(.*?)\2\)", errors)
    if found is None or found[1] not in _DATABASE_HINTS:
        return ""
    said = found[3].replace("\\\\", "")
    return f"DATABASE_URL does not lead to a database: {said}.\n{_DATABASE_HINTS[found[1]]}"


def can_share_locks() -> bool:
    """Tell whether processes can share locks: not where ``/dev/shm`` is missing or closed to us.

    Without them Celery's pool of processes cannot start; threads do the same work more slowly.
    """
    try:
        multiprocessing.Lock()
    except OSError:
        say("Shared memory (/dev/shm) is closed to this user: the worker uses threads.")
        return False
    return True


def programs_of_work() -> list[Program]:
    """Return what carries orders on after their intake: relay, worker, beat."""
    # Celery's own lines about every task would bury those of the portal.
    celery = [str(PYTHON), "-m", "celery", "-A", "globalselling", "--quiet"]
    beat = ["beat", "-l", "WARNING", "-s", str(VAR / "beat-schedule"), "--pidfile="]
    pool = "prefork" if can_share_locks() else "threads"
    worker = ["worker", "-l", "WARNING", "-P", pool, "-c", "2", "--without-gossip"]
    return [
        Program("relay", manage("relay")),
        Program("worker", [*celery, *worker, "--without-mingle"], patience=30),
        Program("beat", [*celery, *beat]),
    ]


def programs_of_portal(port: int, *, demo: bool) -> list[Program]:
    """Return what faces people and partners: web, webhooks, and the demo world with its carrier."""
    web = [str(PYTHON), "-m", "granian", "--interface", "asginl", "--host", LOOPBACK]
    web += ["--port", str(port), "--workers", "2", "--respawn-failed-workers"]
    carrier = manage("simulate_carrier", "--port", "0", "--connect-demo")
    world = [Program("world", manage("simulate_world")), Program("carrier", carrier)]
    return [
        Program("web", [*web, "globalselling.asgi:application"]),
        Program("webhooks", manage("deliver_webhooks")),
        *(world if demo else []),
    ]


def choose_web_port(wish: int | None) -> int:
    """Return the wished port, or 8000 or the next free one; a taken wish stops the start."""
    port = free_port(wish or _PREFERRED_PORT)
    if wish and port != wish:
        raise Stop(f"Port {wish} is taken.")
    return port


def log_place() -> Path:
    """Return where the logs lie, as short as it can be said."""
    logs = log_dir()
    return logs.relative_to(ROOT) if logs.is_relative_to(ROOT) else logs
