"""The portal under test: a database, Valkey, web server, relay and worker of its own."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools import valkey
from devtools.machine import LOOPBACK, ROOT, free_port
from devtools.processes import Identity, end
from devtools.switches import answers

PATIENCE_S = 60
_WEB = ("-m", "granian", "--interface", "asginl", "--workers", "1", "--host", LOOPBACK, "--port")
_WORKER = (
    "-m",
    "celery",
    "-A",
    "globalselling",
    "--quiet",
    "worker",
    "-l",
    "WARNING",
    "-P",
    "solo",
)


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, where it keeps files, and the facts of its world."""

    address: str
    home: Path
    facts: dict[str, str]

    def log(self, name: str) -> str:
        """Return what a process has printed."""
        return (self.home / f"{name}.log").read_text()

    def wait_for_mail(self, address: str) -> str:
        """Return the text of the newest mail to an address, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for path in sorted((self.home / "mail").glob("*.log"), reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                body = message.get_body()
                if address in str(message["To"]) and body is not None:
                    return str(body.get_content())
            time.sleep(0.1)
        raise AssertionError(f"No mail came to {address}.")

    def wait_for_link(self, address: str) -> str:
        """Return the first link in the newest mail to an address."""
        text = self.wait_for_mail(address)
        found = re.search(r"https?://\S+", text)
        assert found, text
        return found[0]


@contextmanager
def open_portal(
    home: Path, *, days: int | None = None, with_worker: bool = True
) -> Iterator[Portal]:
    """Make the world in ``home`` and serve it until the block ends."""
    (home / "mail").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        port = free_port()
        address = f"http://{LOOPBACK}:{port}"
        valkey_port = stack.enter_context(valkey.throwaway_server())
        env = _environment(home, address, f"redis://{LOOPBACK}:{valkey_port}")
        _run(["-m", "devtools.from_models"], env)
        arguments = [str(days)] if days else []
        facts = json.loads(_run(["-m", "tests.e2e.world", *arguments], env).splitlines()[-1])
        web = [*_WEB, str(port), "globalselling.asgi:application"]
        stack.enter_context(_process("web", web, env, home))
        if with_worker:
            stack.enter_context(_process("relay", ["manage.py", "relay"], env, home))
            quick = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            stack.enter_context(_process("worker", [*_WORKER, *quick], env, home))
        portal = Portal(address, home, facts)
        _wait_until_it_answers(portal)
        yield portal


def _environment(home: Path, address: str, valkey_url: str) -> dict[str, str]:
    """Return variables that make the portal independent of the servers the other tests use."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
        "VAR_DIR": str(home),
        "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
        "REDIS_URL": f"{valkey_url}/0",
        "CELERY_BROKER_URL": f"{valkey_url}/1",
        "KAFKA_BOOTSTRAP": "",
        "PORTAL_URL": address,
        "LOG_LEVEL": "WARNING",
    }


def _run(arguments: list[str], env: dict[str, str]) -> str:
    answer = subprocess.run(
        [sys.executable, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@contextmanager
def _process(name: str, arguments: list[str], env: dict[str, str], home: Path) -> Iterator[None]:
    with (home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        identity = Identity.of(process.pid)
        try:
            yield
            assert process.poll() is None, f"The {name} process ended by itself: {log.name}"
        finally:
            if identity is not None:
                end(identity, patience=5, group=True)
            process.wait()


def _wait_until_it_answers(portal: Portal) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not answers(f"{portal.address}/healthz"):
        assert time.monotonic() < deadline, portal.log("web")
        time.sleep(0.05)
