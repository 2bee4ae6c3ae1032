"""Proposals for addresses: what is mended, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compliance.address_fixes import FIELDS, propose_fixes
from apps.compliance.rules import AddressFacts, check_address


def fixes(country: str, street: str, city: str, region: str, code: str) -> dict[str, str]:
    facts = AddressFacts("Jonas Weber", country, street, city, region, code)
    return {item.field: item.value for item in propose_fixes(facts)}


@pytest.mark.parametrize(
    ("address", "proposed"),
    [
        (("DE", "Sonnenallee 2", "12059", "", "Berlin"), {"city": "Berlin", "postal_code": "12059"}),
        (("DE", "Sonnenallee 2", "12059 Berlin", "", ""), {"city": "Berlin", "postal_code": "12059"}),
        (("DE", "Allee ２", "Berlin", "", "D-12059"), {"street": "Allee 2", "postal_code": "12059"}),
        (("DE", "Sonnenallee", "Berlin", "214", "12059"), {"street": "Sonnenallee 214", "region": ""}),
        (("DE", "  Sonnenallee   2", "Berlin", "", "12059"), {"street": "Sonnenallee 2"}),
        (("US", "1 Main St", "San Jose", "California", "95112"), {"region": "CA"}),
        (("CA", "1 Rd", "Toronto", "ontario", "m5v3l9"), {"region": "ON", "postal_code": "M5V 3L9"}),
        (("GB", "10 Downing St", "London", "", "sw1a2aa"), {"postal_code": "SW1A 2AA"}),
        (("PL", "Prosta 3", "Warszawa", "", "00950"), {"postal_code": "00-950"}),
        (("JP", "1-2", "Chiyoda", "東京都", "1000001"), {"postal_code": "100-0001"}),
    ],
)  # fmt: skip
def test_a_better_spelling_is_proposed(address, proposed):
    assert fixes(*address) == proposed


@pytest.mark.parametrize(
    "address",
    [
        ("DE", "Sonnenallee 214", "Berlin", "", "12059"),
        ("US", "1 Main St", "San Jose", "CA", "95112-1234"),
        ("SG", "1 Raffles Place", "Singapore", "", "018956"),
        ("IE", "1 Pearse St", "Dublin", "", ""),
        ("ZZ", "1", "Nowhere", "", "1"),
        ("DE", "Sonnenallee", "Berlin", "", "99"),
    ],
)
def test_what_is_right_or_cannot_be_mended_is_left_alone(address):
    assert fixes(*address) == {}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["DE", "US", "GB", "FR", "JP", "BR", "SG", "XX"]),
    st.lists(st.text("aB1 -９Ａ", max_size=9), min_size=4, max_size=4),
)
def test_proposals_never_add_a_finding_and_are_settled_after_one_pass(country, parts):
    street, city, region, code = parts
    before = AddressFacts("Jonas Weber", country, street, city, region, code)
    proposed = {item.field: item.value for item in propose_fixes(before)}
    values = {name: proposed.get(name, getattr(before, name)) for name in FIELDS}
    after = AddressFacts(country=country, **values)

    assert propose_fixes(after) == ()
    assert len(check_address(after)) <= len(check_address(before)) + len(proposed)
