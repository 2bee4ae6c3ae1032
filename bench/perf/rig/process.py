"""Starting contestants, asking them, and ending them: every step has a time limit."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self


class ContestantError(RuntimeError):
    """A contestant failed, ended or took too long; the message says which and ends with its log."""


class Contestant:
    """A running contestant process, used as a context manager; leaving it ends the process."""

    def __init__(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path
    ) -> None:
        """Start ``argv``; what it prints on its error stream goes to the file ``log``."""
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **env},
                cwd=cwd,
            )
        self._pending = b""

    def __enter__(self) -> Self:
        """Return the running contestant."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def ask(self, command: str, *, seconds: float, **arguments: object) -> dict[str, Any]:
        """Send one command and return its answer; raises ``ContestantError`` after ``seconds``."""
        request = json.dumps({"do": command, **arguments}) + "\n"
        try:
            self._pipe(self._process.stdin).write(request.encode())
            self._pipe(self._process.stdin).flush()
        except BrokenPipeError as error:
            raise ContestantError(self._story(f"ended before {command}")) from error
        answer: dict[str, Any] = json.loads(self._read_line(command, seconds))
        return answer

    def close(self) -> None:
        """End the process: politely by closing its input, by force after ten seconds."""
        # A contestant that has ended already cannot take what is left in its input; closing must go on.
        with suppress(BrokenPipeError):
            self._pipe(self._process.stdin).close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe(self._process.stdout).close()

    def _read_line(self, command: str, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        output = self._pipe(self._process.stdout)
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self._process.kill()
                    raise ContestantError(self._story(f"{command} took over {seconds:.0f} s"))
                chunk = os.read(output.fileno(), 1 << 20)
                if not chunk:
                    raise ContestantError(self._story(f"ended during {command}"))
                self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _story(self, what: str) -> str:
        tail = self._log.read_text(errors="replace").splitlines()[-12:]
        return "\n    ".join([f"{self.name} {what}; end of {self._log}:", *tail])

    @staticmethod
    def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None:
            raise AssertionError("the process was started with pipes")
        return stream
