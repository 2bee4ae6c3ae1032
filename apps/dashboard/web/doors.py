"""What the dashboard's views share: the typed request, 404 for what is not yours, permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.models import User
from apps.common.web.access import BOTH, READ, WRITE, member_page, permissions_of, safe_next
from apps.merchants.models import Member

P = ParamSpec("P")
T = TypeVar("T")

__all__ = ["BOTH", "READ", "WRITE", "PortalRequest", "back", "find_or_404", "may", "member_page"]


class PortalRequest(HttpRequest):
    """A request of a signed-in member of a company."""

    member: Member
    user: User


def find_or_404(get: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a selector finds; what it does not find, or is another company's, is a 404."""
    try:
        return get(*args, **kwargs)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def may(request: HttpRequest, permission: str) -> bool:
    """Say whether the person's role holds the permission."""
    return permission in permissions_of(request)


def back(request: HttpRequest, fallback: str) -> HttpResponse:
    """Send the person back to the page named in ``next`` if it is ours, else to ``fallback``."""
    return redirect(safe_next(request, fallback))
