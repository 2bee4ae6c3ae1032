"""A promotion as a row of the pricing engine, and codes in the form in which they are compared."""

from __future__ import annotations

from decimal import Decimal

from apps.promotions.models import Promotion
from apps.promotions.policies import current_policy
from apps.promotions.pricing import gates
from apps.promotions.requests import PromotionDraft

# Kinds that are nothing without a code.
CODE_KINDS = frozenset({"voucher"})
OWNED = frozenset({"id", "name", "kind", "starts", "ends", "priority", "codes", "funding"})


def row_of(promotion: Promotion) -> dict[str, object]:
    """Return the row that prices carts.

    Codes are many and change without the rule, so the row knows one: the promotion's own id, which
    stands for every code that leads to it (``programs.Loaded.translate``).
    """
    row: dict[str, object] = {
        **promotion.rule,
        "id": promotion.public_id,
        "name": promotion.name,
        "kind": promotion.kind,
        "starts": promotion.starts_local,
        "priority": promotion.priority,
    }
    if promotion.ends_local:
        row["ends"] = promotion.ends_local
    if promotion.needs_code:
        row["codes"] = [promotion.public_id]
    return row | _funding(promotion.platform_percent)


def row_of_draft(draft: PromotionDraft, ident: str = "draft") -> dict[str, object]:
    """Return a draft as the row it would become, to be checked or tried before it is saved."""
    row: dict[str, object] = {
        **draft.rule,
        "id": ident,
        "name": draft.name,
        "kind": draft.kind,
        "starts": draft.starts,
        "priority": draft.priority,
    }
    if draft.ends:
        row["ends"] = draft.ends
    if draft.codes or draft.kind in CODE_KINDS:
        row["codes"] = [ident]
    return row


def plain_code(code: str) -> str:
    """Return a code in the form in which this portal compares codes."""
    return gates.plain_code(code, current_policy())


def _funding(percent: Decimal) -> dict[str, object]:
    if not percent:
        return {}
    platform = percent.normalize()
    return {"funding": {"merchant": f"{100 - platform:f}", "platform": f"{platform:f}"}}
