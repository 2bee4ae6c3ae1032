"""Time zones read as cities and countries, in order of their offset."""

from __future__ import annotations

import re
import zoneinfo

import pytest
from django.utils import translation

from apps.accounts.web.forms import ProfileForm
from apps.common.zones import list_zone_choices, with_own_zone
from tests.factories.accounts import UserFactory


def test_a_zone_is_a_city_a_country_and_an_offset():
    told = dict(list_zone_choices())

    assert told["Asia/Shanghai"] == "Shanghai, China (UTC+08:00)"
    assert told["Asia/Kathmandu"] == "Kathmandu, Nepal (UTC+05:45)"
    assert re.fullmatch(r"Los Angeles, United States \(UTC−0[78]:00\)", told["America/Los_Angeles"])


def test_zones_read_in_chinese():
    with translation.override("zh-hans"):
        told = dict(list_zone_choices())

    assert told["Asia/Shanghai"] == "上海，中国 (UTC+08:00)"


def test_zones_stand_in_order_of_their_offset():
    offsets = []
    for _name, label in list_zone_choices()[1:]:
        sign, hours, minutes = re.search(r"\(UTC([+−])(\d\d):(\d\d)\)$", label).groups()
        offsets.append((1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes)))

    assert offsets == sorted(offsets)
    assert min(offsets) < 0 < max(offsets)


def test_every_choice_is_a_zone_with_a_place():
    names = [name for name, _label in list_zone_choices()]

    assert len(names) == len(set(names))
    assert len(names) > 350
    assert set(names) <= zoneinfo.available_timezones()
    assert not any(name.startswith("Etc/") for name in names)
    assert not any("Unknown" in label for _name, label in list_zone_choices())


@pytest.mark.parametrize("name", ["Asia/Chongqing", "US/Pacific"])
def test_an_older_name_in_use_stays_a_choice(name):
    choices = list_zone_choices()

    assert with_own_zone(choices, name)[-1] == (name, name)
    assert with_own_zone(choices, "Asia/Shanghai") == choices


@pytest.mark.django_db
def test_a_person_with_an_older_name_can_save_the_profile():
    user = UserFactory(time_zone="US/Pacific")
    facts = {"full_name": "Lin", "language": "en", "theme": user.theme, "density": user.density}
    form = ProfileForm({**facts, "time_zone": "US/Pacific"}, instance=user)

    assert form.is_valid(), form.errors
