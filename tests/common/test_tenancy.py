"""Outside a scope nothing can be read; inside one only its merchant's rows."""

from __future__ import annotations

import pytest
from django_scopes import ScopeError, scope, scopes_disabled

from apps.catalog.models import Product
from tests.factories.catalog import ProductFactory

pytestmark = pytest.mark.django_db


def test_a_query_outside_a_scope_is_an_error(merchant):
    ProductFactory(merchant=merchant)

    with pytest.raises(ScopeError):
        Product.objects.count()
    with pytest.raises(ScopeError):
        list(Product.objects.all())


def test_a_scope_shows_its_own_rows_only(merchant, stranger):
    own, other = ProductFactory(merchant=merchant), ProductFactory(merchant=stranger)

    with scope(merchant=merchant):
        assert list(Product.objects.all()) == [own]
        assert Product.objects.filter(pk=other.pk).first() is None
        assert Product.objects.filter(merchant=stranger).count() == 0
    with scopes_disabled():
        assert Product.objects.count() == 2
