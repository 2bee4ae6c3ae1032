"""What every page of the portal needs around its content."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the names and look of the shell."""
    return {"portal_name": settings.PORTAL_NAME}
