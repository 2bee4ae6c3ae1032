"""Keys of a development machine: made once, kept in ``var/``, never in the repository."""

from __future__ import annotations

import base64
import os
from pathlib import Path


def local_key(path: Path) -> str:
    """Return the key stored at ``path``, making a random 32-byte one (base64) if there is none."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
