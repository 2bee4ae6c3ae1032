"""Which entries meet a campaign's criteria, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.promotions.rules import Criteria, Offered, highest_price, judge_entry

CRITERIA = Criteria(Decimal(20), min_units=10, max_entries=2, categories=frozenset({"166"}))
GOOD = Offered(price_minor=800, units=10, lowest_minor=1000, lineage=("1", "166"), entered=1)


def unmet(offered: Offered, criteria: Criteria = CRITERIA) -> list[str]:
    return [check.criterion for check in judge_entry(offered, criteria) if not check.is_met]


def test_an_entry_that_meets_everything():
    assert unmet(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "criterion"),
    [
        ({"price_minor": 801}, "price"),
        ({"price_minor": 0}, "price"),
        ({"units": 9}, "units"),
        ({"entered": 2}, "count"),
        ({"lineage": ("1", "167")}, "category"),
        ({"lineage": ()}, "category"),
    ],
)
def test_each_criterion_can_fail_alone(changes, criterion):
    facts = {name: getattr(GOOD, name) for name in GOOD.__dataclass_fields__}
    assert unmet(Offered(**{**facts, **changes})) == [criterion]


def test_the_promise_holds_to_the_cent():
    # 33 % below 9.99 is 6.6933: 6.69 keeps the promise, 6.70 would not.
    assert highest_price(999, Criteria(Decimal(33), 1, 1)) == 669


def test_without_a_percentage_the_price_is_still_lower():
    assert highest_price(1000, Criteria(Decimal(0), 1, 1)) == 999


@given(
    lowest=st.integers(2, 10**9),
    percent=st.decimals(0, 99, places=2, allow_nan=False, allow_infinity=False),
)
def test_the_highest_price_is_the_last_one_that_is_far_enough_below(lowest, percent):
    highest = highest_price(lowest, Criteria(percent, 1, 1))
    limit = Decimal(lowest) * (100 - percent) / 100
    assert highest < lowest
    assert highest <= limit
    assert highest + 1 > limit or highest + 1 == lowest
