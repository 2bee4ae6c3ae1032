"""One supervisor: starts programs, prefixes their lines, restarts what crashed, ends all cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from devtools.machine import say
from devtools.processes import Identity, end_group, see_gone

_COLOURS = (36, 32, 35, 33, 34, 96, 92, 95)
_STEADY = 10.0
_GIVE_UP = 3
_LONGEST_PAUSE = 30.0
_KEEP_LOG = 5_000_000


@dataclass(frozen=True)
class Program:
    """A process to keep running.

    ``patience`` is how many seconds it may take to end; ``serves_others`` ends it after the rest.
    """

    name: str
    command: Sequence[str]
    patience: float = 10.0
    serves_others: bool = False


class Child:
    """A program, its present process and when to start the next one."""

    def __init__(self, program: Program, number: int) -> None:
        """Remember the program; nothing runs yet."""
        self.program = program
        self.number = number
        self.process: subprocess.Popen[bytes] | None = None
        self.identity: Identity | None = None
        self.began = 0.0
        self.due = 0.0
        self.failures = 0
        self.was_steady = False

    def note_exit(self, now: float) -> None:
        """Plan the next start: at once after a steady life, later and later after short ones."""
        if now - self.began >= _STEADY:
            self.was_steady, self.failures = True, 0
        self.failures += 1
        self.due = now + min(2.0 ** (self.failures - 1), _LONGEST_PAUSE)
        self.process = None

    @property
    def is_hopeless(self) -> bool:
        """Whether it never ran steadily and failed often enough to say that it cannot start."""
        return not self.was_steady and self.failures >= _GIVE_UP


class Supervisor:
    """Keeps programs running until a signal, a hopeless program or the end of a foreground command."""

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        logs: Path,
        cwd: Path,
        quiet: bool = False,
        on_change: Callable[[list[Identity]], None] = lambda _: None,
    ) -> None:
        """Prepare; ``quiet`` keeps the programs' lines in ``logs`` only."""
        self.env = dict(env)
        self._logs, self._cwd, self._quiet = logs, cwd, quiet
        self._on_change = on_change
        self._children: list[Child] = []
        self._readers: list[threading.Thread] = []
        self._printing = threading.Lock()
        self._signalled = threading.Event()
        self._colour = sys.stdout.isatty()

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        child = Child(program, len(self._children))
        self._children.append(child)
        self._spawn(child)

    def watch(self) -> int:
        """Supervise until a signal (0) or until a program cannot start (1)."""
        while not self._signalled.is_set():
            if not self._look():
                return 1
            self._signalled.wait(0.2)
        return 0

    def wait_for(self, is_ready: Callable[[], bool], *, patience: float) -> bool:
        """Supervise until ``is_ready``; False when it did not become so, or the end was asked for."""
        deadline = time.monotonic() + patience
        while not is_ready():
            if not self._look() or time.monotonic() > deadline or self._signalled.wait(0.1):
                return False
        return True

    def watch_during(self, command: Sequence[str]) -> int:
        """Supervise while ``command`` runs on our own terminal; return its exit code."""
        foreground = subprocess.Popen(command, env=self.env, cwd=self._cwd)
        hopeless = False
        while foreground.poll() is None:
            hopeless = hopeless or not self._look()
            if hopeless or self._signalled.is_set():
                foreground.terminate()
                self._wait(foreground, 20)
                break
            time.sleep(0.1)
        code = foreground.wait()
        return 1 if hopeless else (128 - code if code < 0 else code)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Turn Ctrl-C, SIGTERM and SIGHUP into a clean end while the block runs."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """End all programs, servers of the others last; force those that outlast their patience."""
        for wave in (False, True):
            children = [c for c in self._children if c.program.serves_others is wave and c.process]
            # Asked once each: Celery takes a second request as an order to drop its tasks.
            for child in children:
                if child.process and child.process.poll() is None:
                    child.process.terminate()
            for child in children:
                if child.process and child.identity:
                    see_gone(child.identity, patience=child.program.patience, group=True)
                    child.process.wait()
                    end_group(child.process.pid)
                child.process = None
        self._children.clear()
        for reader in self._readers:
            reader.join(timeout=2)
        self._on_change([])

    def request_end(self) -> None:
        """Let the watch return; the programs run until ``stop``."""
        self._signalled.set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.request_end()

    def _look(self) -> bool:
        """Restart what is due; return False when a program cannot start."""
        for child in self._children:
            self._look_at(child, time.monotonic())
            if child.is_hopeless:
                say(f"{child.program.name} cannot start: see {self._log_path(child)}")
                return False
        return True

    def _look_at(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.due and not child.is_hopeless:
                self._spawn(child)
        elif (code := child.process.poll()) is not None:
            end_group(child.process.pid)
            child.note_exit(now)
            pause = child.due - now
            self._emit(child, f"ended with code {code}; starting again in {pause:.0f} s")

    def _spawn(self, child: Child) -> None:
        child.began = time.monotonic()
        # A session of its own: Ctrl-C reaches only the supervisor, which then ends all in order.
        try:
            child.process = subprocess.Popen(
                child.program.command,
                env=self.env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._emit(child, str(error))
            child.note_exit(time.monotonic())
            child.failures = _GIVE_UP
            return
        child.identity = Identity.of(child.process.pid)
        assert child.process.stdout is not None
        reader = threading.Thread(
            target=self._read, args=(child, child.process.stdout), daemon=True
        )
        reader.start()
        self._readers = [thread for thread in self._readers if thread.is_alive()] + [reader]
        self._on_change([c.identity for c in self._children if c.process and c.identity])

    def _read(self, child: Child, stream: IO[bytes]) -> None:
        for line in stream:
            self._emit(child, line.decode(errors="replace").rstrip())
        stream.close()

    def _emit(self, child: Child, line: str) -> None:
        name = child.program.name
        with self._printing:
            self._append(child, line)
            if not self._quiet:
                prefix = f"{name:<8} |"
                if self._colour:
                    prefix = f"\x1b[{_COLOURS[child.number % len(_COLOURS)]}m{prefix}\x1b[0m"
                print(prefix, line, flush=True)

    def _append(self, child: Child, line: str) -> None:
        path = self._log_path(child)
        if path.exists() and path.stat().st_size > _KEEP_LOG:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a") as log:
            log.write(f"{line}\n")

    def _log_path(self, child: Child) -> Path:
        return self._logs / f"{child.program.name}.log"

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], patience: float) -> None:
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
