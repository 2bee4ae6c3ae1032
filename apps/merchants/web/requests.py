"""The request of a member, and what its pages need of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest

from apps.accounts.models import User
from apps.merchants.models import Member

P = ParamSpec("P")
T = TypeVar("T")


class PersonRequest(HttpRequest):
    """A request of a signed-in person, perhaps without a company."""

    user: User
    member: Member | None


class MemberRequest(HttpRequest):
    """A request of a signed-in member of a company."""

    user: User
    member: Member


def find_or_404(get: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a selector finds; what it does not find, or is another company's, is a 404."""
    try:
        return get(*args, **kwargs)
    except ObjectDoesNotExist as error:
        raise Http404 from error
