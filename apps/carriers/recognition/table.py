"""The forms of the tracking numbers we know: a row per form, as the carriers print them.

A pattern is matched against the whole number without spaces and in capitals. Where it has a group
``body``, the group ``check`` after it is that body's check sign by the row's method. ``lead`` is
what some carriers put before the body when they compute it, unless the body begins with it already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel.core import get_global

from apps.carriers.recognition import check_digits as by
from apps.carriers.recognition.check_digits import CheckDigit


@dataclass(frozen=True, slots=True)
class Form:
    """One form of number: the carrier's key and name, its own name, and how it is told."""

    carrier: str
    carrier_name: str
    name: str
    pattern: re.Pattern[str]
    check: CheckDigit | None = None
    lead: str = ""
    ends_with_country: bool = False

    def fits(self, number: str) -> bool:
        """Say whether a clean number has this form and the right check sign."""
        found = self.pattern.fullmatch(number)
        if found is None:
            return False
        if self.ends_with_country and number[-2:] not in _countries():
            return False
        if self.check is None:
            return True
        body = found["body"]
        if not body.startswith(self.lead):
            body = self.lead + body
        return self.check(body) == found["check"]


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(get_global("territory_zones")) - {"ZZ"}


def _form(
    carrier: tuple[str, str],
    name: str,
    pattern: str,
    check: CheckDigit | None = None,
    *,
    lead: str = "",
    ends_with_country: bool = False,
) -> Form:
    compiled = re.compile(pattern, re.ASCII)
    return Form(*carrier, name, compiled, check, lead, ends_with_country)


_CHECK_DIGIT = r"(?P<check>\d)"
# USPS prints the destination's ZIP code before the number of a package.
_ZIP = r"(?:420\d{5}(?:\d{4}(?=\d{22}$))?)?"
# After application id and service: a mailer id of nine digits begins with 9, one of six does not.
_NINE, _SIX = r"9(?:\d{15}|\d{19})", r"[0-8](?:\d{15}|\d{19})"
_NINE_LONG = r"9(?:\d{15}|\d{19}|\d{23})"

AMAZON = ("amazon", "Amazon")
CANADA_POST = ("canada_post", "Canada Post")
CANPAR = ("canpar", "Canpar")
DHL = ("dhl", "DHL")
DPD = ("dpd", "DPD")
FEDEX = ("fedex", "FedEx")
GOFO = ("gofo", "GOFO")
LANDMARK = ("landmark", "Landmark Global")
LASERSHIP = ("lasership", "LaserShip")
OLD_DOMINION = ("old_dominion", "Old Dominion")
ONTRAC = ("ontrac", "OnTrac")
POST = ("post", "UPU")
PUROLATOR = ("purolator", "Purolator")
SPEEDEE = ("speedee", "Spee-Dee")
UPS = ("ups", "UPS")
USPS = ("usps", "USPS")
YODEL = ("yodel", "Yodel")
YUNEXPRESS = ("yunexpress", "YunExpress")

