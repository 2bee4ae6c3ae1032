"""Findings in plain words: what is wrong, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.common.formatting import locale_of
from apps.compliance.models import CheckRun
from apps.compliance.rules import FAIL, Finding

_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Explanation:
    """Cause and fix, each a sentence or two in the language of the reader."""

    reason: str
    fix: str


def explain(kind: str, findings: Sequence[Finding], country: str) -> Explanation:
    """Return cause and fix of a check's findings for an order to ``country``."""
    sentences = dict.fromkeys(_sentence(finding, country) for finding in findings)
    reason = ""
    for sentence in sentences:
        if len(reason) + len(sentence) >= _LIMIT:
            break
        reason = f"{reason} {sentence}".strip()
    return Explanation(reason, _fix(kind, findings))


def explain_hold(kind: str, details: Mapping[str, object], country: str) -> Explanation:
    """Return cause and fix of a hold that compliance placed, from the hold's ``details``."""
    stored = details.get("findings")
    rows = stored if isinstance(stored, list) else []
    return explain(kind, [Finding(**row) for row in rows], country)


def _fix(kind: str, findings: Sequence[Finding]) -> str:
    if kind == CheckRun.Kind.DECLARATION:
        return _("Complete the product’s customs data; the order goes on by itself.")
    if any(finding.severity == FAIL for finding in findings):
        return _("Correct the address.")
    return _("Correct the address, or release the hold if it is right.")


def _sentence(finding: Finding, country: str) -> str:
    known = _special(finding, country)
    if known:
        return known
    if finding.line:
        values = {"line": finding.line, "field": _field(finding.field)}
        if finding.code == "missing":
            return _("Line %(line)d: %(field)s missing.") % values
        return _("Line %(line)d: %(field)s not valid.") % values
    values = {"field": _field(finding.field), "country": _country(country)}
    if finding.code == "missing":
        return _("%(field)s missing. Addresses in %(country)s need it.") % values
    return _("%(field)s does not fit %(country)s.") % values


def _special(finding: Finding, country: str) -> str:
    """Return the sentence of a finding that has its own, or nothing."""
    if finding.code == "no_house_number":
        text = _("House number missing. Carriers in %(country)s return parcels without one.")
        return text % {"country": _country(country)}
    if finding.code == "unprintable":
        text = _(
            "%(field)s has letters a label cannot show. Cross-border labels use Latin letters."
        )
        return text % {"field": _field(finding.field)}
    if finding.code == "nobody":
        return _("The recipient is no person or company. Customs refuse such parcels.")
    if finding.code == "erased":
        return _("The buyer’s data was erased.")
    if finding.field == "country":
        return _("This country does not exist.")
    if finding.code == "vague":
        text = _("Line %(line)d: the customs description does not say what the item is.")
        return text % {"line": finding.line}
    return ""


def _field(name: str) -> str:
    labels = {
        "name": _("Name"),
        "street": _("Street"),
        "city": _("City"),
        "region": _("Region"),
        "postal_code": _("Postal code"),
        "city_area": _("District"),
        "hs_code": _("HS code"),
        "origin_country": _("Country of origin"),
        "customs_name": _("Customs description"),
        "weight_g": _("Weight"),
    }
    return labels.get(name, name)


def _country(code: str) -> str:
    return str(locale_of(get_language()).territories.get(code, code))
