"""Two companies with one of everything, made once for all calls of a module."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pytest_django import DjangoDbBlocker

from apps.merchants.models import Merchant
from tests.factories.merchants import MerchantFactory
from tests.kept import keep

if TYPE_CHECKING:
    from tests.contract.test_endpoints import World


@pytest.fixture(scope="module")
def _kept_worlds(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[World, World]]:
    from tests.contract.test_endpoints import make_world

    def make() -> tuple[World, World]:
        return make_world(MerchantFactory()), make_world(MerchantFactory(name="Stranger Ltd"))

    with keep(django_db_blocker, make) as kept:
        yield kept


@pytest.fixture
def worlds(_kept_worlds: tuple[World, World], db: None) -> tuple[World, World]:
    """The caller's company and another one, as they were made."""
    return copy.deepcopy(_kept_worlds)


@pytest.fixture
def merchant(worlds: tuple[World, World]) -> Merchant:
    """The caller's company."""
    return worlds[0].merchant


@pytest.fixture
def stranger(worlds: tuple[World, World]) -> Merchant:
    """Another company whose rows must stay invisible."""
    return worlds[1].merchant
