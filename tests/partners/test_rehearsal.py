"""What a rehearsal calls a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.partners.rehearsal.client import Sale
from apps.partners.rehearsal.world import Found, list_faults

GOOD = Found(
    orders=2,
    sold=6,
    reserved=6,
    available=1,
    received=7,
    announced=2,
    wrong_balances=0,
    order_ids=["ord_A", "ord_B"],
)


def judge(found: Found, *accepted: str) -> list[str]:
    return list_faults(found, accepted=accepted or ("ord_B", "ord_A"), buyers=9, units_each=3)


def test_a_sale_to_the_last_whole_order_is_sound():
    assert judge(GOOD) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (replace(GOOD, sold=9, reserved=9, available=-2), "oversold by 2"),
        (replace(GOOD, sold=3, reserved=3, available=4), "sold 3, should be 6"),
        (replace(GOOD, reserved=5), "5 units reserved for 6 sold"),
        (replace(GOOD, available=0), "units vanished"),
        (replace(GOOD, announced=1), "1 orders announced"),
        (replace(GOOD, wrong_balances=1), "1 balances differ from their postings"),
        (replace(GOOD, order_ids=["ord_A"]), "an accepted order is missing"),
        (replace(GOOD, order_ids=["ord_A", "ord_B", "ord_C"]), "an order nobody was told of"),
    ],
)
def test_each_fault_is_named(found, fault):
    assert fault in judge(found)


def test_an_order_that_two_buyers_got_is_a_fault():
    assert "an order was answered twice" in judge(GOOD, "ord_A", "ord_B", "ord_B")


def test_percentiles_are_of_all_answers():
    sale = Sale(latencies_s=[number / 1000 for number in range(1, 101)])

    assert (sale.percentile_ms(0.5), sale.percentile_ms(0.99)) == (51.0, 100.0)
    assert Sale().percentile_ms(0.99) == 0.0
