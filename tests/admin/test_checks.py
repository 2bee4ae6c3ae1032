"""The numbered system checks."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from globalselling import checks


def ids(found) -> list[str]:
    return [message.id for message in found]


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64 at all!", "A" * 43])
def test_a_bad_key_of_personal_data_is_an_error(settings, key):
    settings.PERSONAL_DATA_KEY = key
    found = checks.check_personal_data_key(None)
    assert ids(found) == ["portal.E001"]
    assert "Make one" in found[0].hint


def test_the_tests_own_key_is_good():
    assert checks.check_personal_data_key(None) == []


def test_an_old_sqlite_is_an_error(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 34, 1))
    assert ids(checks.check_sqlite(None)) == ["portal.E002"]


def test_an_old_sqlite_does_not_matter_on_another_database(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.mysql")
    monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", (3, 34, 1))
    assert checks.check_sqlite(None) == []


def test_the_database_of_the_tests_passes(db):
    assert checks.check_mysql(None, databases=["default"]) == []


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SET SESSION sql_mode=''", ["portal.E005"]),
        ("SET SESSION tx_isolation='REPEATABLE-READ'", ["portal.E004"]),
        ("SET NAMES latin1", ["portal.E006"]),
    ],
)
def test_a_wrong_session_of_mariadb_is_an_error(db, statement, expected):
    if connection.vendor != "mysql":
        pytest.skip("needs MariaDB or MySQL")
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert ids(checks.check_mysql(None, databases=["default"])) == expected
    finally:
        connection.close()


def test_a_toy_set_up_is_warned_about(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1/0"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.PORTAL_URL = "http://127.0.0.1:8000"
    assert ids(checks.check_deployment(None)) == [
        "portal.W001",
        "portal.W002",
        "portal.W004",
        "portal.W005",
    ]


def test_a_real_set_up_is_not(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "amqp://broker//"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.mysql")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.PORTAL_URL = "https://portal.example"
    assert checks.check_deployment(None) == []


def test_the_checks_are_registered(settings):
    settings.PERSONAL_DATA_KEY = ""
    with pytest.raises(SystemCheckError, match=r"portal\.E001"):
        call_command("check")
