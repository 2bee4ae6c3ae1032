"""The sentences, tones and buttons of what needs the merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.catalog.sentences import explain_refusal
from apps.common.formatting import format_money, format_span, join_sentences, join_words
from apps.dashboard.selectors.holds import explain_check, hold_name
from apps.dashboard.selectors.todos import Fact
from apps.merchants import concerns

_SOON = timedelta(days=7)
_NOW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of Home and of the notifications; ``level`` is ``now``, ``soon`` or ``know``."""

    key: str
    icon: str
    tone: str
    level: str
    title: str
    detail: str
    due_at: datetime | None
    at: datetime
    url: str
    button: str
    is_post: bool = False


def describe(fact: Fact, *, now: datetime, can_see_money: bool) -> Todo:
    """Return the sentence, the consequence and the fix of a fact in the page's language."""
    icon, title, detail, url, button = _words(fact, now)
    if fact.risk is not None and fact.risk.minor and can_see_money:
        worth = format_money(fact.risk.minor, fact.risk.currency, whole=True)
        detail = join_sentences(detail, _("Worth about %(money)s.") % {"money": worth})
    level = _level(fact, now)
    return Todo(
        key=fact.key,
        icon=icon,
        tone={"now": "bad", "soon": "soon", "know": "info"}[level],
        level=level,
        title=title,
        detail=detail,
        due_at=fact.due_at,
        at=fact.at,
        url=url,
        button=button,
    )


def _level(fact: Fact, now: datetime) -> str:
    if fact.kind == "sold_out":
        return "know"
    if fact.due_at is None:
        return "soon"
    left = fact.due_at - now
    return "now" if left < _NOW else "soon" if left < _SOON else "know"


_Words = tuple[str, str, str, str, str]


def _words(fact: Fact, now: datetime) -> _Words:
    known = concerns.find_kind(fact.kind)
    if known is None:
        return _WORDS[fact.kind](fact, now)
    told = known.describe(concerns.Concern(fact.count, fact.at, fact.subject, fact.detail))
    return told.icon, told.title, told.detail, told.url, told.button


def _orders(query: str) -> str:
    return f"{reverse('dashboard:orders')}?{query}"


def _markets(fact: Fact) -> str:
    shown = [f"{code} {count}" for code, count in fact.markets[:4]]
    rest = sum(count for _code, count in fact.markets[4:])
    if rest:
        shown.append(_("others %(count)s") % {"count": rest})
    return join_words(shown)


def _sentence(fact: Fact) -> str:
    return _("%(markets)s.") % {"markets": _markets(fact)}


def _ship(fact: Fact, now: datetime) -> _Words:
    title = ngettext("Ship %(count)s order today", "Ship %(count)s orders today", fact.count) % {
        "count": fact.count
    }
    return "truck", title, _sentence(fact), _orders("view=due"), _("Review and ship")


def _next(fact: Fact, now: datetime) -> _Words:
    title = ngettext(
        "Ship %(count)s order by tomorrow", "Ship %(count)s orders by tomorrow", fact.count
    ) % {"count": fact.count}
    return "truck", title, _sentence(fact), _orders("view=open&due=tomorrow"), _("Review")


def _late(fact: Fact, now: datetime) -> _Words:
    title = ngettext("%(count)s order is late", "%(count)s orders are late", fact.count) % {
        "count": fact.count
    }
    detail = _("%(markets)s. Each more day raises your late rate.") % {"markets": _markets(fact)}
    return "triangle-alert", title, detail, reverse("dashboard:orders_at_risk"), _("See why")


def _hold(fact: Fact, now: datetime) -> _Words:
    title = ngettext(
        "Release %(count)s order: %(kind)s", "Release %(count)s orders: %(kind)s", fact.count
    ) % {"count": fact.count, "kind": hold_name(fact.subject)}
    waited = format_span(now - (fact.since or fact.at))
    told = explain_check(fact.subject, fact.findings, fact.country)
    detail = _("%(reason)s The oldest waits for %(time)s.") % {
        "reason": (told and told.reason) or fact.detail,
        "time": waited,
    }
    return "circle-pause", title, detail, _orders("view=hold"), _("Fix")


def _rejected(fact: Fact, now: datetime) -> _Words:
    title = ngettext(
        "%(count)s listing was refused", "%(count)s listings were refused", fact.count
    ) % {"count": fact.count}
    url = f"{reverse('dashboard:products')}?view=rejected"
    return "scale", title, explain_refusal(fact.detail), url, _("Complete data")


def _sold_out(fact: Fact, now: datetime) -> _Words:
    title = ngettext(
        "%(count)s product is sold out", "%(count)s products are sold out", fact.count
    ) % {"count": fact.count}
    detail = _("They are on sale, but nobody can order them.")
    return "boxes", title, detail, f"{reverse('dashboard:products')}?view=sold_out", _("Add stock")


def _job(fact: Fact, now: datetime) -> _Words:
    title = ngettext("%(count)s job needs a look", "%(count)s jobs need a look", fact.count) % {
        "count": fact.count
    }
    return "clipboard-check", title, fact.detail, reverse("jobs:list"), _("See why")


_WORDS = {
    "ship": _ship,
    "next": _next,
    "late": _late,
    "hold": _hold,
    "rejected": _rejected,
    "sold_out": _sold_out,
    "job": _job,
}
