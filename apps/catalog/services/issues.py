"""Keeping what is wrong with listings: issues come, stay with their first day, and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from apps.catalog.models import Listing, ListingIssue
from apps.catalog.rules import CustomsFacts, find_missing
from apps.catalog.sentences import MISSING, refuse_issues, refuse_missing
from apps.catalog.services.drafts import IssueDraft, PriceDraft
from apps.merchants.models import Merchant

_CHUNK = 500
Key = tuple[str, str]
Known = Mapping[int, Mapping[Key, ListingIssue]]


def load_issues(listings: Iterable[Listing]) -> dict[int, dict[Key, ListingIssue]]:
    """Return the stored issues of listings by listing, code and field (no statement for none)."""
    keys = [listing.pk for listing in listings if listing.pk is not None]
    found: dict[int, dict[Key, ListingIssue]] = {}
    for issue in ListingIssue.objects.filter(listing__in=keys) if keys else ():
        found.setdefault(issue.listing_id, {})[issue.code, issue.field] = issue
    return found


def judge_listing(price: PriceDraft, known: Mapping[Key, ListingIssue]) -> list[IssueDraft]:
    """Return everything that is wrong with a pair of variant and market now.

    The customs facts are looked at each time. What a market's gate found counts when the gate looked
    (``price.issues``); else what it found the last time.
    """
    product = price.variant.product
    facts = CustomsFacts(
        product.origin_country, product.hs_code, product.customs_name, price.variant.weight_g
    )
    wrong = {
        (MISSING, name): IssueDraft(MISSING, name, fix="customs") for name in find_missing(facts)
    }
    if price.issues is None:
        kept = (_draft(issue) for issue in known.values() if issue.code != MISSING)
        wrong.update({(item.code, item.field): item for item in kept})
    else:
        wrong.update({(item.code, item.field): item for item in price.issues})
    return list(wrong.values())


def refusal_of(issues: Sequence[IssueDraft]) -> str:
    """Return the stored refusal that follows from issues; empty when none blocks."""
    blocking = [issue for issue in issues if issue.is_blocking]
    others = [issue.code for issue in blocking if issue.code != MISSING]
    if others:
        return refuse_issues(dict.fromkeys(others))
    return refuse_missing(issue.field for issue in blocking) if blocking else ""


def keep_issues(
    wrong: Sequence[tuple[Listing, Sequence[IssueDraft]]],
    known: Known,
    *,
    merchant: Merchant,
    now: datetime,
) -> None:
    """Make the stored issues of listings those in ``wrong``: at most three statements."""
    new: list[ListingIssue] = []
    changed: list[ListingIssue] = []
    gone: list[int] = []
    for listing, issues in wrong:
        stored = dict(known.get(listing.pk, {}))
        for issue in issues:
            row = stored.pop((issue.code, issue.field), None)
            if row is None:
                row = ListingIssue(
                    merchant=merchant,
                    listing=listing,
                    code=issue.code,
                    field=issue.field,
                    since=now,
                )
                new.append(_filled(row, issue))
            elif _draft(row) != issue:
                changed.append(_filled(row, issue))
        gone += [row.pk for row in stored.values()]
    ListingIssue.objects.bulk_create(new, batch_size=_CHUNK)
    fields = ["parameters", "rows", "fix", "severity", "effect"]
    ListingIssue.objects.bulk_update(changed, fields, batch_size=_CHUNK)
    if gone:
        ListingIssue.objects.filter(merchant=merchant, pk__in=gone).delete()


def _filled(row: ListingIssue, issue: IssueDraft) -> ListingIssue:
    row.parameters, row.rows, row.fix = dict(issue.parameters), list(issue.rows), issue.fix
    row.severity, row.effect = issue.severity, issue.effect
    return row


def _draft(row: ListingIssue) -> IssueDraft:
    return IssueDraft(
        code=row.code,
        field=row.field,
        parameters=dict(row.parameters),
        rows=tuple(row.rows),
        fix=row.fix,
        is_blocking=row.effect == ListingIssue.Effect.BLOCKED,
    )
