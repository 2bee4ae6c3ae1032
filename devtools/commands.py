"""The commands of ``dev.py``, one function each, returning the exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from devtools import checks, environment, stack, valkey
from devtools.environment import PYTHON
from devtools.machine import ROOT, Stop, need_debian, say
from devtools.stack import manage
from devtools.switches import Switches, answers

MARKERS = {
    "mariadb": "needs a MariaDB server",
    "broker": "needs a RabbitMQ broker and real workers",
    "browser": "drives Chromium",
    "faults": "kills processes under load for minutes",
}


def run(*, port: int | None, demo: bool) -> int:
    """Set up, fill an empty database with the demo world, and run everything until Ctrl-C."""
    began = time.monotonic()
    prepare(dev=False)
    port = stack.choose_web_port(port)
    address = f"http://127.0.0.1:{port}"
    extra = {"PORTAL_URL": os.environ.get("PORTAL_URL") or address}
    with stack.open_stack(quiet=False, extra=extra) as supervisor:
        logins = _make_demo_world(supervisor.env) if demo else ""
        for program in [*stack.programs_of_work(), *stack.programs_of_portal(port, demo=demo)]:
            supervisor.start(program)
        if supervisor.wait_for(lambda: answers(address), patience=60):
            say(f"\n{logins}The portal is at {address}  (staff: {address}/admin/)")
            say(f"Started in {time.monotonic() - began:.0f} s; logs in {stack.log_place()}/")
            say("Ctrl-C stops everything.\n")
        return supervisor.watch()


def seed() -> int:
    """Migrate and make the demo world, unless it is there already."""
    prepare(dev=False)
    with stack.open_stack(quiet=True) as supervisor:
        print(_make_demo_world(supervisor.env))
    return 0


def _make_demo_world(env: dict[str, str]) -> str:
    # Before any worker runs: it lives through its weeks in one process, on a clock of its own.
    return stack.run_step(manage("seed_demo"), env, "Making the demo world, if there is none")


def replay(file: Path, *, as_json: bool) -> int:
    """Play a file of orders through the running stack, or through one started for it."""
    if not file.is_file():
        raise Stop(f"There is no file {file}.")
    option = ["--json"] if as_json else []
    return _with_stack(manage("replay_orders", str(file.resolve()), *option))


def _with_stack(command: Sequence[str]) -> int:
    prepare(dev=False)
    if running := stack.find_running():
        env = {**stack.base_environment(), **running.env}
        return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode
    with stack.open_stack(quiet=True) as supervisor:
        for program in stack.programs_of_work():
            supervisor.start(program)
        return supervisor.watch_during(command)


def test(arguments: Sequence[str], *, including: Sequence[str]) -> int:
    """Run pytest on both cores with a Valkey of its own; leave out what needs other servers."""
    wanted = set(MARKERS if "all" in including else including)
    switches = Switches.read(os.environ)
    _refuse_what_cannot_run(wanted, switches)
    prepare(dev=True)
    if "browser" in wanted:
        need_debian(["chromium"], why="The browser tests drive Chromium")
    left_out = {name: why for name, why in MARKERS.items() if name not in wanted}
    command = [str(PYTHON), "-m", "pytest", "-p", "devtools.left_out"]
    if not any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments):
        command += ["-n", "2"]
    env = {**stack.base_environment(), "TESTS_LEFT_OUT": ",".join(left_out)}
    if not switches.needs_valkey:
        return subprocess.run([*command, *arguments], env=env, cwd=ROOT, check=False).returncode
    with valkey.throwaway_server() as port:
        env |= switches.environment(port)
        return subprocess.run([*command, *arguments], env=env, cwd=ROOT, check=False).returncode


def _refuse_what_cannot_run(wanted: set[str], switches: Switches) -> None:
    advice = 'start one and name it:\n\n    eval "$(python3 dev.py services start)"\n'
    if "mariadb" in wanted and not switches.uses_mysql:
        raise Stop(f"Tests marked mariadb need DATABASE_URL=mysql://...; {advice}")
    if "broker" in wanted and not switches.uses_rabbitmq:
        raise Stop(f"Tests marked broker need CELERY_BROKER_URL=amqp://...; {advice}")


def check() -> int:
    """Run every static check; tell each result and the time it took."""
    prepare(dev=True)
    return checks.run_all(stack.base_environment())


def migrations() -> int:
    """Migrate an empty database of the configured server from zero and look for drift."""
    prepare(dev=False)
    command = [str(PYTHON), "-m", "devtools.from_zero"]
    return subprocess.run(command, env=stack.base_environment(), cwd=ROOT, check=False).returncode


def accept(suite: str, files: Sequence[str]) -> int:
    """Run an acceptance suite of ``bench/acceptance`` over case files."""
    prepare(dev=False)
    paths = [str(Path(file).resolve()) for file in files]
    return _python(["-m", "bench.acceptance", suite, *paths])


def bench(name: str, arguments: Sequence[str]) -> int:
    """Run a measurement of ``bench/perf``."""
    folder = ROOT / "bench" / "perf"
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if name not in known:
        say(f"No measurement {name!r}. Known: {', '.join(known) or 'none'}.")
        return 2
    prepare(dev=True)
    return _python([str(folder / f"{name}.py"), *arguments])


def lock() -> int:
    """Compile the pins of ``requirements/*.in`` anew, with hashes and without any index address."""
    prepare(dev=True)
    options = ["--universal", "--generate-hashes", "--python-version", "3.11", "--no-header"]
    options += ["--no-emit-index-url", "--no-emit-find-links", "--no-strip-extras", "--quiet"]
    for name in ("base", "mysql", "dev"):
        folder = f"requirements/{name}"
        command = ["pip", "compile", *options, f"{folder}.in", "-o", f"{folder}.txt"]
        if code := _python(["-m", "uv", *command]):
            return code
    return 0


def prepare(*, dev: bool) -> None:
    """Bring the environment up to the pins, with the MySQL driver if the database needs it."""
    environment.prepare(dev=dev, mysql=Switches.read(os.environ).uses_mysql)


def _python(arguments: Sequence[str]) -> int:
    command = [str(PYTHON), *arguments]
    env = {**stack.base_environment(), "PYTHONPATH": str(ROOT)}
    sys.stdout.flush()
    return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode
