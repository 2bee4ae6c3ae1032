"""A small tree of categories with rules, and a lamp."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.catalog import services
from apps.catalog.models import Category, Product
from apps.journal.actors import system_actor
from tests.factories.catalog import ListingFactory

DATA = Path(__file__).parent / "data"
ENGLISH, CHINESE, RULES = (
    DATA / "taxonomy.en.txt",
    DATA / "taxonomy.zh.txt",
    DATA / "rules.json",
)


def load_tree() -> None:
    """Load the tree, its Chinese names and its rules."""
    who = {"actor": system_actor("tests"), "now": datetime(2026, 11, 25, tzinfo=UTC)}
    services.import_categories(ENGLISH, **who)
    services.import_categories(CHINESE, language="zh-hans", **who)
    services.import_attribute_rules(RULES, **who)


@pytest.fixture
def tree(db: None) -> dict[str, Category]:
    """The categories by number."""
    load_tree()
    return {item.code: item for item in Category.objects.all()}


@pytest.fixture
def lamp(scoped) -> Product:
    """A lamp on sale in Germany."""
    return ListingFactory(variant__product__merchant=scoped).variant.product
