"""Template tags of the settings pages."""

from __future__ import annotations

from django import template
from django.template import RequestContext

from apps.merchants.web.sections import Section, list_sections

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_sections(context: RequestContext, current: str) -> list[Section]:
    """Return the tabs of the settings: ``{% settings_sections "members" as sections %}``."""
    request = context.get("request")
    return list_sections(request, current) if request is not None else []
