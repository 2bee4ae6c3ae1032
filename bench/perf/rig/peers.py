"""Installing the peer: by name, from the configured package index, into its own folder."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OSCAR = "django-oscar==4.2.1"
_DRIVER = "mysqlclient"
_INSTALL_SECONDS = 400


class PeerError(RuntimeError):
    """The peer cannot be installed; the message says why."""


def install_oscar(folder: Path) -> Path:
    """Return the peer's interpreter, making its environment first if it is not there.

    The database driver is copied from this interpreter's packages: the same build on both sides,
    and no compiler is needed.
    """
    python = folder / "venv" / "bin" / "python"
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == _stamp() and python.exists():
        return python
    shutil.rmtree(folder / "venv", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")])
    _run([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", OSCAR])
    _copy_driver(folder / "venv")
    stamp.write_text(_stamp())
    return python


def _stamp() -> str:
    return f"{OSCAR} {_DRIVER}=={importlib.metadata.version(_DRIVER)} {sys.version}"


def _copy_driver(venv: Path) -> None:
    source = Path(sysconfig.get_path("platlib"))
    target = venv / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    for found in [source / "MySQLdb", *source.glob(f"{_DRIVER}-*.dist-info")]:
        shutil.copytree(found, target / found.name, dirs_exist_ok=True)
    # Wheels may carry the client library beside the package.
    for found in source.glob(f"{_DRIVER}.libs"):
        shutil.copytree(found, target / found.name, dirs_exist_ok=True)


def _run(argv: list[str]) -> None:
    try:
        subprocess.run(argv, check=True, timeout=_INSTALL_SECONDS, capture_output=True, text=True)
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"{' '.join(argv[1:4])} took over {_INSTALL_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or "").strip().splitlines()[-3:]
        raise PeerError(f"{' '.join(argv[1:4])} failed: {' / '.join(lines)}") from error
