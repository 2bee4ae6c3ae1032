"""What apps add to the list of things that need a company, each with its own words.

The page that shows the list and the apps that fill it may not import each other; both know this
registry below them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.merchants.models import Merchant


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that needs somebody, free of language; ``at`` is when it last grew.

    ``subject`` tells several concerns of a kind apart, ``name`` and ``count`` fill the sentences.
    """

    count: int
    at: datetime
    subject: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """How a concern reads in the language of the page, and where its fix is."""

    icon: str
    title: str
    detail: str
    url: str
    button: str


Finder = Callable[[Merchant, datetime], list[Concern]]
Describer = Callable[[Concern], Words]


@dataclass(frozen=True, slots=True)
class ConcernKind:
    """A registered kind: who may see it, what finds it, and what tells it."""

    kind: str
    permission: str
    find: Finder
    describe: Describer


_KINDS: dict[str, ConcernKind] = {}


def register(kind: str, *, permission: str, find: Finder, describe: Describer) -> None:
    """Add a kind of concern; call it once, from the app's ``ready``."""
    _KINDS[kind] = ConcernKind(kind, permission, find, describe)


def find_kind(kind: str) -> ConcernKind | None:
    """Return a registered kind, or nothing."""
    return _KINDS.get(kind)


def list_kinds() -> list[ConcernKind]:
    """Return the registered kinds by name."""
    return [_KINDS[kind] for kind in sorted(_KINDS)]
