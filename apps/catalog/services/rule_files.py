"""Loading attribute rules from a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from apps.catalog import events
from apps.catalog.attribute_file import RuleDocument, RuleEntry, read_rule_file
from apps.catalog.models import AttributeRule, Category
from apps.common.db import retry_transaction, upsert
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor

MAX_BYTES = 20 * 1024 * 1024
_SHOWN = 20
_COLUMNS = (
    "label",
    "labels",
    "kind",
    "unit",
    "is_required",
    "markets",
    "choices",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "pattern",
    "basis",
    "is_active",
    "source",
    "version",
)


@dataclass(frozen=True, slots=True)
class RuleLoad:
    """What a load did, in rules."""

    source: str
    version: str
    total: int
    written: int
    retired: int


@retry_transaction
def import_attribute_rules(path: Path, *, actor: Actor, now: datetime) -> RuleLoad:
    """Load a file of attribute rules, whole or not at all; the same file again changes nothing.

    Rules of the same source that the file no longer names become inactive: values that products
    hold stay until they are saved again. Raises 422 ``catalog.attribute_rules`` with what is wrong.
    """
    if path.stat().st_size > MAX_BYTES:
        raise _error(["The file has over 20 MB."])
    read = read_rule_file(path.read_bytes())
    if read.document is None:
        raise _error(read.problems)
    with transaction.atomic():
        load = _store(read.document, now)
        if load.written or load.retired:
            facts: dict[str, journal.Json] = {
                "version": load.version,
                "written": load.written,
                "retired": load.retired,
            }
            fact = journal.Fact(events.RULES_LOADED, "attribute_rule", load.source, facts)
            journal.record_many([fact], tenant_id=journal.PLATFORM, actor=actor, now=now)
    return load


def _store(document: RuleDocument, now: datetime) -> RuleLoad:
    wanted = {entry.category for entry in document.rules}
    keys = dict(Category.objects.filter(code__in=wanted).values_list("code", "pk"))
    missing = sorted(wanted - set(keys))
    if missing:
        raise _error([f"There is no category {code}." for code in missing])
    rules = AttributeRule.objects.select_for_update().order_by("pk")
    known = {(rule.category_id, rule.key): rule for rule in rules}
    foreign = [
        entry
        for entry in document.rules
        if (rule := known.get((keys[entry.category], entry.key))) is not None
        and rule.source != document.source
    ]
    if foreign:
        raise _error(
            [f"{entry.category} {entry.key} is a rule of another source." for entry in foreign]
        )
    rows = [_rule(entry, keys[entry.category], document) for entry in document.rules]
    due = [row for row in rows if _differs(row, known.get((row.category_id, row.key)))]
    columns = [*_COLUMNS, "updated_at"]
    upsert(AttributeRule, due, unique_fields=["category", "key"], update_fields=columns)
    named = {(row.category_id, row.key) for row in rows}
    gone = [
        rule.pk
        for pair, rule in known.items()
        if rule.source == document.source and rule.is_active and pair not in named
    ]
    AttributeRule.objects.filter(pk__in=gone).update(is_active=False, updated_at=now)
    return RuleLoad(document.source, document.version, len(rows), len(due), len(gone))


def _rule(entry: RuleEntry, category_id: int, document: RuleDocument) -> AttributeRule:
    return AttributeRule(
        category_id=category_id,
        key=entry.key,
        label=entry.label,
        labels=dict(sorted((name.lower(), text) for name, text in entry.labels.items())),
        kind=entry.type,
        unit=entry.unit,
        is_required=entry.required,
        markets=entry.all_markets(),
        choices=[choice.strip() for choice in entry.choices],
        min_value=entry.min,
        max_value=entry.max,
        min_length=entry.min_length,
        max_length=entry.max_length,
        pattern=entry.pattern,
        basis=entry.basis,
        is_active=True,
        source=document.source,
        version=document.version,
    )


def _differs(row: AttributeRule, known: AttributeRule | None) -> bool:
    return known is None or any(getattr(row, name) != getattr(known, name) for name in _COLUMNS)


def _error(problems: list[str]) -> DomainError:
    told = problems[:_SHOWN]
    if len(problems) > _SHOWN:
        told.append(f"And {len(problems) - _SHOWN} more.")
    return DomainError("catalog.attribute_rules", "\n".join(told), status=422)
