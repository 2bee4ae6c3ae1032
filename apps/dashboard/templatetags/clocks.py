"""The second clock: the same moment where the buyer or the market is."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.common.formatting import format_clock, zone_city

register = template.Library()


@register.simple_tag
def zone_note(moment: dt.datetime | None, zone: str) -> SafeString:
    """Show the city of a zone and the time there: Berlin 02:31."""
    if moment is None:
        return SafeString("")
    clock = format_clock(moment, zoneinfo.ZoneInfo(zone))
    return format_html("<bdi>{} {}</bdi>", zone_city(zone), clock)