FORMS: tuple[Form, ...] = (
    _form(UPS, "UPS", r"1Z(?P<body>[0-9A-Z]{15})" + _CHECK_DIGIT, by.one_two),
    _form(UPS, "UPS Waybill", r"[AHJKTV](?P<body>\d{9})" + _CHECK_DIGIT, by.one_two),
    _form(
        POST,
        "S10",
        r"[A-Z]{2}(?P<body>\d{8})" + _CHECK_DIGIT + r"[A-Z]{2}",
        by.s10,
        ends_with_country=True,
    ),
    _form(YUNEXPRESS, "YunExpress", r"YT\d{16}"),
    _form(AMAZON, "Amazon Logistics", r"TB[ACM]\d{12}"),
    _form(AMAZON, "Amazon International", r"[AFC]\d{10}"),
    _form(GOFO, "GOFO Express (US)", r"GFUS\d{14}"),
    _form(LANDMARK, "Landmark Global LTN", r"LTN\d{8}N1"),
    _form(YODEL, "Yodel", r"JJ?D\d{16}"),
    _form(SPEEDEE, "Spee-Dee (20)", r"SP\d{18}"),
    _form(LASERSHIP, "LaserShip LX", r"L[AIEHNX][123]\d{7}"),
    _form(LASERSHIP, "LaserShip 1LS7 (15)", r"1LS7[12]\d{10}"),
    _form(LASERSHIP, "LaserShip 1LS7 (18)", r"1LS7[12]\d{2}01[1-4]\d{6}-1"),
    _form(LASERSHIP, "LaserShip 1LSCX (15)", r"1LSCX[0-9A-Z]{10}"),
    _form(ONTRAC, "OnTrac", r"C(?P<body>\d{13})" + _CHECK_DIGIT, by.one_two, lead="4"),
    _form(ONTRAC, "OnTrac D", r"D(?P<body>\d{13})" + _CHECK_DIGIT, by.one_two, lead="5"),
    _form(CANPAR, "Canpar (22)", r"[CDKLSUXZ]\d{21}"),
    _form(PUROLATOR, "Purolator (alpha + 9)", r"[A-Z]{3}\d{9}"),
    _form(DHL, "DHL Express (Piece ID)", r"J[A-Z]{2,3}\d{9,10}"),
    _form(
        DHL,
        "DHL E-Commerce",
        r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)\d[0-9A-Z]{9,38}",
    ),
    _form(
        USPS,
        "USPS IMpb N",
        rf"(?:{_ZIP}(?=\d{{22}}$|\d{{26}}$)|(?=\d{{30}}$))(?P<body>94\d{{3}}(?:{_NINE_LONG}|{_SIX}))"
        r"(?P<check>\d)",
        by.gs1,
    ),
    _form(
        USPS,
        "USPS IMpb C",
        rf"{_ZIP}(?P<body>92\d{{3}}{_NINE}|93\d{{3}}{_SIX}|95\d{{3}}(?:{_NINE}|{_SIX}))"
        r"(?P<check>\d)",
        by.gs1,
    ),
    _form(FEDEX, "FedEx Ground 96 (22)", r"96\d{5}(?P<body>\d{14})" + _CHECK_DIGIT, by.gs1),
    _form(
        FEDEX,
        "FedEx Ground GSN",
        r"96\d{2}\d{5}\d{10}\d(?P<body>\d{13})" + _CHECK_DIGIT,
        by.one_seven_three,
    ),
    _form(
        FEDEX,
        "FedEx Express (34)",
        r"[0-8]\d{19}(?P<body>\d{13})" + _CHECK_DIGIT,
        by.one_seven_three,
    ),
    _form(
        FEDEX,
        "FedEx ASTRA (32)",
        r"3\d{15}(?P<body>\d{11})" + _CHECK_DIGIT + r"\d{4}",
        by.one_seven_three,
    ),
    _form(FEDEX, "FedEx Ground (SSCC-18)", r"(?P<body>\d{17})" + _CHECK_DIGIT, by.gs1),
    _form(FEDEX, "FedEx Ground", r"(?P<body>\d{14})" + _CHECK_DIGIT, by.gs1),
    _form(FEDEX, "FedEx Express (12)", r"(?P<body>\d{11})" + _CHECK_DIGIT, by.one_seven_three),
    _form(DPD, "DPD (28)", r"(?P<body>\d{27})(?P<check>[0-9A-Z])", by.mod_37_36),
    _form(DPD, "DPD (14)", r"(?P<body>\d{14})(?P<check>[0-9A-Z])", by.mod_37_36),
    _form(CANADA_POST, "Canada Post (16)", r"(?P<body>\d{15})" + _CHECK_DIGIT, by.gs1),
    _form(USPS, "USPS 20", r"(?P<body>\d{19})" + _CHECK_DIGIT, by.gs1),
    _form(
        USPS,
        "USPS Legacy",
        r"(?:420\d{5}(?:\d{4})?)?(?P<body>(?:91)?\d{19})" + _CHECK_DIGIT,
        by.gs1,
        lead="91",
    ),
    _form(PUROLATOR, "Purolator (12)", r"(?P<body>[0-5]\d{10})" + _CHECK_DIGIT, by.luhn),
    _form(
        OLD_DOMINION, "Old Dominion", r"(?P<body>(?:77[78]|072|780)\d{7})" + _CHECK_DIGIT, by.luhn
    ),
    _form(
        OLD_DOMINION,
        "Old Dominion Guaranteed Shipment",
        r"(?P<body>80\d{8})" + _CHECK_DIGIT,
        by.luhn,
    ),
    _form(DHL, "DHL Express", r"(?P<body>\d{9,10})" + _CHECK_DIGIT, by.mod_7),
    _form(DHL, "DHL E-Commerce (14)", r"\d{14}"),
)
