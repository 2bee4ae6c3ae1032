"""Writes of the companies that answer for products."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from apps.catalog import events
from apps.catalog.fact_sentences import refused_facts
from apps.catalog.models import Party
from apps.common.db import retry_transaction
from apps.common.errors import DomainError
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.markets.landed.rows import EU_MEMBERS
from apps.merchants.models import Merchant

_FIELDS = ("name", "address", "country", "email", "website")
_LENGTHS = {"name": 160, "address": 300, "email": 254, "website": 200}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_is_url = URLValidator(schemes=["https", "http"])


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """A company to add."""

    kind: str
    name: str
    address: str
    country: str
    email: str = ""
    website: str = ""


@retry_transaction
def add_party(draft: PartyDraft, *, merchant: Merchant, actor: Actor, now: datetime) -> Party:
    """Add a company to the merchant's list.

    Raises 422 ``catalog.party`` with one sentence per wrong field: a name, a postal and an
    electronic address are needed (Regulation (EU) 2023/988, art. 9(6), 16 and 19), and a responsible
    person has its place in the EU or in the United Kingdom.
    """
    if draft.kind not in Party.Kind.values:
        raise _refused({"kind": _("Choose what the company is.")})
    values = {name: str(getattr(draft, name)).strip() for name in _FIELDS}
    _check(draft.kind, values)
    with transaction.atomic():
        party = Party.objects.create(merchant=merchant, kind=draft.kind, **values)
        journal.record(
            events.PARTY_ADDED,
            merchant=merchant,
            subject=party,
            actor=actor,
            now=now,
            payload={"kind": party.kind},
        )
    return party


@retry_transaction
def update_party(
    party: Party, changes: Mapping[str, str | bool], *, actor: Actor, now: datetime
) -> Party:
    """Change named fields of a company for all its products; its kind never changes.

    ``is_active`` false takes it out of the choice; products that name it keep it, but a responsible
    person in the EU no longer counts for them (``apps.compliance`` looks again). The journal keeps
    which fields changed, not what they said. Raises as ``add_party``.
    """
    unknown = set(changes) - {*_FIELDS, "is_active"}
    if unknown:
        raise DomainError("catalog.unknown_field", ", ".join(sorted(unknown)), status=422)
    with transaction.atomic():
        locked: Party = (
            Party.objects.select_for_update().select_related("merchant").get(pk=party.pk)
        )
        given: dict[str, str | bool] = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in changes.items()
        }
        changed = sorted(name for name, value in given.items() if getattr(locked, name) != value)
        for name, value in given.items():
            setattr(locked, name, value)
        _check(locked.kind, {name: getattr(locked, name) for name in _FIELDS})
        if changed:
            locked.save()
            names: list[journal.Json] = list(changed)
            journal.record(
                events.PARTY_CHANGED,
                merchant=locked.merchant,
                subject=locked,
                actor=actor,
                now=now,
                payload={"fields": names, "is_active": locked.is_active},
            )
    return locked


def _check(kind: str, values: Mapping[str, str]) -> None:
    fields: dict[str, str] = {}
    for name, limit in _LENGTHS.items():
        if len(values[name]) > limit:
            fields[name] = _("At most %(count)s characters.") % {"count": limit}
        elif _CONTROL.search(values[name]):
            fields[name] = _("This contains characters that cannot be shown.")
    if not values["name"]:
        fields["name"] = _("Give the company’s name.")
    if not values["address"]:
        fields["address"] = _("Give the postal address.")
    fields |= _check_country(kind, values["country"]) | _check_electronic(values)
    if fields:
        raise _refused(fields)


def _check_country(kind: str, country: str) -> dict[str, str]:
    if not re.fullmatch(r"[A-Z]{2}", country):
        return {"country": _("Give the country as two letters, such as DE.")}
    if kind == Party.Kind.EU_RESPONSIBLE and country not in EU_MEMBERS:
        return {"country": _("A responsible person in the EU has its address in an EU country.")}
    if kind == Party.Kind.UK_RESPONSIBLE and country != "GB":
        return {"country": _("A responsible person in the UK has its address there (GB).")}
    return {}


def _check_electronic(values: Mapping[str, str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not values["email"] and not values["website"]:
        fields["email"] = _("Give an e-mail address or a contact page: the law asks for one.")
    try:
        if values["email"]:
            validate_email(values["email"])
    except ValidationError:
        fields["email"] = _("This is no e-mail address.")
    try:
        if values["website"]:
            _is_url(values["website"])
    except ValidationError:
        fields["website"] = _("This is no address of a page, such as https://example.com/contact.")
    return fields


def _refused(fields: Mapping[str, str]) -> DomainError:
    return DomainError("catalog.party", refused_facts(), status=422, fields=fields)
