"""Writes of typed attributes and of safety facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.attribute_rules import check_values
from apps.catalog.category_selectors import list_specs
from apps.catalog.fact_rules import SafetyFacts, clean_un_number, find_unfit
from apps.catalog.fact_sentences import explain_unfit, explain_wrong, refused_facts
from apps.catalog.models import Party, Product, ProductFacts
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor

FactValue = str | int | bool | Decimal | None
SAFETY = (
    "battery",
    "battery_wh",
    "battery_lithium_g",
    "battery_count",
    "dangerous",
    "un_number",
    "hazard_class",
    "packing_group",
    "is_limited_quantity",
)
FLAGS = ("has_magnet", "has_liquid", "has_powder")
PARTIES = ("manufacturer", "eu_responsible", "uk_responsible", "importer")


@retry_transaction
def set_attributes(
    product: Product,
    given: Mapping[str, object],
    *,
    is_whole: bool = False,
    actor: Actor,
    now: datetime,
) -> ProductFacts:
    """Set typed attributes by key; None or an empty value takes one away, all others stay.

    ``is_whole`` makes ``given`` the whole set. Every value must fit the rules of the product's
    category; raises 422 ``catalog.attributes`` with one sentence per wrong field
    (``attributes.<key>``), and nothing is saved.
    """
    with transaction.atomic():
        locked: Product = (
            Product.objects.select_for_update()
            .select_related("category_ref", "merchant")
            .get(pk=product.pk)
        )
        facts = facts_for_change(locked)
        checked = check_values(list_specs(locked.category_ref), given)
        if checked.wrong:
            fields = {f"attributes.{key}": explain_wrong(it) for key, it in checked.wrong.items()}
            message = refused_facts()
            if locked.category_ref is None:
                message = _("Choose the category first: it says which attributes there are.")
            raise DomainError("catalog.attributes", message, status=422, fields=fields)
        kept = {} if is_whole else {k: v for k, v in facts.attributes.items() if k not in given}
        after = {**kept, **checked.values}
        before = dict(facts.attributes)
        if after != before:
            facts.attributes = after
            facts.save()
            changed: dict[str, journal.Json] = {
                key: before.get(key)
                for key in sorted(set(before) | set(after))
                if before.get(key) != after.get(key)
            }
            journal.record(
                events.ATTRIBUTES_CHANGED,
                merchant=locked.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"before": changed},
            )
    return facts


@retry_transaction
def set_facts(
    product: Product, changes: Mapping[str, FactValue], *, actor: Actor, now: datetime
) -> ProductFacts:
    """Change named safety facts; what is not named stays.

    Parties are named by their public ids (empty: none) and must be of the fitting kind and in use.
    Watt-hours and grams of lithium are per battery. Raises 422 ``catalog.facts`` with one sentence
    per field that does not fit the others.
    """
    unknown = set(changes) - {*SAFETY, *FLAGS, *PARTIES}
    if unknown:
        raise DomainError("catalog.unknown_field", ", ".join(sorted(unknown)), status=422)
    with transaction.atomic():
        locked: Product = (
            Product.objects.select_for_update().select_related("merchant").get(pk=product.pk)
        )
        facts = facts_for_change(locked)
        before = _told(facts)
        fields = _take_over(facts, changes) | _take_parties(facts, changes)
        safety = SafetyFacts(**{name: getattr(facts, name) for name in SAFETY})
        fields |= {name: explain_unfit(code) for name, code in find_unfit(safety)}
        if fields:
            raise DomainError("catalog.facts", refused_facts(), status=422, fields=fields)
        after = _told(facts)
        if after != before:
            facts.save()
            changed = {name: before[name] for name in after if after[name] != before[name]}
            journal.record(
                events.FACTS_CHANGED,
                merchant=locked.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"before": changed},
            )
    return facts


def facts_for_change(product: Product) -> ProductFacts:
    """Return the product's facts, or new ones that are not saved yet; the product must be locked."""
    related = ("manufacturer", "eu_responsible", "uk_responsible", "importer")
    found = ProductFacts.objects.select_related(*related).filter(product=product).first()
    return found or ProductFacts(product=product, merchant=product.merchant)


def _take_over(facts: ProductFacts, changes: Mapping[str, FactValue]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name in (*SAFETY, *FLAGS):
        if name not in changes:
            continue
        value = changes[name]
        if name == "un_number":
            value = clean_un_number(str(value or ""))
        limit = _LIMITS.get(name)
        if limit is not None and isinstance(value, int | Decimal) and not 0 <= value <= limit:
            wrong[name] = _("This is out of range.")
            continue
        setattr(facts, name, value)
    return wrong


_LIMITS: Mapping[str, int] = {
    "battery_wh": 100_000,
    "battery_lithium_g": 10_000,
    "battery_count": 9999,
}


def _take_parties(facts: ProductFacts, changes: Mapping[str, FactValue]) -> dict[str, str]:
    wanted = {name: str(changes[name] or "") for name in PARTIES if name in changes}
    ids = [ident for ident in wanted.values() if ident]
    known = (
        {
            party.public_id: party
            for party in Party.objects.filter(merchant=facts.merchant, public_id__in=ids)
        }
        if ids
        else {}
    )
    wrong: dict[str, str] = {}
    for name, ident in wanted.items():
        held: Party | None = getattr(facts, name)
        if held is not None and held.public_id == ident:
            continue
        party = known.get(ident)
        if ident and (party is None or party.kind != name or not party.is_active):
            wrong[name] = _("There is no such company in your list for this.")
        else:
            setattr(facts, name, party)
    return wrong


def _told(facts: ProductFacts) -> dict[str, journal.Json]:
    """Return the facts as the journal writes them: decimals as text, parties by id."""
    told: dict[str, journal.Json] = {}
    for name in (*SAFETY, *FLAGS):
        value = getattr(facts, name)
        told[name] = f"{value.normalize():f}" if isinstance(value, Decimal) else value
    for name in PARTIES:
        party: Party | None = getattr(facts, name)
        told[name] = party.public_id if party else ""
    return told
