"""Fee rules and exchange rates for finance tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from apps.finance.services import open_fee_rules
from apps.markets.models import FxRate
from apps.markets.selectors import find_rate
from apps.merchants.models import Merchant, Role
from tests.factories.merchants import MemberFactory


@pytest.fixture(autouse=True)
def fee_rules(db: None) -> None:
    """The standard rules; transactional tests may have emptied the table."""
    open_fee_rules()


@pytest.fixture
def rates(db: None) -> dict[str, FxRate]:
    """Euro rates of the day of the tests: ¥8.25 and $1.10."""
    find_rate.cache_clear()
    return {
        quote: FxRate.objects.create(
            base="EUR",
            quote=quote,
            rate=Decimal(rate),
            valid_on=date(2026, 11, 25),
            source="tests",
        )
        for quote, rate in (("CNY", "8.25"), ("USD", "1.10"))
    }


@pytest.fixture
def open_as(client: Client) -> Callable[..., Client]:
    """Sign in as somebody of a company in a role and return the browser."""

    def sign_in(merchant: Merchant, role: str = Role.FINANCE) -> Client:
        client.force_login(MemberFactory(merchant=merchant, role=role).user)
        return client

    return sign_in
