"""Whether the caller's scopes cover the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.partners.grants import Grant

if TYPE_CHECKING:
    # Importing the views here would be a circle: they read this class from the settings.
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Let a call pass whose grant holds the view's ``required_scope`` (none needed if empty)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say so, leaving the missing scope's name in the message."""
        grant: Grant | None = request.auth  # type: ignore[assignment]
        if grant is None:
            return False
        needed: str = getattr(view, "required_scope", "")
        if not needed or needed in grant.scopes:
            return True
        self.message = _("This needs the scope %(scope)s.") % {"scope": needed}
        self.code = "scope_missing"
        return False
