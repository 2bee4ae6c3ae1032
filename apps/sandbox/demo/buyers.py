"""Invented buyers with well-formed addresses; one in ten forgets the house number."""

from __future__ import annotations

from random import Random

from apps.orders.requests import BuyerRequest

_NAMES = {
    "US": ("Maya Collins", "Andre Price", "Ruth Nolan", "Sam Okafor", "Helen Ortiz"),
    "GB": ("Imogen Hart", "Callum Reid", "Priya Shah", "Tom Whitfield", "Nia Evans"),
    "DE": ("Jonas Weber", "Anke Brandt", "Felix Sommer", "Lena Vogt", "Mira Kaya"),
    "FR": ("Camille Renaud", "Hugo Perrin", "Inès Lacroix", "Louis Marchand"),
    "ES": ("Lucía Prado", "Diego Serra", "Marta Vidal"),
    "IT": ("Giulia Ferri", "Paolo Conti", "Elena Riva"),
    "NL": ("Sanne de Wit", "Bram Kuiper", "Noor Visser"),
    "JP": ("佐藤 美咲", "田中 健", "Aiko Mori"),
    "SG": ("Tan Wei Ling", "Arjun Nair", "Lim Jia Hui"),
    "MY": ("Nur Aisyah", "Daniel Wong", "Siti Hajar"),
}
_PLACES = {
    "US": (
        ("Los Angeles", "CA", "90012", "South Spring Street"),
        ("Chicago", "IL", "60603", "West Adams Street"),
        ("Austin", "TX", "78701", "Congress Avenue"),
    ),
    "GB": (
        ("London", "", "EC1A 1BB", "Aldersgate Street"),
        ("Leeds", "", "LS1 4DY", "Park Row"),
    ),
    "DE": (
        ("Berlin", "", "12059", "Sonnenallee"),
        ("Hamburg", "", "20095", "Mönckebergstraße"),
        ("München", "", "80331", "Sendlinger Straße"),
    ),
    "FR": (("Paris", "", "75011", "Rue Oberkampf"), ("Lyon", "", "69002", "Rue Mercière")),
    "ES": (("Madrid", "Madrid", "28013", "Calle Mayor"),),
    "IT": (("Milano", "MI", "20121", "Via Brera"),),
    "NL": (("Utrecht", "", "3511 LN", "Oudegracht"),),
    "JP": (("Shibuya-ku", "Tokyo", "150-0041", "1 Chome Jinnan"),),
    "SG": (("Singapore", "", "048616", "Robinson Road"),),
    "MY": (("Kuala Lumpur", "Kuala Lumpur", "50088", "Jalan Ampang"),),
}
FORGETFUL = 10


def make_buyer(country: str, chance: Random) -> BuyerRequest:
    """Return a buyer in a country, chosen by the seeded generator."""
    name = chance.choice(_NAMES[country])
    city, region, postal_code, street = chance.choice(_PLACES[country])
    number = chance.randrange(1, 220)
    forgets = chance.randrange(FORGETFUL) == 0 and country in {"DE", "US", "GB"}
    numbered = f"{number} {street}" if country in {"US", "GB", "SG", "FR"} else f"{street} {number}"
    return BuyerRequest(
        name=name,
        country=country,
        street=street if forgets else numbered,
        city=city,
        region=region,
        postal_code=postal_code,
        phone="",
        email=f"buyer{chance.randrange(400)}@example.com",
    )
