"""Resident memory of this process: what it holds, and the most it held since a moment."""

from __future__ import annotations

import gc
import re
from pathlib import Path


def start_watch() -> int:
    """Forget the highest mark so far and return what is held now, in KiB."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return read_kib("VmRSS")


def grown_mib(start: int) -> float:
    """Return by how much the highest mark passes ``start``, in MiB."""
    return (read_kib("VmHWM") - start) / 1024


def read_kib(name: str) -> int:
    """Return one figure of this process's memory."""
    found = re.search(rf"^{name}:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found.group(1)) if found else 0
