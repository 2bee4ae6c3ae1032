"""The requests of people and members that pages are written for."""

from __future__ import annotations

from django.http import HttpRequest

from apps.accounts.models import User
from apps.merchants.models import Member


class PersonRequest(HttpRequest):
    """A request of a signed-in person, perhaps without a company."""

    user: User
    member: Member | None


class MemberRequest(HttpRequest):
    """A request of a signed-in member of a company."""

    user: User
    member: Member
