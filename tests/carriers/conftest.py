"""A running carrier and an account with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django_scopes import scope

from apps.carriers.models import CarrierAccount
from apps.sandbox.carrier.server import Carrier
from tests.carriers.carrier import connect, running_carrier


@pytest.fixture
def carrier(settings) -> Iterator[tuple[Carrier, str]]:
    """A carrier that keeps its references."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with running_carrier() as running:
        yield running


@pytest.fixture
def forgetful(settings) -> Iterator[tuple[Carrier, str]]:
    """A carrier that books twice what it is asked twice."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with running_carrier(is_forgetful=True) as running:
        yield running


@pytest.fixture
def account(merchant, carrier, actor) -> Iterator[CarrierAccount]:
    """An account with the running carrier, in its company's scope."""
    with scope(merchant=merchant):
        yield connect(merchant, carrier[1], actor)


@pytest.fixture
def forgetful_account(merchant, forgetful, actor) -> Iterator[CarrierAccount]:
    """An account with the forgetful carrier, in its company's scope."""
    with scope(merchant=merchant):
        yield connect(merchant, forgetful[1], actor)
