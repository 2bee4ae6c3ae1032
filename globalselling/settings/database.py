"""One address to one database configuration, with the safe options of each vendor."""

from __future__ import annotations

from typing import Any

import environ

# Intersecting two indexes reads all rows of both and sorts them, where one of them walked in order
# would stop after a page: lists of a market and a status did that.
MYSQL_OPTIONS = {
    "charset": "utf8mb4",
    "isolation_level": "read committed",
    "connect_timeout": 5,
    "read_timeout": 30,
    "write_timeout": 30,
    "init_command": (
        "SET SESSION sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
        " innodb_lock_wait_timeout=5, lock_wait_timeout=10, time_zone='+00:00',"
        " optimizer_switch='index_merge_intersection=off'"
    ),
}
# Immediate transactions: a writer that cannot get the lock waits, instead of failing halfway when a
# read is upgraded to a write.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
    ),
}


def database_from_url(url: str, *, conn_max_age: int) -> dict[str, Any]:
    """Return Django's ``DATABASES`` entry for ``url`` (``sqlite:///…`` or ``mysql://…``)."""
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    config["ATOMIC_REQUESTS"] = False
    if config["ENGINE"].endswith("mysql"):
        config["OPTIONS"] = {**MYSQL_OPTIONS, **config.get("OPTIONS", {})}
        config["CONN_MAX_AGE"] = conn_max_age
        config["CONN_HEALTH_CHECKS"] = True
        config["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
    elif config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}
    return config
