"""Pure rules of texts: which language a market reads, and what an overridden field is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

FIELDS = ("title", "description")


class FieldState(StrEnum):
    """How a market's field stands to its source."""

    INHERITED = "inherited"
    OVERRIDDEN = "overridden"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Override:
    """What a market says instead of the source, and what the source said when that was written."""

    value: str
    source_was: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The source of a product's texts: its own, and those of languages."""

    own: Mapping[str, str]
    by_locale: Mapping[str, Mapping[str, str]]

    def source_for(self, locale: str, field: str) -> str:
        """Return what the source says in a market's language: ``de_AT`` → de-AT, de, the product's.

        An empty text counts as none, so a language may translate the title alone.
        """
        for name in locale_chain(locale):
            text = self.by_locale.get(name, {}).get(field, "")
            if text:
                return text
        return self.own.get(field, "")


@dataclass(frozen=True, slots=True)
class MarketChange:
    """What a change of the source does to one field of one market."""

    market: str
    field: str
    state: FieldState
    following: FieldState
    shown: str
    becomes: str
    source: str
    source_becomes: str

    @property
    def is_seen(self) -> bool:
        """Whether buyers of the market will read something else."""
        return self.shown != self.becomes


def locale_chain(locale: str) -> tuple[str, ...]:
    """Return the names under which a text for a locale may stand, the closest first."""
    parts = locale.replace("_", "-").split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def field_state(override: Override | None, source_now: str) -> FieldState:
    """Say whether a field follows its source, replaces it, or waits for the merchant's decision.

    It is in conflict when the source said something else when the override was written, unless the
    source has come to say what the override says: then there is nothing to decide.
    """
    if override is None:
        return FieldState.INHERITED
    if source_now in (override.source_was, override.value):
        return FieldState.OVERRIDDEN
    return FieldState.CONFLICT


def shown_text(override: Override | None, source_now: str) -> str:
    """Return what buyers read: the override if there is one, also while it is in conflict."""
    return source_now if override is None else override.value


def compare_texts(
    before: Texts,
    after: Texts,
    locales: Mapping[str, str],
    overrides: Mapping[tuple[str, str], Override],
) -> Iterable[MarketChange]:
    """Yield the fields, market by market, whose source changes; ``locales`` is market → locale."""
    for market, locale in sorted(locales.items()):
        for name in FIELDS:
            old, new = before.source_for(locale, name), after.source_for(locale, name)
            if old == new:
                continue
            override = overrides.get((market, name))
            yield MarketChange(
                market,
                name,
                field_state(override, old),
                field_state(override, new),
                shown_text(override, old),
                shown_text(override, new),
                old,
                new,
            )
