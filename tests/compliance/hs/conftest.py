"""A small tariff to index, and the public files where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from apps.compliance.hs.index import Index, Reference
from apps.compliance.hs.library import Library, read_folder

TEXTS = {
    "61": "Apparel and clothing accessories; knitted or crocheted",
    "6110": "Jerseys, pullovers, cardigans, waistcoats; knitted or crocheted",
    "611011": "Jerseys, pullovers; of wool, knitted or crocheted",
    "611020": "Jerseys, pullovers; of cotton, knitted or crocheted",
    "611030": "Jerseys, pullovers; of man-made fibres, knitted or crocheted",
    "62": "Apparel and clothing accessories; not knitted or crocheted",
    "6204": "Suits, dresses, skirts, trousers; women's or girls'",
    "620442": "Dresses; women's or girls', of cotton (not knitted or crocheted)",
    "6205": "Shirts; men's or boys'",
    "620520": "Shirts; men's or boys', of cotton (not knitted or crocheted)",
    "84": "Machinery and mechanical appliances; parts thereof",
    "8414": "Air pumps, fans, hoods",
    "841451": "Fans; table, floor, wall, ceiling, with an electric motor",
    "841490": "Parts of pumps, fans and hoods",
    "44": "Wood and articles of wood",
    "4421": "Wood; articles n.e.c.",
    "442199": "Wood; articles other than clothes hangers and bamboo",
}
REFERENCES = [
    Reference("611020", "cotton hoodie", "uk"),
    Reference("841451", "desk fan", "guide"),
    Reference("841490", "fan blades", "uk"),
    Reference("999999", "a code that is not in the tariff", "uk"),
]


@pytest.fixture(scope="session")
def index() -> Index:
    """An index over a handful of subheadings."""
    return Index(TEXTS, REFERENCES)


@pytest.fixture(scope="session")
def public() -> Library:
    """The library of the public files; tests that need it are skipped where they are absent."""
    named = os.environ.get("HS_DATA")
    folder = Path(named) if named else Path(settings.BASE_DIR) / "../shared/data/public/hs"
    if not folder.is_dir():
        pytest.skip(f"the public HS files are not at {folder} (name their folder in HS_DATA)")
    return read_folder(folder)
