"""Numbered system checks: what would break quietly is said loudly before the start."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

KEY_BYTES = 32
OLDEST_SQLITE = (3, 35, 0)
OLDEST_MARIADB = (10, 6)
OLDEST_MYSQL = (8, 0, 16)
_Apps = Sequence[AppConfig] | None


@register(Tags.security)
def check_personal_data_key(app_configs: _Apps, **kwargs: Any) -> list[CheckMessage]:
    """E001: the key of buyers' data must be 32 bytes in URL-safe base64."""
    try:
        length = len(base64.urlsafe_b64decode(settings.PERSONAL_DATA_KEY))
    except (binascii.Error, ValueError):
        length = 0
    if length == KEY_BYTES:
        return []
    return [
        Error(
            "PERSONAL_DATA_KEY is not a key of 32 bytes in URL-safe base64.",
            hint='Make one: python3 -c "import base64,os;'
            'print(base64.urlsafe_b64encode(os.urandom(32)).decode())"',
            id="portal.E001",
        )
    ]


@register(Tags.compatibility)
def check_sqlite(app_configs: _Apps, **kwargs: Any) -> list[CheckMessage]:
    """E002: SQLite must know RETURNING and upserts."""
    uses = any(item["ENGINE"].endswith("sqlite3") for item in settings.DATABASES.values())
    if not uses or sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return []
    return [
        Error(
            f"SQLite {sqlite3.sqlite_version} is too old.",
            hint="Use SQLite 3.35 or newer, or set DATABASE_URL to MariaDB or MySQL.",
            id="portal.E002",
        )
    ]


@register(Tags.database)
def check_mysql(
    app_configs: _Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E003–E006: version, isolation, strict mode and character set of MariaDB or MySQL."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        if connections[alias].vendor == "mysql":
            found += _mysql_problems(connections[alias])
    return found


def _mysql_problems(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    wanted = "VERSION(), @@tx_isolation, @@sql_mode, @@character_set_connection"
    if not getattr(connection, "mysql_is_mariadb", False):
        wanted = wanted.replace("@@tx_isolation", "@@transaction_isolation")
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {wanted}")
            version, isolation, mode, charset = cursor.fetchone()
    except DatabaseError as error:
        return [
            Warning(
                f"The database cannot be asked for its settings: {error}",
                hint="Is it running, and is DATABASE_URL right?",
                id="portal.W003",
            )
        ]
    checks = (
        (_is_new_enough(connection), f"The database server {version} is too old.", _HINTS[0]),
        (isolation == "READ-COMMITTED", f"Transactions run as {isolation}.", _HINTS[1]),
        ("STRICT_TRANS_TABLES" in mode, "The SQL mode is not strict.", _HINTS[2]),
        (charset == "utf8mb4", f"The connection speaks {charset}.", _HINTS[3]),
    )
    return [
        Error(sentence, hint=hint, id=f"portal.E{number:03}")
        for number, (is_fine, sentence, hint) in enumerate(checks, start=3)
        if not is_fine
    ]


_HINTS = (
    "Use MariaDB 10.6, MySQL 8.0.16 or newer: older ones ignore CHECK or SKIP LOCKED.",
    "Keep isolation_level 'read committed' in the OPTIONS of the database: other levels lock "
    "more than the portal's statements expect.",
    "Keep STRICT_TRANS_TABLES in init_command: without it values are cut silently.",
    "Keep charset 'utf8mb4' in the OPTIONS of the database.",
)


def _is_new_enough(connection: BaseDatabaseWrapper) -> bool:
    version: tuple[int, ...] = connection.get_database_version()
    is_mariadb = getattr(connection, "mysql_is_mariadb", False)
    return version >= (OLDEST_MARIADB if is_mariadb else OLDEST_MYSQL)


@register(Tags.security, deploy=True)
def check_deployment(app_configs: _Apps, **kwargs: Any) -> list[CheckMessage]:
    """W001, W002, W004, W005: what runs, but should not run a business."""
    broker = str(getattr(settings, "CELERY_BROKER_URL", ""))
    engine = settings.DATABASES["default"]["ENGINE"]
    console = settings.EMAIL_BACKEND.endswith(("console.EmailBackend", "locmem.EmailBackend"))
    problems = (
        (
            not broker.startswith(("amqp", "pyamqp")),
            "W001",
            "The broker is not RabbitMQ.",
            "Set CELERY_BROKER_URL to RabbitMQ: quorum queues survive a lost server, a Redis "
            "without a replica does not. The journal sends lost messages again, but later.",
        ),
        (
            engine.endswith("sqlite3"),
            "W002",
            "The database is SQLite.",
            "Set DATABASE_URL to MariaDB or MySQL: SQLite has one writer and one machine.",
        ),
        (
            console,
            "W004",
            "E-mail goes nowhere.",
            "Set EMAIL_BACKEND and its server: invitations and confirmations are e-mails.",
        ),
        (
            not settings.PORTAL_URL.startswith("https://"),
            "W005",
            "PORTAL_URL is not an https address.",
            "Links in e-mails and passkeys need the address people really open.",
        ),
    )
    return [
        Warning(sentence, hint=hint, id=f"portal.{number}")
        for is_wrong, number, sentence, hint in problems
        if is_wrong
    ]
