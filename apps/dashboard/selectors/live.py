"""Facts for open pages: what long work does, and the counts of the navigation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.dashboard.selectors import inbox
from apps.dashboard.selectors import shell as frame
from apps.jobs import selectors as jobs
from apps.jobs.models import Job
from apps.merchants import permissions
from apps.merchants.models import Member

JsonFact = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Event:
    """One small fact: ``kind`` is ``job`` or ``count``."""

    kind: str
    data: JsonFact


@dataclass(slots=True)
class Memory:
    """What a page was told already, so that only changes are told."""

    told: dict[str, JsonFact] = field(default_factory=dict)

    def keep_new(self, events: list[Event]) -> list[Event]:
        """Return the events that say something new, and remember them."""
        fresh = []
        for event in events:
            name = f"{event.kind}:{event.data.get('id', event.data.get('key'))}"
            if self.told.get(name) != event.data:
                self.told[name] = event.data
                fresh.append(event)
        return fresh


def read_events(member: Member, *, since: datetime, now: datetime) -> tuple[list[Event], bool]:
    """Return the facts that changed after ``since`` and whether anything runs."""
    events: list[Event] = []
    is_busy = False
    if permissions.has_permission(member, permissions.JOBS_VIEW):
        for job in jobs.list_changed(member.merchant, since=since):
            is_busy = is_busy or job.is_open
            events.append(Event("job", _job(job)))
    facts = frame.recent_facts(member.merchant, now=now)
    for key, (count, hot) in frame.nav_counts(facts, now=now).items():
        events.append(Event("count", {"key": key, "n": count, "hot": hot}))
    unread = inbox.count_unread(facts, inbox.read_marks(member))
    events.append(Event("count", {"key": "unread", "n": unread, "hot": False}))
    return events, is_busy


def _job(job: Job) -> JsonFact:
    return {
        "id": job.public_id,
        "title": job.title,
        "done": job.done_count,
        "total": job.total_count,
        "failed": job.failed_count,
        "finished": not job.is_open,
        "status": job.status,
        "url": frame.find_url("jobs:job", job.public_id),
    }
