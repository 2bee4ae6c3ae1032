"""G10 with a real death: a process is killed with -9 while the carrier is booking."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django_scopes import scopes_disabled

from apps.carriers import services
from apps.carriers.services import working
from apps.carriers.states import BookingStatus
from apps.common.clock import clock_at, utc_now
from tests.carriers.carrier import drive, fresh, want

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
_WORK = """
import os, sys, django
django.setup()
from django_scopes import scopes_disabled
from apps.carriers import services
import tests.carriers.carrier
with scopes_disabled():
    services.work(int(sys.argv[1]))
"""


def address_of_the_test_database() -> str:
    facts = connection.settings_dict
    user, password = quote(facts["USER"] or ""), quote(facts["PASSWORD"] or "")
    port = facts["PORT"] or 3306
    return f"mysql://{user}:{password}@{facts['HOST'] or '127.0.0.1'}:{port}/{facts['NAME']}"


def worker(booking_id: int) -> subprocess.Popen[str]:
    """Start a process that does the next step of a booking."""
    env = {
        **os.environ,
        "DATABASE_URL": address_of_the_test_database(),
        "ALLOW_PRIVATE_WEBHOOKS": "true",
        "DJANGO_SETTINGS_MODULE": "globalselling.settings.test",
    }
    command = [sys.executable, "-c", _WORK, str(booking_id)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def wait_for(happened) -> None:
    ends = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < ends, "it did not happen within a minute"
        time.sleep(0.02)


def test_killed_while_the_carrier_books_one_label_is_bought(
    forgetful_account, forgetful, actor, merchant
):
    if connection.vendor != "mysql":
        pytest.fail("needs MariaDB or MySQL: run it through .ci/run")
    forgetful[0].faults.slow_s = 5
    forgetful[0].faults.plan("book", "slow", 1)
    booking = want(forgetful_account, "ref-1", actor)
    process = worker(booking.pk)
    try:
        wait_for(lambda: forgetful[0].book.of("ref-1"))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert fresh(booking).status == BookingStatus.SENDING

    later = utc_now() + working.LEASE + timedelta(seconds=5)
    with clock_at(later), scopes_disabled():
        assert services.work(booking.pk) == BookingStatus.BOOKED
    drive(merchant)

    assert [item.id for item in forgetful[0].book.of("ref-1")] == [fresh(booking).carrier_id]
