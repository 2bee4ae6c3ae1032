"""Parcel numbers: the check digit of UPU S10, and no number twice."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.common.errors import DomainError
from apps.fulfillment.models import NumberRange
from apps.fulfillment.rules import is_valid_s10, make_s10, s10_check_digit
from apps.fulfillment.services.numbers import allocate_numbers

VALID = ["RR473124829GB", "RB123456785GB", "RB123456785US", "RB123456785CV", "RB123456785CF"]
INVALID = ["RB123456786US", "RB123456785XX", "RR473124820GB"]
EDGES = ["RR000000080CN", "RR000000155CN"]


@pytest.mark.parametrize("number", VALID + EDGES)
def test_published_numbers_are_valid(number):
    assert is_valid_s10(number) is True


@pytest.mark.parametrize(
    "number", [*INVALID, "", "RR473124829", "rr473124829GB", "RR47312482 GB", "RR47312482９GB"]
)
def test_wrong_numbers_are_not(number):
    assert is_valid_s10(number) is False


def test_check_digit_of_the_upu_example():
    assert s10_check_digit(47312482) == 9
    assert make_s10("RR", 47312482, "GB") == "RR473124829GB"


@pytest.mark.parametrize("serial", [8, 15])
def test_check_digits_ten_and_eleven_become_zero_and_five(serial):
    assert make_s10("RR", serial, "CN") in EDGES


@pytest.mark.django_db
def test_numbers_follow_each_other():
    first = allocate_numbers("CN", 2, lane=0)
    second = allocate_numbers("CN", 1, lane=16)

    assert first == ["HA000000014CN", "HA000000028CN"]
    assert second == ["HA000000031CN"]
    assert all(is_valid_s10(number) for number in first + second)


@pytest.mark.django_db
def test_lanes_and_countries_have_their_own_ranges():
    numbers = [
        allocate_numbers(country, 1, lane=lane)[0] for country in ("CN", "GB") for lane in (0, 1)
    ]

    assert numbers == ["HA000000014CN", "HB000000014CN", "HA000000014GB", "HB000000014GB"]


@pytest.mark.django_db
def test_last_serial_is_used_and_nothing_after_it():
    NumberRange.objects.create(prefix="HA", country="CN", next_serial=99_999_998)

    assert allocate_numbers("CN", 2, lane=0) == [
        make_s10("HA", 99_999_998, "CN"),
        make_s10("HA", 99_999_999, "CN"),
    ]
    with pytest.raises(DomainError) as caught, transaction.atomic():
        allocate_numbers("CN", 1, lane=0)
    assert caught.value.code == "fulfillment.numbers_exhausted"


@pytest.mark.django_db
def test_five_hundred_numbers_need_two_statements(django_assert_num_queries):
    allocate_numbers("CN", 1, lane=0)

    with django_assert_num_queries(2):
        numbers = allocate_numbers("CN", 500, lane=0)

    assert len(set(numbers)) == 500
