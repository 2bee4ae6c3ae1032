"""The network of a test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from apps.logistics.models import NetworkEdition, NetworkRow, RuleStatus
from apps.logistics.reference import packaged_rows
from apps.markets.services.dated_rows import digest_of

_LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def put_network(*more: dict[str, Any], without: tuple[str, ...] = ()) -> NetworkEdition:
    """Make an edition of the shipped rows and ``more``, as after loading; nothing is journalled.

    Rows that are there already stay; ``without`` names rows that the edition leaves out.
    """
    known = set(NetworkRow.objects.values_list("rule_id", flat=True))
    bodies = [body for body in (*packaged_rows(), *more) if body["id"] not in known]
    NetworkRow.objects.bulk_create(
        NetworkRow(
            rule_id=body["id"],
            kind=body["kind"],
            body=body,
            digest=digest_of(body),
            sources=body["sources"],
            effective_from=date.fromisoformat(body["effective_from"]),
            status=RuleStatus.BASELINE,
            proposed_by="system:network",
            proposed_at=_LOADED_AT,
        )
        for body in bodies
    )
    names = {*known, *(body["id"] for body in bodies)} - set(without)
    rows = [[name, 1, None] for name in sorted(names)]
    return NetworkEdition.objects.create(rows=rows, reason="tests", made_at=_LOADED_AT)


def row(ident: str, kind: str, **parts: Any) -> dict[str, Any]:
    """Return a body that is in force since 2000."""
    return {
        "id": ident,
        "kind": kind,
        "effective_from": "2000-01-01",
        "sources": ["A test"],
        **parts,
    }
