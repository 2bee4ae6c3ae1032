"""Addresses and declarations: what is refused, what a person may accept, what passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.compliance.rules import (
    AddressFacts,
    Finding,
    LineFacts,
    check_address,
    check_declaration,
    is_vague,
    judge,
)

BERLIN = AddressFacts("Jonas Weber", "DE", "Sonnenallee 214", "Berlin", "", "12059")
LAMP = LineFacts(1, "940511", "CN", "Pendant lamp of rattan, electric", 1450)


def codes(facts: AddressFacts) -> list[tuple[str, str, str]]:
    return [(found.code, found.field, found.severity) for found in check_address(facts)]


def test_complete_address_passes():
    assert check_address(BERLIN) == ()
    assert judge(()) == "pass"


@pytest.mark.parametrize(
    ("country", "street", "city", "region", "postal_code"),
    [
        ("DE", "Sonnenallee 214", "Berlin", "", "D-12059"),
        ("DE", "Sonnenallee 214", "Berlin", "", "１２０５９"),
        ("AT", "Mariahilfer Straße 1", "Wien", "", "A-1060"),
        ("LU", "12 rue du Fort", "Luxembourg", "", "L-1234"),
        ("LV", "Brīvības iela 1", "Rīga", "", "1010"),
        ("PL", "ul. Prosta 5", "Warszawa", "", "00950"),
        ("PT", "Rua Augusta 1", "Lisboa", "", "1100048"),
        ("SE", "Storgatan 1", "Malmö", "", "SE-211 34"),
        ("NL", "Damrak 1", "Amsterdam", "", "1012lg"),
        ("ES", "Calle Mayor s/n", "Madrid", "", "28013"),
        ("IT", "Via Roma snc", "Torino", "", "10121"),
        ("HR", "Selo b.b.", "Split", "", "21000"),
        ("FR", "Lieu-dit Le Bourg", "Cahors", "", "46000"),
        ("IE", "Rose Cottage", "Kinsale", "Co. Cork", ""),
        ("GB", "Rose Cottage, High Street", "Oxford", "", "ox14aa"),
        ("US", "1 Main St", "San Francisco", "california", "94103"),
        ("JE", "5 Hill Street", "St Helier", "", "JE2 4UA"),
        ("AE", "Villa 5, Al Wasl Road", "", "Dubai", ""),
        ("CY", "Ledras 5", "Nicosia", "", "1011"),
        ("BH", "Road 2803, Building 12", "Manama", "", "428"),
    ],
)
def test_addresses_as_people_write_them_pass(country, street, city, region, postal_code):
    facts = AddressFacts("Ann Lee", country, street, city, region, postal_code)

    assert codes(facts) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"street": ""}, [("missing", "street", "fail")]),
        ({"city": " "}, [("missing", "city", "fail")]),
        ({"postal_code": ""}, [("missing", "postal_code", "fail")]),
        ({"postal_code": "1205"}, [("invalid", "postal_code", "fail")]),
        ({"postal_code": "SW1A 1AA"}, [("invalid", "postal_code", "fail")]),
        ({"street": "Sonnenallee"}, [("no_house_number", "street", "hold")]),
        ({"country": "XX"}, [("invalid", "country", "fail")]),
        ({"country": ""}, [("invalid", "country", "fail")]),
        ({"name": "N/A"}, [("nobody", "name", "fail")]),
        ({"name": "12345"}, [("nobody", "name", "fail")]),
        ({"name": "محمد", "unprintable": ("name",)}, [("unprintable", "name", "hold")]),
        (
            {"street": "", "city": "", "postal_code": ""},
            [
                ("missing", "city", "fail"),
                ("missing", "postal_code", "fail"),
                ("missing", "street", "fail"),
            ],
        ),
    ],
)
def test_german_address_with_a_fault_is_found(changes, found):
    assert codes(replace(BERLIN, **changes)) == found


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "found"),
    [
        ("US", "", "94103", [("missing", "region", "fail")]),
        ("US", "Bavaria", "94103", [("invalid", "region", "hold")]),
        ("US", "CA", "10001", [("invalid", "postal_code", "fail")]),
        ("CY", "", "", [("missing", "postal_code", "fail")]),
        ("MT", "", "", [("missing", "postal_code", "fail")]),
        ("CA", "ON", "K1A0B", [("invalid", "postal_code", "fail")]),
        ("PT", "", "1100", [("invalid", "postal_code", "fail")]),
    ],
)
def test_each_country_asks_for_its_own(country, region, postal_code, found):
    facts = AddressFacts("Ann Lee", country, "Main Street 1", "Town", region, postal_code)

    assert codes(facts) == found


@given(st.text(max_size=30), st.text(max_size=3), st.text(max_size=30), st.text(max_size=12))
def test_any_text_has_a_verdict(name, country, street, postal_code):
    facts = AddressFacts(name, country, street, "Town", "", postal_code)

    assert judge(check_address(facts)) in {"pass", "hold", "fail"}


def test_worst_finding_decides():
    held, failed = Finding("a", "street", "hold"), Finding("b", "city", "fail")

    assert judge([held]) == "hold"
    assert judge([held, failed]) == "fail"


# --- Declarations


def test_complete_declaration_passes():
    assert check_declaration([LAMP], is_abroad=True) == ()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"hs_code": ""}, "missing", "hs_code"),
        ({"hs_code": "9405"}, "missing", "hs_code"),
        ({"hs_code": "770011"}, "invalid", "hs_code"),
        ({"hs_code": "990011"}, "invalid", "hs_code"),
        ({"origin_country": ""}, "missing", "origin_country"),
        ({"customs_name": ""}, "missing", "customs_name"),
        ({"customs_name": "Gift"}, "vague", "customs_name"),
        ({"weight_g": 0}, "missing", "weight_g"),
    ],
)
def test_each_missing_fact_is_named_with_its_line(changes, code, field):
    line = replace(LAMP, position=3, **changes)

    assert check_declaration([LAMP, line], is_abroad=True) == (Finding(code, field, "fail", 3),)


def test_only_the_weight_is_needed_inside_a_customs_area():
    bare = LineFacts(1, "", "", "", 100)

    assert check_declaration([bare], is_abroad=False) == ()
    assert check_declaration([replace(bare, weight_g=0)], is_abroad=False) == (
        Finding("missing", "weight_g", "fail", 1),
    )


@pytest.mark.parametrize(
    "text",
    ["gift", "GIFTS", "Spare parts", "daily necessities", "Other household goods", "12345", "日用品",
     "　礼品　", "Accessories (new)", "---"],
)  # fmt: skip
def test_descriptions_of_nothing_are_vague(text):
    assert is_vague(text) is True


@pytest.mark.parametrize(
    "text", ["Toy car of plastic", "Plastic bag", "Steel pipe", "不锈钢水壶", "White metal lantern"]
)
def test_descriptions_of_things_are_not(text):
    assert is_vague(text) is False
