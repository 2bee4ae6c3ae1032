"""A small order file through the whole path, with the receivers run in this process."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from apps.fulfillment.models import Parcel
from apps.journal.models import JournalEntry
from apps.merchants.models import Merchant
from apps.orders.models import Order, OrderLine
from apps.sandbox.pump import pump
from apps.sandbox.replay import driving
from tests.sandbox.test_reading import HEADER

pytestmark = pytest.mark.django_db

ROWS = [
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom",
    "536370,22728,ALARM CLOCK BAKELIKE PINK,24,2010-12-01 08:45:00,3.75,12583.0,France",
    "536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.00,12583.0,France",
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom",
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom",
    "536389,22941,CHRISTMAS LIGHTS,6,2010-12-01 10:03:00,8.50,12431.0,Australia",
    "536389,22941,CHRISTMAS LIGHTS,0,2010-12-01 10:03:00,8.50,12431.0,Australia",
    "536390,22941,CHRISTMAS LIGHTS,2,2010-12-01 10:03:00,8.10,12431.0,Narnia",
    "536391,22941,FREE SAMPLE,2,2010-12-01 10:04:00,0.0,,EIRE",
]


@pytest.fixture
def order_file(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n")
    return path


@pytest.fixture(autouse=True)
def _workers(settings, tmp_path, monkeypatch):
    """Let the receivers work whenever the driver looks, as workers would."""
    settings.VAR_DIR = tmp_path
    count = driving.count_by_status

    def working(company):
        pump()
        return count(company)

    monkeypatch.setattr(driving, "count_by_status", working)


def replay(path, **options):
    out, log = StringIO(), StringIO()
    call_command("replay_orders", path, stdout=out, stderr=log, json=True, **options)
    return json.loads(out.getvalue().strip().splitlines()[-1])


def test_every_figure_reconciles(order_file):
    result = replay(order_file, timeout=60)

    speed = result.pop("orders_per_second")
    assert speed > 0
    assert result == {
        "rows": 10,
        "accepted_rows": 6,
        "rejected_rows": 4,
        "orders": 4,
        "ended_orders": 4,
        "order_lines": 6,
        "shipments": 4,
        "units_received": 47,
        "units_shipped": 47,
        "units_on_hand": 0,
        "stock_ok": True,
        "journal_ok": True,
        "ledger_sum": 0,
        "ledger_ok": True,
        "ok": True,
    }


def test_orders_walk_the_whole_path(order_file):
    replay(order_file, timeout=60)

    merchant = Merchant.objects.get()
    with scope(merchant=merchant):
        order = Order.objects.get(external_ref="536370")
        assert (order.status, order.currency, order.ship_to_country) == ("completed", "GBP", "FR")
        assert (order.total_minor, order.line_count) == (24 * 375 + 3 * 1800, 2)
        assert OrderLine.objects.filter(order=order).first().hs_code == "910529"
        steps = JournalEntry.objects.filter(subject_id=order.public_id).order_by("id")
        assert list(steps.values_list("event", flat=True)) == [
            "order.placed",
            "order.confirmed",
            "order.allocated",
            "order.shipped",
            "order.delivered",
            "order.completed",
            "finance.payable_released",
        ]
        assert Parcel.objects.filter(shipment__order=order).get().tracking_number.endswith("GB")


def test_a_customer_who_bought_the_same_twice_gets_both(tmp_path):
    path = tmp_path / "twice.csv"
    again = ROWS[0].replace("536365", "536366").replace("08:26", "08:31")
    path.write_text("\n".join([HEADER, ROWS[0], again]) + "\n")

    result = replay(path, timeout=20)

    assert (result["orders"], result["ended_orders"], result["ok"]) == (2, 2, True)


def test_a_second_run_changes_nothing(order_file):
    replay(order_file, timeout=60)
    entries = JournalEntry.objects.count()

    again = replay(order_file, timeout=60)

    assert again["ok"] is True
    assert (again["orders"], again["orders_per_second"]) == (4, 0.0)
    assert JournalEntry.objects.count() == entries


def test_a_run_stopped_halfway_is_taken_up(order_file, monkeypatch):
    monkeypatch.setattr(driving, "BATCH", 2)
    place = driving.orders.place_orders
    calls = []

    def die_after_one(*args, **kwargs):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return place(*args, **kwargs)

    monkeypatch.setattr(driving.orders, "place_orders", die_after_one)
    with pytest.raises(KeyboardInterrupt):
        replay(order_file, timeout=60)
    monkeypatch.setattr(driving.orders, "place_orders", place)

    result = replay(order_file, timeout=60)

    assert (result["ok"], result["orders"], result["units_shipped"]) == (True, 4, 47)


def test_rejected_rows_are_reported_with_number_and_reason(order_file, tmp_path):
    replay(order_file, timeout=60)

    report = (tmp_path / "replay" / "orders-rejected.csv").read_text("utf-8-sig").splitlines()
    assert report == [
        "row,invoice,stock code,reason",
        "6,C536379,D,the invoice is a cancellation",
        "7,536414,22139,the description is missing",
        '9,536389,22941,"the quantity is zero, negative or not a number"',
        "10,536390,22941,the country is unknown",
    ]


def test_without_workers_the_command_fails(order_file, monkeypatch):
    monkeypatch.setattr(driving, "count_by_status", lambda company: {"pending": 4})

    with pytest.raises(CommandError, match="does not reconcile"):
        replay(order_file, timeout=0.1)


def test_an_unreadable_file_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        replay(tmp_path / "none.csv")
