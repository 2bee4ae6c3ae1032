"""Reading the daily file of the European Central Bank's euro foreign exchange reference rates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CURRENCY = re.compile(r"[A-Z]{3}")


class FixingError(ValueError):
    """The file is not what the bank publishes; nothing of it may be used."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """The rates of one day: how many units of each currency one euro costs."""

    day: date
    rates: dict[str, Decimal]


def parse_fixing(content: bytes) -> Fixing:
    """Return the fixing in a daily file.

    The file nests ``Cube`` elements: one with ``time``, in it one per currency with ``currency`` and
    ``rate``. A document type, another shape, a currency twice, and a rate that is not a positive
    number raise ``FixingError``.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FixingError(f"The file is not plain XML: {error}") from error
    days = [node for node in root.iter() if _name(node) == "Cube" and "time" in node.attrib]
    if len(days) != 1:
        raise FixingError(f"The file has {len(days)} days, not one.")
    rates: dict[str, Decimal] = {}
    for node in days[0]:
        currency = node.attrib.get("currency", "")
        if not _CURRENCY.fullmatch(currency) or currency in rates:
            raise FixingError(f"The currency {currency[:20]!r} is no code or comes twice.")
        rates[currency] = _rate(currency, node.attrib.get("rate", ""))
    if not rates:
        raise FixingError("The file has no rates.")
    return Fixing(_day(days[0].attrib["time"]), rates)


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FixingError(f"The day {text[:20]!r} is no date.") from error


def _rate(currency: str, text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise FixingError(f"The rate of {currency} is no number: {text[:20]!r}.") from error
    if not rate.is_finite() or not 0 < rate < 10**9:
        raise FixingError(f"The rate of {currency} is not positive: {text[:20]!r}.")
    return rate
