"""What the page of one promotion shows: versions and codes."""

from __future__ import annotations

from dataclasses import dataclass

from apps.common.pagination import Page, paginate
from apps.dashboard.promotion_words import describe_row
from apps.promotions import selectors as promotions
from apps.promotions.models import (
    Promotion,
    PromotionCode,
    PromotionVersion,
)

CODES_A_PAGE = 100
VERSIONS = 20


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version: what it says newly and no longer, against the one before."""

    version: PromotionVersion
    added: tuple[str, ...]
    removed: tuple[str, ...]


def list_versions(promotion: Promotion) -> list[VersionRow]:
    """Return the latest published versions, the newest first; one statement."""
    rows = PromotionVersion.objects.filter(promotion=promotion).order_by("-version")
    found = list(rows[: VERSIONS + 1])
    return [
        _compare(one, found[place + 1] if place + 1 < len(found) else None)
        for place, one in enumerate(found[:VERSIONS])
    ]


def _compare(version: PromotionVersion, older: PromotionVersion | None) -> VersionRow:
    now = _sentences(version)
    before = _sentences(older) if older is not None else []
    return VersionRow(
        version,
        tuple(one for one in now if one not in before),
        tuple(one for one in before if one not in now),
    )


def _sentences(version: PromotionVersion) -> list[str]:
    row = version.row
    period = f"{row.get('starts', '')} – {row.get('ends', '')}".replace("T", " ")
    return [*describe_row(row), period, ", ".join(version.markets)]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code and how often it was used."""

    code: PromotionCode
    uses: int


def page_of_codes(promotion: Promotion, cursor: str) -> tuple[Page[PromotionCode], list[CodeRow]]:
    """Return a page of codes, the newest first; two statements."""
    page = paginate(
        promotions.list_codes(promotion).order_by(),
        key="id",
        cursor=cursor,
        size=CODES_A_PAGE,
        is_time=False,
    )
    used = promotions.count_code_uses(promotion, page.rows)
    return page, [CodeRow(code, used.get(code.plain, 0)) for code in page.rows]
