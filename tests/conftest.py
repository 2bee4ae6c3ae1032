"""Fixtures shared by all tests: a merchant with a store, stock and something on sale."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from django_scopes import scope
from pytest_django import DjangoDbBlocker

from apps.journal.actors import Actor
from apps.logistics.models import NetworkEdition
from apps.markets.models import Market
from apps.markets.selectors import find_rate
from apps.merchants.models import Merchant, Store
from tests.factories.logistics import put_network
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MerchantFactory, StoreFactory

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

# Objects of the whole code base live until the end: looking through them again and again takes an
# eighth of the suite's time.
gc.set_threshold(200_000, 20, 100)


def pytest_collection_finish() -> None:
    """Leave everything loaded so far to itself."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the shipped network once, as an operator does after setting the database up."""
    with django_db_blocker.unblock():
        put_network()


@pytest.fixture(autouse=True)
def _network(request: pytest.FixtureRequest) -> None:
    """Load it again for a test with a database that an earlier one emptied."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker(
        "django_db"
    ):
        used = "transactional_db" if "transactional_db" in request.fixturenames else "db"
        request.getfixturevalue(used)
        if not NetworkEdition.objects.exists():
            put_network()


@pytest.fixture
def now() -> datetime:
    """The moment at which tests act."""
    return NOW


@pytest.fixture
def actor() -> Actor:
    """Somebody who acts in tests."""
    return Actor("user", "usr_TEST", "Lin Yuan")


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()
    find_rate.cache_clear()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Start in English and leave no language behind: a request keeps its own on the thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def merchant(db: None) -> Merchant:
    """A merchant without any scope open."""
    return MerchantFactory()


@pytest.fixture
def store(merchant: Merchant) -> Store:
    """The merchant's store."""
    return StoreFactory(merchant=merchant)


@pytest.fixture
def stranger(db: None) -> Merchant:
    """Another company whose rows must stay invisible."""
    return MerchantFactory(name="Stranger Ltd")


@pytest.fixture
def scoped(merchant: Merchant) -> Iterator[Merchant]:
    """The merchant, with its tenant scope open during the test."""
    with scope(merchant=merchant):
        yield merchant


@pytest.fixture
def germany(db: None) -> Market:
    """The German market."""
    return MarketFactory(code="DE", currency="EUR", locale="de_DE", time_zone="Europe/Berlin")
