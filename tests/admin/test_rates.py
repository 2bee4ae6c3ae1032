"""Exchange rates in the admin: their age on the first page, held ones decided by a person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.markets import services
from apps.markets.adapters.ecb.parser import Fixing
from apps.markets.models import FxRate, HeldRate
from globalselling.admin_home import read_state
from tests.factories.markets import MarketFactory

LIST = "/admin/markets/heldrate/"


@pytest.fixture
def held(db) -> HeldRate:
    now = utc_now()
    yesterday = now.date() - timedelta(days=1)
    FxRate.objects.create(base="EUR", quote="TRY", rate=40, valid_on=yesterday, source="t")
    services.store_fixing(Fixing(now.date(), {"TRY": Decimal(60)}), now=now)
    return HeldRate.objects.get()


def act(browser, action: str, held: HeldRate):
    return browser.post(LIST, {"action": action, "_selected_action": held.pk}, follow=True)


def state_of(now):
    return next(one for one in read_state(now=now) if str(one.label) == "Exchange rates")


def test_a_held_rate_is_taken_once(browser, staff, held):
    assert "1 rates decided." in act(browser, "take", held).content.decode()
    assert "already" in act(browser, "refuse", held).content.decode()
    held.refresh_from_db()
    assert (held.status, held.decided_by) == ("taken", f"user:{staff.public_id}")
    assert FxRate.objects.get(source="ecb-daily").rate == 60


def test_a_held_rate_is_refused(browser, held):
    act(browser, "refuse", held)
    held.refresh_from_db()
    assert held.status == "refused"
    assert not FxRate.objects.filter(source="ecb-daily").exists()
    assert (
        JournalEntry.objects.get(event="markets.rate_refused").payload["last_rate"].startswith("40")
    )


def test_readers_decide_nothing(clerk, held):
    act(clerk("view_heldrate"), "take", held)
    held.refresh_from_db()
    assert held.status == "waiting"


def test_the_first_page_tells_that_rates_wait(browser, held):
    state = state_of(utc_now())
    assert (state.value, state.is_bad) == ("1", True)
    assert state.url == "/admin/markets/heldrate/?status__exact=waiting"
    assert "Rates that came in and wait for a person" in browser.get("/admin/").content.decode()


@pytest.mark.parametrize(("days", "is_bad"), [(1, False), (9, True)])
def test_the_first_page_tells_the_age(db, now, days, is_bad):
    MarketFactory(code="US", currency="USD")
    day = now.date() - timedelta(days=days)
    FxRate.objects.create(base="EUR", quote="USD", rate=1, valid_on=day, source="t")
    state = state_of(now)
    assert (state.value, state.is_bad) == (str({1: 1, 9: 7}[days]), is_bad)


def test_without_any_rate_the_first_page_says_so(db, now):
    MarketFactory(code="US", currency="USD")
    assert (state_of(now).value, state_of(now).is_bad) == ("–", True)
