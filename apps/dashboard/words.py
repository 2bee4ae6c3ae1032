"""Names of countries and other things that CLDR knows, in the page's language."""

from __future__ import annotations

from apps.common.formatting import current_locale


def country_name(code: str) -> str:
    """Return a country's name; an unknown code reads as itself."""
    return str(current_locale().territories.get(code.upper(), code))
