"""The activity log of a company: who changed what, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts.selectors import get_names
from apps.common.pagination import Page, paginate
from apps.common.web.access import READ, member_page
from apps.journal.models import JournalEntry
from apps.merchants import selectors
from apps.merchants.permissions import LOG_VIEW
from apps.merchants.web.labels import EVENT_GROUPS, event_label, field_label
from apps.merchants.web.requests import MemberRequest
from apps.merchants.web.values import tell_facts, tell_value

PAGE_SIZE = 50
PLAIN_FACTS = 4
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry; without a before it is a plain fact."""

    label: str
    before: str
    after: str
    has_before: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the page shows it."""

    entry: JournalEntry
    label: str
    who: str
    is_person: bool
    changes: tuple[Change, ...]


@never_cache
@member_page(*READ, permission=LOG_VIEW)
def activity(request: MemberRequest) -> HttpResponse:
    """List the company's journal, newest first, by kind of event and person."""
    group, person = request.GET.get("group", ""), request.GET.get("person", "")
    merchant = request.member.merchant
    entries = filter_entries(merchant.pk, group=group, person=person)
    page = paginate(
        entries,
        key="chain_number",
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
        is_time=False,
    )
    people = [
        (member.user.public_id, member.user.full_name or member.user.email)
        for member in selectors.list_members(merchant)[:200]
    ]
    facts = {
        "lines": describe(page),
        "page": page,
        "groups": EVENT_GROUPS,
        "group": group,
        "people": people,
        "person": person,
        "tab": "log",
        "section": "settings",
    }
    return render(request, "merchants/log.html", facts)


def filter_entries(tenant_id: int, *, group: str, person: str) -> QuerySet[JournalEntry]:
    """Return a tenant's chained entries of a group of events and of a person (empty: all)."""
    entries = JournalEntry.objects.filter(tenant_id=tenant_id, chain_number__isnull=False)
    if group in {key for key, _label in EVENT_GROUPS}:
        entries = entries.filter(event__startswith=f"{group}.")
    if person:
        entries = entries.filter(actor=f"user:{person}")
    return entries


def describe(page: Page[JournalEntry]) -> list[Line]:
    """Put names to the people of a page's entries and words to their facts (one query)."""
    people = {_ident(entry) for entry in page.rows if entry.actor.startswith("user:")}
    people |= {str(entry.payload.get("person", "")) for entry in page.rows}
    names = get_names(people - {""})
    return [_line(entry, names) for entry in page.rows]


def _line(entry: JournalEntry, names: dict[str, str]) -> Line:
    is_person = entry.actor.startswith("user:")
    who = names.get(_ident(entry), "") if is_person else _ident(entry)
    return Line(entry, event_label(entry.event), who, is_person, tuple(_changes(entry, names)))


def _ident(entry: JournalEntry) -> str:
    return entry.actor.partition(":")[2]


def _changes(entry: JournalEntry, names: dict[str, str]) -> list[Change]:
    facts = dict(entry.payload)
    changes = facts.pop("changes", None) or {}
    before = facts.pop("before", None)
    lines = [_change(name, value, entry.subject_type) for name, value in changes.items()]
    if isinstance(before, dict):
        told = tell_facts(before, entry.subject_type)
        lines += [
            Change(_("%(field)s before") % {"field": label}, "", text) for label, text in told
        ]
    facts = {
        name: names.get(value, value) if isinstance(value, str) else value
        for name, value in facts.items()
    }
    plain = [Change(label, "", text) for label, text in tell_facts(facts, entry.subject_type)]
    return lines + plain[:PLAIN_FACTS]


def _change(name: str, value: object, subject_type: str) -> Change:
    label, none = field_label(name), dict[str, object]()
    if isinstance(value, list) and len(value) == _PAIR:
        before, after = (tell_value(name, item, none, subject_type) for item in value)
        return Change(label, before, after, has_before=True)
    return Change(label, "", "" if value is True else tell_value(name, value, none, subject_type))
