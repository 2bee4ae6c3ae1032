"""People of a company in front of its pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.merchants.models import Member, Merchant, Role
from tests.factories.merchants import MemberFactory, StoreFactory


@pytest.fixture
def owner(merchant: Merchant) -> Member:
    """The owner of the company, which has a store."""
    StoreFactory(merchant=merchant)
    return MemberFactory(merchant=merchant, role=Role.OWNER)


@pytest.fixture
def open_as(client: Client) -> Callable[[Member], Client]:
    """A browser signed in as a member."""

    def sign_in(member: Member) -> Client:
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
