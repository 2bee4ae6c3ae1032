"""A progress bar for terminals, and plain lines for logs."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

_WIDTH = 40


class Bar:
    """Shows ``label [####....] done/total``; on a log it writes a line every five seconds."""

    def __init__(self, label: str, stream: TextIO) -> None:
        """Prepare."""
        self._label = label
        self._stream = stream
        self._written_at = 0.0
        self._last = ""

    def __enter__(self) -> Bar:
        """Start."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the line."""
        if self._last:
            ending = "\n" if self._stream.isatty() else ""
            self._stream.write(self._last * (not self._stream.isatty()) + ending)
            self._stream.flush()

    def show(self, done: int, total: int) -> None:
        """Draw the state."""
        filled = _WIDTH * done // total if total else 0
        text = f"{self._label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,}/{total:,}"
        if self._stream.isatty():
            self._stream.write(f"\r{text}")
            self._last = text
        elif time.monotonic() - self._written_at > 5:
            self._stream.write(f"{text}\n")
            self._written_at, self._last = time.monotonic(), ""
        else:
            self._last = f"{text}\n"
        self._stream.flush()
