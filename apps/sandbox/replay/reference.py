"""What an order file does not say and the path needs: addresses and customs facts.

The file names a country and a customer number, no street; a description, no customs facts. Both are
filled from these tables, so that the address and declaration checks run on every order unweakened.
"""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from apps.orders.requests import BuyerRequest

# Names that CLDR does not know; the Channel Islands share Jersey's code and the pound.
_OTHER_NAMES = {
    "eire": "IE",
    "channel islands": "JE",
    "czech republic": "CZ",
    "usa": "US",
    "rsa": "ZA",
    "hong kong": "HK",
}
# City, region and postal code of the capital's post office district in each country's own format.
_PLACES: dict[str, tuple[str, str, str]] = {
    "GB": ("London", "", "EC1A 1BB"),
    "JE": ("St Helier", "", "JE2 3AB"),
    "IE": ("Dublin 2", "Co. Dublin", "D02 X285"),
    "DE": ("Berlin", "", "10117"),
    "FR": ("Paris", "", "75001"),
    "ES": ("Madrid", "Madrid", "28013"),
    "NO": ("Oslo", "", "0150"),
    "PT": ("Lisboa", "", "1100-148"),
    "BE": ("Bruxelles", "", "1000"),
    "CY": ("Nicosia", "", "1016"),
    "AU": ("Sydney", "NSW", "2000"),
    "NL": ("Amsterdam", "", "1012 JS"),
    "JP": ("Chiyoda-ku", "Tokyo", "100-0001"),
    "CH": ("Bern", "", "3011"),
    "IT": ("Roma", "RM", "00184"),
    "SE": ("Stockholm", "", "111 29"),
    "LT": ("Vilnius", "", "01103"),
    "IS": ("Reykjavík", "", "101"),
    "DK": ("København", "", "1050"),
    "FI": ("Helsinki", "", "00100"),
    "AT": ("Wien", "", "1010"),
    "PL": ("Warszawa", "", "00-001"),
    "IL": ("Jerusalem", "", "9414101"),
    "BH": ("Manama", "", "317"),
    "GR": ("Athina", "", "105 63"),
    "SG": ("Singapore", "", "048616"),
    "US": ("New York", "NY", "10001"),
    "CA": ("Ottawa", "ON", "K1P 1J1"),
    "BR": ("São Paulo", "SP", "01310-100"),
    "MT": ("Valletta", "", "VLT 1117"),
    "AE": ("Dubai", "Dubai", ""),
    "SA": ("Riyadh", "", "12211"),
    "CZ": ("Praha", "", "110 00"),
}
# First word found in a description decides the heading (HS 2022); the last row is for the rest:
# 3926.40, statuettes and other ornamental articles of plastics.
_HEADINGS = (
    (("LANTERN", "LIGHT", "LAMP", "CANDLE HOLDER", "CHANDELIER"), "940550"),
    (("CANDLE",), "340600"),
    (("BAG", "PURSE", "CASE", "SATCHEL"), "420222"),
    (("MUG", "CUP", "TEAPOT", "PLATE", "BOWL", "SAUCER"), "691200"),
    (("CARD", "WRAP", "PAPER", "NOTEBOOK", "STICKER"), "482390"),
    (("CLOCK",), "910529"),
    (("CUSHION", "BOTTLE WARMER", "BLANKET", "TOWEL", "APRON"), "630790"),
    (("NECKLACE", "BRACELET", "EARRING", "RING"), "711790"),
    (("TOY", "GAME", "DOLL", "PUZZLE", "PLAYHOUSE"), "950300"),
    (("CHRISTMAS", "BAUBLE", "ADVENT"), "950510"),
    (("SIGN", "METAL", "TIN", "HOOK", "DOORMAT"), "732690"),
    (("FRAME", "BOX", "WOODEN", "CABINET", "DRAWER"), "442199"),
    (("GLASS", "VASE", "JAR", "BOTTLE"), "701349"),
)
_OTHER_HEADING = "392640"
ORIGIN = "CN"
WEIGHT_G = 250


@lru_cache(maxsize=256)
def find_country(name: str) -> str | None:
    """Return the ISO code of an English country name that the portal has a market for."""
    wanted = name.strip().casefold()
    if wanted in _OTHER_NAMES:
        code: str | None = _OTHER_NAMES[wanted]
    else:
        territories = Locale("en").territories
        names = {str(text).casefold(): code for code, text in territories.items() if len(code) == 2}
        code = names.get(wanted)
    return code if code in _PLACES else None


def known_countries() -> list[str]:
    """Return the codes of all countries with a place."""
    return sorted(_PLACES)


def buyer_for(customer: str, invoice: str, country: str) -> BuyerRequest:
    """Return an invented but well-formed buyer for a customer number (or a lone invoice)."""
    city, region, postal_code = _PLACES[country]
    ident = customer or f"guest {invoice}"
    number = int(customer) % 180 + 1 if customer.isdigit() else 1
    return BuyerRequest(
        name=f"Customer {ident}",
        country=country,
        street=f"{number} Market Street",
        city=city,
        region=region,
        postal_code=postal_code,
        phone="",
        email=f"customer-{ident.replace(' ', '-').lower()}@example.com",
    )


def heading_for(description: str) -> str:
    """Return the HS code a description gets in the replay."""
    words = description.upper()
    for hints, code in _HEADINGS:
        if any(hint in words for hint in hints):
            return code
    return _OTHER_HEADING
