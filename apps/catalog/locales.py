"""Names of languages as texts are stored under: ``de``, ``de-AT``, ``zh-Hans``."""

from __future__ import annotations

from functools import lru_cache

from babel.core import Locale, UnknownLocaleError

MAX_LENGTH = 12


@lru_cache(maxsize=512)
def clean_locale(text: str) -> str:
    """Return the one name of a language or locale: ``zh_TW`` → ``zh-Hant-TW``, ``DE`` → ``de``.

    Raises ``ValueError`` for what CLDR does not know.
    """
    try:
        found = Locale.parse(text.strip().replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise ValueError(text) from error
    parts = [part for part in (found.language, found.script, found.territory) if part]
    name = "-".join(parts)
    if found.variant or len(name) > MAX_LENGTH:
        raise ValueError(text)
    return name


def locale_name(name: str, language: str) -> str:
    """Return a locale's name in a language of the portal; an unknown one reads as itself."""
    try:
        shown = Locale.parse(name.replace("-", "_")).get_display_name(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return name
    return shown or name
