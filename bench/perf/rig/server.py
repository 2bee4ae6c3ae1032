"""The database server of a run: own databases, counters, and processor time of its threads."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from MySQLdb.connections import Connection

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SETTINGS = (
    "version",
    "innodb_flush_log_at_trx_commit",
    "innodb_flush_method",
    "innodb_buffer_pool_size",
    "log_bin",
    "sync_binlog",
    "thread_handling",
)
_TICKS = os.sysconf("SC_CLK_TCK")


class ServerError(RuntimeError):
    """The server cannot be used for a run; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is; ``url`` gives it back in the form of ``DATABASE_URL``."""

    host: str
    port: int
    user: str
    password: str
    database: str = ""

    @property
    def url(self) -> str:
        """Return the address as ``mysql://…``."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        return (
            f"mysql://{quote(self.user, safe='')}{secret}@{self.host}:{self.port}/{self.database}"
        )

    def named(self, database: str) -> Address:
        """Return the address of another database on the same server."""
        return replace(self, database=database)

    def connect(self, *, autocommit: bool = False) -> Connection:
        """Open a connection; autocommit is off unless asked for, as the driver has it."""
        # Only here: the driver is built where a server is used, the rest works without.
        import MySQLdb

        return MySQLdb.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            passwd=self.password,
            db=self.database,
            charset="utf8mb4",
            connect_timeout=5,
            autocommit=autocommit,
        )


def parse_address(url: str) -> Address:
    """Read ``mysql://user:password@127.0.0.1:3306/…``; raises ``ServerError`` for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in {"mysql", "mariadb"}:
        raise ServerError("the benchmark needs MariaDB: set DATABASE_URL=mysql://user@127.0.0.1/")
    host = parts.hostname or "127.0.0.1"
    if host not in _LOOPBACK:
        raise ServerError(f"{host} is not this machine: the benchmark stays on the loopback")
    host = "127.0.0.1" if host == "localhost" else host
    return Address(
        host,
        parts.port or 3306,
        unquote(parts.username or "root"),
        unquote(parts.password or ""),
        parts.path.strip("/"),
    )


class Server:
    """An administrator's connection to the server and, where readable, its process."""

    def __init__(self, address: Address) -> None:
        """Connect; raises ``ServerError`` when nobody answers."""
        import MySQLdb

        self.address = address.named("")
        try:
            self._connection = self.address.connect(autocommit=True)
        except MySQLdb.OperationalError as error:
            raise ServerError(f"no MariaDB at {address.host}:{address.port}: {error}") from error
        self.pid = self._find_pid()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        cursor = self._connection.cursor()
        cursor.execute(sql)
        found = list(cursor.fetchall())
        cursor.close()
        return found

    def create(self, database: str) -> None:
        """Make an empty database, dropping what an earlier run left."""
        self.drop(database)
        self.rows(f"CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")

    def drop(self, database: str) -> None:
        """Drop a database if it is there."""
        self.rows(f"DROP DATABASE IF EXISTS {database}")

    def analyze(self, database: str) -> None:
        """Refresh the optimizer's statistics, as a server that has run for a while has them.

        A freshly filled table still counts as empty for seconds, and joins are planned on that.
        """
        names = self.rows(
            f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{database}'"
        )
        tables = ", ".join(f"{database}.`{name}`" for (name,) in names)
        self.rows(f"ANALYZE TABLE {tables}")

    def row_counts(self, database: str, tables: list[str]) -> dict[str, int]:
        """Count the rows of each table exactly."""
        return {
            table: int(str(self.rows(f"SELECT COUNT(*) FROM {database}.{table}")[0][0]))
            for table in tables
        }

    def settings(self) -> dict[str, str]:
        """Return the settings that decide what a commit costs."""
        names = "','".join(_SETTINGS)
        found = self.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('{names}')")
        return {str(name): str(value) for name, value in found}

    def global_counters(self) -> dict[str, int]:
        """Return statements and fsyncs of the whole server, without the statement that asked."""
        found = self.rows(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Innodb_data_fsyncs')"
        )
        return {str(name): int(str(value)) for name, value in found}

    def cpu_s(self) -> float | None:
        """Return processor seconds of the whole server process (10 ms steps), None if remote."""
        if self.pid is None:
            return None
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def thread_of(self, connection: int) -> int | None:
        """Return the operating system's number of the thread that serves one connection."""
        if self.pid is None or self.settings()["thread_handling"] != "one-thread-per-connection":
            return None
        found = self.rows(f"SELECT TID FROM information_schema.PROCESSLIST WHERE ID={connection}")
        thread = int(str(found[0][0]))
        return thread if Path(f"/proc/{self.pid}/task/{thread}/schedstat").exists() else None

    def thread_cpu_s(self, thread: int | None) -> float | None:
        """Return processor seconds of one thread (nanosecond steps), None when unknown."""
        if thread is None:
            return None
        text = Path(f"/proc/{self.pid}/task/{thread}/schedstat").read_text()
        return int(text.split()[0]) / 1e9

    def _find_pid(self) -> int | None:
        """Return the server's process id if it runs here and may be looked at."""
        path = Path(str(self.rows("SELECT @@pid_file")[0][0]))
        try:
            pid = int(path.read_text())
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError):
            return None
        return pid if name in {"mariadbd", "mysqld"} else None
