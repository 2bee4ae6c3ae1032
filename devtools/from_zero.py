"""Migrates an empty database from zero (run inside the virtual environment)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from devtools.machine import ROOT


def main() -> int:
    """Migrate, then ask for missing migrations; return the first failing code."""
    began = time.monotonic()
    with _empty_database(os.environ.get("DATABASE_URL", "").strip()) as url:
        env = {**os.environ, "DATABASE_URL": url}
        for arguments in (["migrate", "-v", "0"], ["makemigrations", "--check", "--dry-run"]):
            command = [sys.executable, str(ROOT / "manage.py"), *arguments]
            if code := subprocess.run(command, env=env, cwd=ROOT, check=False).returncode:
                return code
    print(f"Migrated {urlsplit(url).scheme} from zero in {time.monotonic() - began:.1f} s.")
    return 0


@contextmanager
def _empty_database(url: str) -> Iterator[str]:
    if not url.startswith("mysql"):
        with tempfile.TemporaryDirectory(prefix="portal-zero-") as folder:
            yield f"sqlite:///{Path(folder) / 'zero.sqlite3'}"
        return
    name = f"zero_{os.getpid()}"
    _on_server(url, f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        parts = urlsplit(url)
        yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    finally:
        _on_server(url, f"DROP DATABASE {name}")


def _on_server(url: str, statement: str) -> None:
    import MySQLdb  # type: ignore[import-untyped]

    parts = urlsplit(url)
    link = MySQLdb.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    try:
        link.cursor().execute(statement)
    finally:
        link.close()


if __name__ == "__main__":
    sys.exit(main())
