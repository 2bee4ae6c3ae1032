"""Recognising tracking numbers: against published examples, and never with an error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apps.carriers.recognition import check_digits, recognize
from apps.carriers.recognition.table import FORMS
from apps.fulfillment.rules import make_s10

NAMED = os.environ.get("TRACKING_NUMBER_DATA", "")
BESIDE = "../shared/data/public/tracking_number_data"
DATA = Path(NAMED) if NAMED else Path(settings.BASE_DIR) / BESIDE


def published() -> Iterator[tuple[str, str, bool]]:
    """Form, number and whether it is one, for every example of the set."""
    for file in sorted(DATA.glob("*.json")):
        for form in json.loads(file.read_text())["tracking_numbers"]:
            for kind in ("valid", "invalid"):
                for number in form["test_numbers"][kind]:
                    yield form["name"], number, kind == "valid"


@pytest.mark.skipif(
    not DATA.is_dir(),
    reason="The examples of tracking numbers are not here: put their folder into TRACKING_NUMBER_DATA",
)
def test_all_published_examples() -> None:
    examples = list(published())

    wrong = [
        (name, number, expected)
        for name, number, expected in examples
        if (name in {match.form for match in recognize(number)}) != expected
    ]

    assert wrong == []
    assert len(examples) == 280


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z 999 AA1 01 2345 6784", "ups"),
        ("rb 123 456 785 gb", "post"),
        ("00 0123 4500 0000 0027", "fedex"),
        ("GFUS00000000000000", "gofo"),
        ("YT0000000000000000", "yunexpress"),
    ],
)
def test_reads_numbers_as_people_write_them(number: str, carrier: str) -> None:
    assert recognize(number)[0].carrier == carrier


def test_a_checked_form_comes_before_an_unchecked_one() -> None:
    # Fourteen digits alone can be anything; with a fitting check digit it is more than a guess.
    body = "4731248200000"
    number = body + next(
        digit for digit in "0123456789" if any(m.is_checked for m in recognize("C" + body + digit))
    )

    found = recognize("C" + number)

    assert found[0].form == "OnTrac"
    assert [match.is_checked for match in found] == sorted(
        (m.is_checked for m in found), reverse=True
    )


@pytest.mark.parametrize(
    "number", ["", " ", "1Z999AA10123456785", "RB123456785XX", "١Z", "9" * 42, "LTN"]
)
def test_says_nothing_about_what_no_carrier_prints(number: str) -> None:
    assert recognize(number) == ()


@given(serial=st.integers(0, 99_999_999), country=st.sampled_from(["CN", "DE", "US"]))
def test_every_number_of_the_portal_is_recognised(serial: int, country: str) -> None:
    assert "post" in {match.carrier for match in recognize(make_s10("HA", serial, country))}


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    known = {form.name for form in FORMS}

    assert {match.form for match in recognize(text)} <= known


@pytest.mark.parametrize(
    ("method", "body", "digit"),
    [
        (check_digits.gs1, "10614141123456789", "7"),
        (check_digits.luhn, "7992739871", "3"),
        (check_digits.one_two, "999AA1012345678", "4"),
        (check_digits.mod_7, "331881002", "5"),
        (check_digits.mod_37_36, "A12425GABC1234002", "M"),
        (check_digits.s10, "47312482", "9"),
    ],
)
def test_check_digits_on_published_examples(
    method: check_digits.CheckDigit, body: str, digit: str
) -> None:
    assert method(body) == digit
