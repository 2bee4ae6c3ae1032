"""SSCC, air waybill and container numbers, on published examples and every single wrong digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.fulfillment.rules import is_valid_s10
from apps.logistics.identifiers import (
    container_check_digit,
    gs1_check_digit,
    is_valid_container,
    is_valid_mawb,
    is_valid_sscc,
    make_mawb,
    make_sscc,
)

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "identifiers.json").read_text())
CHECKS: dict[str, Callable[[str], bool]] = {
    "s10": is_valid_s10,
    "sscc": is_valid_sscc,
    "mawb": is_valid_mawb,
    "iso6346": is_valid_container,
}


@pytest.mark.parametrize("kind", CHECKS)
def test_published_examples(kind: str) -> None:
    right, wrong = VECTORS[kind]["valid"], VECTORS[kind]["invalid"]

    assert right
    assert wrong
    assert [number for number in right if not CHECKS[kind](number)] == []
    assert [number for number in wrong if CHECKS[kind](number)] == []


def test_builds_the_published_examples() -> None:
    assert make_sscc(1, "0614141", 123456789) == "106141411234567897"
    assert make_mawb("160", 1234567) == "160-12345675"
    assert container_check_digit("CSQU305438") == 3


@given(
    extension=st.integers(0, 9),
    prefix=st.text("0123456789", min_size=4, max_size=12),
    serial=st.integers(0, 9999),
    place=st.integers(0, 17),
    by=st.integers(1, 9),
)
def test_every_sscc_we_build_is_right_and_no_single_digit_may_change(
    extension: int, prefix: str, serial: int, place: int, by: int
) -> None:
    number = make_sscc(extension, prefix, serial)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]

    assert is_valid_sscc(number)
    assert not is_valid_sscc(wrong)


@given(prefix=st.text("0123456789", min_size=3, max_size=3), serial=st.integers(0, 9_999_999))
def test_every_air_waybill_number_we_build_is_right(prefix: str, serial: int) -> None:
    number = make_mawb(prefix, serial)

    assert is_valid_mawb(number)
    assert is_valid_mawb(number.replace("-", ""))
    assert not any(
        is_valid_mawb(f"{number[:-1]}{other}") for other in "0123456789" if other != number[-1]
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: make_sscc(10, "0614141", 1),
        lambda: make_sscc(1, "061", 1),
        lambda: make_sscc(1, "06141４1", 1),
        lambda: make_sscc(1, "061414112345", 10_000),
        lambda: make_sscc(1, "0614141", -1),
        lambda: make_mawb("16", 1),
        lambda: make_mawb("160", 10_000_000),
        lambda: gs1_check_digit("12a"),
        lambda: container_check_digit("CSQX305438"),
    ],
)
def test_refuses_what_cannot_be_built(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"digit|letters"):
        call()


@pytest.mark.parametrize(
    "number", ["", "CSQU３054383", "csqu3054383", "10614141123456789７", "160 12345675"]
)
def test_no_check_accepts_another_shape(number: str) -> None:
    assert not any(check(number) for check in CHECKS.values())
