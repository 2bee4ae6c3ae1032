"""Template tags of the portal: icons, money, time, badges and charts.

Templates never format money, time or SVG by hand. Loaded everywhere (``builtins``).
"""

from __future__ import annotations

import datetime as dt
import json
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django import template
from django.contrib.messages.storage.base import Message
from django.core.serializers.json import DjangoJSONEncoder
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.common import badges, charts, formatting
from apps.common.money import Money

register = template.Library()


# --- icons and chips ---------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _icon(sprite: str, name: str, size: str, flip: bool) -> SafeString:
    size_class = f" i-{size}" if size else ""
    return format_html(
        '<svg class="i{}{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        size_class,
        " i-flip" if flip else "",
        sprite,
        name,
    )


@register.simple_tag
def icon(name: str, size: str = "", flip: bool = False) -> SafeString:
    """Show an icon of the sprite; ``size`` is ``sm`` or ``lg``; ``flip`` mirrors it in RTL."""
    return _icon(static("icons.svg"), name, size, bool(flip))


@register.simple_tag
def badge(kind: str, status: str) -> SafeString:
    """Show the badge of a status: ``{% badge "order" order.status %}``."""
    found = badges.badge_for(kind, str(status))
    return format_html(
        '<span class="badge" data-tone="{}" data-step="{}">{}</span>',
        found.tone,
        found.step,
        found.label,
    )


@register.simple_tag
def badge_label(kind: str, status: str) -> str:
    """Return only the words of a status, for titles and file names."""
    return str(badges.badge_for(kind, str(status)).label)


@register.simple_tag
def market(code: str) -> SafeString:
    """Show a market's code in a grey chip; flags are never used."""
    return format_html('<span class="mk" translate="no">{}</span>', code)


@register.simple_tag
def colon() -> str:
    """Write the mark between a name and its value."""
    return formatting.colon()


@register.filter
def listed(words: Iterable[str]) -> str:
    """Write words as one list."""
    return formatting.join_words(str(word) for word in words)


@register.filter
def initials(name: str) -> str:
    """Return what an avatar shows for a name."""
    return formatting.initials(str(name))


# --- money and numbers -------------------------------------------------------------------------


@register.simple_tag
def money(
    amount: Money | int | None,
    currency: str = "",
    sign: bool = False,
    whole: bool = False,
    hidden: bool = False,
) -> SafeString | str:
    """Show money: ``{% money order.total_minor order.currency %}`` or ``{% money price %}``.

    ``sign`` marks gains with +, ``whole`` drops cents, ``hidden`` masks it for people who may
    not see money. Nothing known reads as a dash.
    """
    if hidden:
        return formatting.HIDDEN
    if amount is None:
        return "—"
    minor, code = _minor(amount, currency)
    return formatting.format_money(minor, code, sign=bool(sign), whole=bool(whole))


@register.simple_tag
def money_approx(amount: Money | int | None, currency: str = "", rate: str = "") -> SafeString:
    """Show a converted amount in grey with ≈; ``rate`` (text) is told on hover."""
    if amount is None:
        return SafeString("")
    minor, code = _minor(amount, currency)
    return format_html(
        '<span class="xs muted num" title="{}">≈ {}</span>',
        rate,
        formatting.format_money(minor, code),
    )


@register.filter(name="money")
def money_filter(amount: Money | None) -> str:
    """Write a ``Money``."""
    return "—" if amount is None else formatting.format_money(amount.minor, amount.currency)


def _minor(amount: Money | int, currency: str) -> tuple[int, str]:
    if isinstance(amount, Money):
        return amount.minor, amount.currency
    return int(amount), currency


@register.filter
def count(value: int | None) -> str:
    """Write a whole number grouped by the locale."""
    return "—" if value is None else formatting.format_count(int(value))


@register.filter
def percent(ratio: Decimal | float | None) -> str:
    """Write a ratio as a percentage with one decimal."""
    return "—" if ratio is None else formatting.format_percent(ratio)


@register.filter
def weight(grams: int | None) -> str:
    """Write grams as a mass."""
    return "—" if grams is None else formatting.format_weight(int(grams))


@register.simple_tag
def size(length_mm: int, width_mm: int, height_mm: int) -> str:
    """Write three millimetre sides as a size in centimetres."""
    return formatting.format_size(length_mm, width_mm, height_mm)


@dataclass(frozen=True, slots=True)
class KeepLine:
    """One line of what the merchant keeps, in minor units."""

    label: str
    amount_minor: int


@register.inclusion_tag("common/_keep.html")
def keep(lines: Iterable[KeepLine], currency: str, hidden: bool = False) -> dict[str, object]:
    """List gains and costs (objects with ``label`` and ``amount_minor``) and their sum."""
    listed = list(lines)
    return {
        "lines": listed,
        "currency": currency,
        "total": sum(line.amount_minor for line in listed),
        "hidden": hidden,
    }


# --- time --------------------------------------------------------------------------------------


