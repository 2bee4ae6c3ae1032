"""MariaDB with its own data folder: binary log, READ COMMITTED, strict, utf8mb4."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from devtools.machine import LOOPBACK
from devtools.services.daemon import Daemon

PACKAGES = ("mariadb-server", "mariadb-client")
_USER = "portal"
_DATABASE = "globalselling"
_CONFIG = """\
[mysqld]
datadir={data}
socket={socket}
pid-file={folder}/mariadbd.pid
port={port}
bind-address=127.0.0.1
skip-name-resolve
log-bin={data}/binlog
binlog_format=ROW
binlog_expire_logs_seconds=86400
server-id=1
sync_binlog=1
innodb_flush_log_at_trx_commit=1
innodb_buffer_pool_size=512M
innodb_log_file_size=256M
innodb_lock_wait_timeout=5
innodb_print_all_deadlocks=1
transaction-isolation=READ-COMMITTED
sql_mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_ci
max_connections=300
init-file={folder}/init.sql
"""
# Runs at every start. The tests make databases of their own, so the account may do everything: the
# server listens on the loopback only and the password is random.
_INIT = """\
CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE OR REPLACE USER '{user}'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO '{user}'@'127.0.0.1' WITH GRANT OPTION;
"""


class MariaDB:
    """The database server."""

    packages = PACKAGES
    variable = "DATABASE_URL"

    def __init__(self) -> None:
        """Describe the server; nothing is started."""
        self.daemon = Daemon("mariadb", user="mysql", port=33306)

    def url(self) -> str:
        """Return the address for ``DATABASE_URL``."""
        account = f"{_USER}:{self.daemon.secret()}"
        return f"mysql://{account}@{LOOPBACK}:{self.daemon.port}/{_DATABASE}"

    def start(self) -> None:
        """Make the data folder once, then start the server and wait for its greeting."""
        daemon = self.daemon
        daemon.make_folder()
        port = daemon.port
        self._configure(port)
        server = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/libexec") or "mariadbd"
        if not (daemon.folder / "data" / "mysql").is_dir():
            self._make_data()
        daemon.start([server, f"--defaults-file={daemon.folder / 'my.cnf'}"])
        daemon.wait(lambda: _greets(port), patience=120)

    def stop(self) -> None:
        """End the server; its data stay."""
        self.daemon.stop()

    def _configure(self, port: int) -> None:
        folder = self.daemon.folder
        text = _CONFIG.format(
            data=folder / "data",
            socket=_socket_path(folder),
            folder=folder,
            port=port,
        )
        self.daemon.write("my.cnf", text)
        values = {"database": _DATABASE, "user": _USER, "password": self.daemon.secret()}
        self.daemon.write("init.sql", _INIT.format(**values))

    def _make_data(self) -> None:
        data = self.daemon.folder / "data"
        self.daemon.command(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--skip-test-db",
                "--skip-name-resolve",
                "--auth-root-authentication-method=socket",
            ]
        )


def _socket_path(folder: Path) -> Path:
    """Return a path short enough for a socket (Linux allows 107 bytes)."""
    path = folder / "mariadb.sock"
    return path if len(str(path)) < 100 else Path("/tmp") / f"{folder.parent.parent.name}.sock"


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as link:
            return link.recv(5)[4:5] == b"\x0a"
    except OSError:
        return False
