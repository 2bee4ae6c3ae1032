"""The first page of the Django admin: what waits for a person, with links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.common.clock import utc_now
from apps.fulfillment.models import CarrierCode
from apps.jobs.models import Deadline, Job
from apps.journal.models import JournalEntry, Receipt
from apps.markets.models import HeldRate
from apps.markets.selectors import check_rates
from apps.orders.models import OrderHold
from apps.partners.models import WebhookEndpoint

LIMIT = 1000
LATE = timedelta(minutes=2)
SLOW_LAG_S = 10


@dataclass(frozen=True, slots=True)
class State:
    """One figure of the first page; ``is_bad`` asks for a person."""

    label: str | Promise
    value: str
    hint: str | Promise
    url: str
    permission: str
    is_bad: bool = False


def add_state(request: HttpRequest, context: dict[str, object]) -> dict[str, object]:
    """Add the figures the person may look at (unfold calls this for its first page)."""
    found = read_state(now=utc_now())
    context["states"] = [item for item in found if request.user.has_perm(item.permission)]
    return context


def read_state(*, now: datetime) -> list[State]:
    """Return the figures: each one query that stops counting at a thousand."""
    return [
        _lag(now),
        _dead_letters(),
        _failed_jobs(now),
        _open_holds(),
        _late_deadlines(now),
        _failing_webhooks(),
        _unknown_codes(),
        _old_rates(now),
    ]


def _lag(now: datetime) -> State:
    waiting = JournalEntry.objects.filter(state=JournalEntry.State.NEW).order_by("id")
    oldest = waiting.values_list("recorded_at", flat=True).first()
    seconds = max(0, int((now - oldest).total_seconds())) if oldest else 0
    return State(
        _("Relay lag"),
        ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds},
        _("Age of the oldest entry that was not published"),
        f"{_list('journal_journalentry')}?state__exact={JournalEntry.State.NEW}",
        "journal.view_journalentry",
        is_bad=seconds > SLOW_LAG_S,
    )


def _dead_letters() -> State:
    count = _count(Receipt.objects.filter(state=Receipt.State.DEAD))
    return State(
        _("Dead letters"),
        _shown(count),
        _("Work that failed again and again; replay it when the cause is gone"),
        f"{_list('journal_receipt')}?state__exact={Receipt.State.DEAD}",
        "journal.view_receipt",
        is_bad=count > 0,
    )


def _failed_jobs(now: datetime) -> State:
    day = now - timedelta(days=1)
    count = _count(Job.objects.filter(status=Job.Status.FAILED, finished_at__gte=day))
    return State(
        _("Failed jobs"),
        _shown(count),
        _("In the last 24 hours"),
        f"{_list('jobs_job')}?status__exact={Job.Status.FAILED}",
        "jobs.view_job",
        is_bad=count > 0,
    )


def _open_holds() -> State:
    count = _count(OrderHold._base_manager.filter(open_kind__isnull=False))
    return State(
        _("Open holds"),
        _shown(count),
        _("Orders that may not ship until somebody acts"),
        f"{_list('orders_orderhold')}?released_at__isempty=1",
        "orders.view_orderhold",
    )


def _late_deadlines(now: datetime) -> State:
    late = Deadline.objects.filter(done_at=None, paused_at=None, due_at__lte=now - LATE)
    count = _count(late)
    return State(
        _("Late deadlines"),
        _shown(count),
        _("Due for more than two minutes: is beat running?"),
        f"{_list('jobs_deadline')}?done_at__isempty=1",
        "jobs.view_deadline",
        is_bad=count > 0,
    )


def _failing_webhooks() -> State:
    failing = WebhookEndpoint._base_manager.filter(
        failing_since__isnull=False, removed_at=None, paused_at=None
    )
    count = _count(failing)
    return State(
        _("Failing webhooks"),
        _shown(count),
        _("Addresses of merchants that do not answer"),
        _list("partners_webhookendpoint"),
        "partners.view_webhookendpoint",
        is_bad=count > 0,
    )


def _unknown_codes() -> State:
    count = _count(CarrierCode.objects.filter(status=""))
    return State(
        _("Unknown codes"),
        _shown(count),
        _("Carrier codes that wait for somebody to say what they mean"),
        f"{_list('fulfillment_carriercode')}?status__exact=",
        "fulfillment.view_carriercode",
        is_bad=count > 0,
    )


def _old_rates(now: datetime) -> State:
    found = check_rates(now.date())
    oldest = found.oldest
    if found.held_count:
        hint = _("Rates that came in and wait for a person")
        url = f"{_list('markets_heldrate')}?status__exact={HeldRate.Status.WAITING}"
        value = _shown(found.held_count)
    else:
        hint = _("Working days since the oldest fixing; after ten days nothing is converted")
        url = _list("markets_fxrate")
        value = str(oldest.working_days) if oldest else "–"
    return State(_("Exchange rates"), value, hint, url, "markets.view_fxrate", is_bad=found.is_bad)


def _count(rows: QuerySet) -> int:  # type: ignore[type-arg]
    return int(rows.order_by()[:LIMIT].count())


def _shown(count: int) -> str:
    return f"{LIMIT - 1}+" if count >= LIMIT else str(count)


def _list(model: str) -> str:
    return reverse(f"admin:{model}_changelist")