def _zone(tz: dt.tzinfo | str | None) -> dt.tzinfo:
    if isinstance(tz, str) and tz:
        return zoneinfo.ZoneInfo(tz)
    return tz if isinstance(tz, dt.tzinfo) else timezone.get_current_timezone()


@register.simple_tag
def when(moment: dt.datetime | None, tz: dt.tzinfo | str | None = None, style: str = "near") -> str:
    """Show a moment: ``near`` (Today 09:31), ``day``, ``clock`` or ``full``; exact on hover.

    ``tz`` is a zone or its name; without it the reader's zone counts.
    """
    if moment is None:
        return "—"
    zone = _zone(tz)
    now = timezone.now()
    today = now.astimezone(zone).date()
    if style == "clock":
        text = formatting.format_clock(moment, zone)
    elif style == "day":
        text = formatting.format_near_day(moment.astimezone(zone).date(), today=today)
    elif style == "full":
        text = formatting.format_full(moment, zone=zone)
    else:
        text = formatting.format_moment(moment, zone=zone, now=now)
    return _time_element(moment, zone, text)


@register.simple_tag
def two_clocks(moment: dt.datetime | None, other: str) -> SafeString | str:
    """Show the reader's time and, below it, the time at the ``other`` zone with its city."""
    if moment is None:
        return "—"
    zone = _zone(other)
    return format_html(
        "{}<br>{} {}",
        when(moment),
        formatting.zone_city(other),
        formatting.format_clock(moment, zone),
    )


@register.simple_tag
def zone_clock(moment: dt.datetime | None, tz: str) -> str:
    """Show the time of day at another zone with its city: ``23:59 in Los Angeles``."""
    if moment is None:
        return ""
    return _("%(time)s in %(city)s") % {
        "time": formatting.format_clock(moment, _zone(tz)),
        "city": formatting.zone_city(tz),
    }


@register.simple_tag
def deadline(due: dt.datetime | None, paused: bool = False) -> SafeString:
    """Show the time left with its tone; ``paused`` shows that the clock stands still."""
    if due is None:
        return format_html('<span class="due muted">{}</span>', "—")
    zone = timezone.get_current_timezone()
    now = timezone.now()
    if paused:
        paused_word = badges.badge_for("listing", "paused").label
        return format_html('<span class="due muted">{}</span>', paused_word)
    reading = formatting.format_deadline(due, zone=zone, now=now)
    look = f"tone-{reading.tone} strong" if reading.tone else "muted"
    mark = icon("clock", "sm") if reading.tone == "bad" else ""
    return format_html(
        '<span class="due {}">{}{}</span>', look, mark, _time_element(due, zone, reading.text)
    )


def _time_element(moment: dt.datetime, zone: dt.tzinfo, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}"><bdi>{}</bdi></time>',
        moment.astimezone(zone).isoformat(timespec="minutes"),
        formatting.format_full(moment, zone=zone),
        text,
    )


# --- charts ------------------------------------------------------------------------------------


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    """Draw a trend line."""
    return charts.spark(values)


@register.simple_tag
def area_chart(
    values: Sequence[float],
    previous: Sequence[float],
    labels: Sequence[str],
    title: str,
    key: str = "chart",
) -> SafeString:
    """Draw values over time with the previous period; ``key`` must be unique on the page."""
    return charts.area_chart(values, previous, labels, title=title, key=key)


@register.simple_tag
def bar(value: float, highest: float = 100) -> SafeString:
    """Draw one bar."""
    return charts.bar(value, highest)


@register.simple_tag
def stack(values: Sequence[float]) -> SafeString:
    """Draw parts of a whole."""
    return charts.stack(values)


@register.simple_tag
def ring(value: int, label: str, tone: str = "good") -> SafeString:
    """Draw a score out of 100."""
    return charts.ring(value, label, tone)


@register.simple_tag
def limit(value: float, mark: float, highest: float, tone: str = "good") -> SafeString:
    """Draw a measure against its limit."""
    return charts.limit(value, mark, highest, tone)


@register.simple_tag
def flow_bar(start: float, width: float, kind: str, highest: float) -> SafeString:
    """Draw one step of a waterfall."""
    return charts.flow_bar(start, width, kind, highest)


@register.filter
def pairs(left: Sequence[object], right: Sequence[object]) -> list[tuple[object, object]]:
    """Walk two lists together: ``{% for label, value in labels|pairs:values %}``."""
    return list(zip(left, right, strict=False))


# --- small joints ------------------------------------------------------------------------------


@register.filter
def undo_url(message: Message) -> str:
    """Return the address that takes a message's action back (``extra_tags="undo:/path"``)."""
    tags = message.extra_tags or ""
    path = tags.removeprefix("undo:") if tags.startswith("undo:/") else ""
    return "" if path.startswith("//") else path


@register.filter
def as_json(value: object) -> str:
    """Return JSON for a ``data-`` attribute (the template escapes it)."""
    return json.dumps(value, cls=DjangoJSONEncoder)
