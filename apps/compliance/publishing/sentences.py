"""Findings, lines and notes of the publish page in plain words, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.catalog.sentences import FIELD_NAMES, MISSING
from apps.common.formatting import format_percent, join_sentences, locale_of
from apps.compliance.publishing.facts import Finding


def explain_finding(finding: Finding) -> str:
    """Return the sentence of a finding."""
    if finding.code == MISSING:
        return _("Missing: %(names)s.") % {"names": FIELD_NAMES.get(finding.field, finding.field)}
    return explain_code(finding.code, finding.field, finding.parameters) or finding.code


def explain_code(code: str, field: str, parameters: Mapping[str, object]) -> str:
    """Return the sentence of a stored issue of the gates, or nothing for a code of somebody else's.

    Without field and parameters the sentence is a general one.
    """
    values = {
        "sku": field,
        "market": country(str(parameters.get("country", ""))),
        "currency": parameters.get("currency", ""),
        "day": parameters.get("from", parameters.get("day", "")),
        "why": parameters.get("why", ""),
        "label": parameters.get("label", field),
    }
    if code == "rule_pending":
        return _("A rule that may apply is not confirmed yet; it counts as 0.")
    if code == "rule_caution":
        return str(parameters.get("text", "")) or _("A rule of this market needs a look.")
    if code in {"registration", "obligation"}:
        return _demand(field, parameters)
    if not field and not parameters and code in _general():
        return _general()[code]
    sentence = _sentences().get(code)
    return sentence % values if sentence is not None else ""


def _sentences() -> dict[str, str]:
    return {
        "suspended": _("Your company is suspended and cannot sell."),
        "archived": _("This product is archived."),
        "nothing_offered": _("No variant of this product is on offer."),
        "market_closed": _("This market is closed."),
        "no_warehouse": _(
            "You have no overseas warehouse behind the customs border of this market."
        ),
        "no_supply_price": _("%(sku)s has no supply price. Type one."),
        "no_base_price": _("%(sku)s has no base price for your rule. Tell it, or type a price."),
        "no_price": _("%(sku)s has no price and no rule gives one. Type a price."),
        "no_rate": _("There is no fresh exchange rate for this price."),
        "no_tariff_rate": _("The duty rate of this product is not known. State it once."),
        "no_rule": _("Duty and tax cannot be worked out: %(why)s."),
        "merchant_product_id": _("%(sku)s has no product number of yours."),
        "manufacturer_product_id": _(
            "%(sku)s has no number of its maker. Customs ask for it: add the GTIN."
        ),
        "no_manufacturer": _(
            "The EU wants the manufacturer's name and addresses in the offer. Name the manufacturer."
        ),
        "no_eu_responsible": _(
            "The manufacturer is outside the EU: name the person responsible in the EU."
        ),
        "no_attribute": _("This category asks for “%(label)s”."),
        "loss": _("%(sku)s keeps nothing at this price."),
        "no_cost": _("The cost of %(sku)s is not known, so it is not counted."),
    }


def _general() -> dict[str, str]:
    return {
        "no_supply_price": _("A supply price is missing."),
        "no_base_price": _("A base price is missing."),
        "no_price": _("A price is missing."),
        "no_rule": _("Duty and tax cannot be worked out."),
        "merchant_product_id": _("A product number of yours is missing."),
        "manufacturer_product_id": _("A number of the maker is missing: add the GTIN."),
        "no_attribute": _("An attribute of the category is missing."),
        "loss": _("Nothing is kept at this price."),
        "no_cost": _("The cost is not known, so it is not counted."),
    }


def name_of_registration(obligation: str) -> str:
    """Return what the register number of an obligation is called."""
    names = {
        "EPR-DE-PKG": _("LUCID packaging register number"),
        "EPR-DE-WEEE": _("WEEE register number for electrical goods"),
        "EPR-EU-BATT": _("battery register number"),
        "EPR-FR": _("unique identifier (IDU) of your producer scheme"),
    }
    return names.get(obligation, obligation)


def _demand(obligation: str, parameters: Mapping[str, object]) -> str:
    market = country(str(parameters.get("country", "")))
    if not obligation:
        return _("A register number is missing.")
    values = {"name": name_of_registration(obligation), "market": market}
    known = {
        "EPR-EU-PPWR": _(
            "New packaging rules of the EU apply (PPWR). Check your register numbers."
        ),
        "UFLPA": _("US customs may ask for proof that no forced labour is in it (UFLPA)."),
        "CPSC-EFILE": _("Toys need a certificate filed with US customs for each parcel."),
    }
    if obligation in known:
        return known[obligation]
    return _("%(market)s asks for your %(name)s.") % values


def line_label(code: str, note: str) -> str:
    """Return the name of a line of the waterfall, with its rate where it has one."""
    labels = {
        "duty": _("Duty"),
        "tax": _("Tax"),
        "border_fees": _("Border fees"),
        "freight": _("Freight"),
        "commission": _("Commission"),
        "payment": _("Payment fee"),
        "fulfilment": _("Fulfilment fee"),
        "cost": _("Product cost"),
    }
    label = labels.get(code, code)
    kind, _sep, value = note.partition(":")
    if kind == "rate" and Decimal(value):
        rate = Decimal(value).normalize()
        digits = max(-int(rate.as_tuple().exponent) - 2, 0)
        return f"{label} {format_percent(rate, digits)}"
    return label


def explain_note(code: str, note: str) -> str:
    """Return who collects or pays a line, or why it is not known; empty when nothing is to be said."""
    kind, _sep, value = note.partition(":")
    if kind == "collector":
        collectors = {
            "marketplace": _("The marketplace collects it."),
            "importer": _("The importer pays it at the border; here that is you."),
            "carrier": _("The carrier collects it; here it is charged to you."),
            "courier": _("The courier collects it; here it is charged to you."),
            "declarant": _("Whoever declares the parcel pays it."),
        }
        told = [collectors[name] for name in value.split("+") if name in collectors]
        return reduce(join_sentences, told, "")
    if kind == "from":
        return _("One parcel from %(country)s, at today’s label price.") % {
            "country": country(value)
        }
    return _notes().get((code, kind)) or _notes().get(("", kind), "")


def _notes() -> dict[tuple[str, str], str]:
    return {
        ("", "buyer_pays"): _("The buyer pays it on top."),
        ("", "no_facts"): _("Customs facts are missing."),
        ("", "no_rule"): _("No rule answers it."),
        ("duty", "stock_import"): _("Paid when the stock was brought in; count it into the cost."),
        ("tax", "local_tax"): _("Sales tax of the country; no rule answers it yet."),
        ("freight", "no_weight"): _("The weight is not known."),
        ("freight", "no_place"): _("There is no warehouse to send from."),
        ("freight", "no_tariff"): _("No label price is in force."),
        ("", "no_rate"): _("There is no fresh exchange rate."),
        ("cost", "not_told"): _("The cost of the product is not known."),
    }


def country(code: str) -> str:
    """Return a country's name."""
    return str(locale_of(get_language()).territories.get(code, code))
