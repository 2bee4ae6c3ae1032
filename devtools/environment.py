"""The virtual environment: made once, filled from hashed pins, skipped when nothing changed."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devtools.machine import ROOT, VAR, Stop, is_root, log_dir, need_debian, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
MYSQL_BUILD = ("default-libmysqlclient-dev", "gcc", "pkg-config", "python3-dev")
# The development set contains the base set, so its stamp answers for both.
_ANSWERED_BY = {"base": ("base", "dev"), "dev": ("dev",), "mysql": ("mysql",)}


def prepare(*, dev: bool = False, mysql: bool = False) -> None:
    """Bring ``.venv`` up to the pins; a second call with unchanged pins does nothing."""
    with _one_at_a_time():
        _ensure_venv()
        wanted = ["dev" if dev else "base", *(["mysql"] if mysql else [])]
        for name in wanted:
            if not is_installed(name):
                if name == "mysql":
                    _ensure_mysql_headers()
                _install(name)


def stamp(name: str) -> str:
    """Return what identifies an installed set: its pins and the interpreter they were put in."""
    digest = hashlib.sha256((REQUIREMENTS / f"{name}.txt").read_bytes())
    digest.update(f"{sys.version_info[:2]} {VENV}".encode())
    return digest.hexdigest()


def is_installed(name: str) -> bool:
    """Tell whether the set (``base``, ``dev`` or ``mysql``) is installed as pinned."""
    return any(
        _stamp_file(answer).exists() and _stamp_file(answer).read_text() == stamp(answer)
        for answer in _ANSWERED_BY[name]
    )


def _stamp_file(name: str) -> Path:
    return VENV / f".installed-{name}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure_venv() -> None:
    if _works([str(PYTHON), "-m", "pip", "--version"]):
        return
    for command in _ways_to_make_one():
        shutil.rmtree(VENV, ignore_errors=True)
        if all(_works(step) for step in command):
            return
    raise Stop(f"Could not make a virtual environment in {VENV} with {sys.executable}.")


def _ways_to_make_one() -> Iterator[list[list[str]]]:
    """Offer what the machine has: ensurepip, virtualenv, a pip outside, at last Debian's package."""
    with_pip = [[sys.executable, "-m", "venv", str(VENV)]]
    if _has_module("ensurepip"):
        yield with_pip
    if _has_module("virtualenv"):
        yield [[sys.executable, "-m", "virtualenv", "-q", str(VENV)]]
    if _has_module("pip"):
        install = ["-m", "pip", "--python", str(PYTHON), "install", "-q", "pip"]
        yield [[*with_pip[0][:-1], "--without-pip", str(VENV)], [sys.executable, *install]]
    need_debian(["python3-venv"], why="Python cannot make a virtual environment here")
    yield with_pip


def _has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _ensure_mysql_headers() -> None:
    if _works([str(PYTHON), "-c", "import MySQLdb"]) or _can_build_driver():
        return
    need_debian(MYSQL_BUILD, why="DATABASE_URL asks for MySQL, whose driver has to be built")


def _can_build_driver() -> bool:
    names = ("mysqlclient", "mariadb", "libmariadb", "perconaserverclient")
    return bool(
        shutil.which("gcc")
        and Path(sysconfig.get_path("include"), "Python.h").exists()
        and any(_works(["pkg-config", "--exists", name]) for name in names)
    )


def _install(name: str) -> None:
    pins = REQUIREMENTS / f"{name}.txt"
    count = sum("==" in line for line in pins.read_text().splitlines() if line[:1].isalnum())
    say(f"Installing {count} pinned package{'s'[: count > 1]} ({pins.relative_to(ROOT)}) ...")
    began = time.monotonic()
    log_file = log_dir() / f"install-{name}.log"
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(pins)]
    env = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    if is_root():
        env.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    with log_file.open("wb") as log:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, check=False
        ).returncode
    if code:
        tail = "\n".join(log_file.read_text(errors="replace").splitlines()[-15:])
        raise Stop(f"{tail}\n\nInstalling {pins.name} failed; all of its output: {log_file}")
    _stamp_file(name).write_text(stamp(name))
    say(f"Installed in {time.monotonic() - began:.0f} s.")
