"""A product that can be sold: customs facts, a GTIN, a base price, a hub, fees and the rule book."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.catalog import selectors as catalog
from apps.catalog import services
from apps.catalog.models import Product, Variant
from apps.catalog.services import RuleDraft
from apps.compliance.publishing.answering import Answer, answer_case
from apps.compliance.publishing.reading import Wanted, read_cases
from apps.compliance.publishing.records import Registration
from apps.finance.services import open_fee_rules
from apps.markets.models import FxRate, Market
from apps.markets.services import load_rule_book
from tests.factories.catalog import ProductFactory, VariantFactory, name_parties
from tests.factories.inventory import NodeFactory
from tests.factories.markets import MarketFactory

GTIN = "4006381333931"
RATES = {
    "CNY": "8",
    "USD": "1.1",
    "GBP": "0.85",
    "JPY": "160",
    "BRL": "6.2",
    "RON": "5",
    "AUD": "1.7",
}
CURRENCIES = {
    "DE": "EUR",
    "FR": "EUR",
    "GB": "GBP",
    "US": "USD",
    "JP": "JPY",
    "RO": "RON",
    "AU": "AUD",
}


@pytest.fixture
def book(db, now):
    """The shipped rule rows, the standard fees and the rates of the day."""
    load_rule_book(now=now)
    open_fee_rules()
    for quote, rate in RATES.items():
        FxRate.objects.create(
            base="EUR", quote=quote, rate=Decimal(rate), valid_on=now.date(), source="test"
        )


@pytest.fixture
def product(book, scoped) -> Product:
    """A cotton T-shirt of one variant."""
    product = ProductFactory(
        merchant=scoped, title="T-shirt", hs_code="610910", customs_name="T-shirt of cotton"
    )
    NodeFactory(merchant=scoped)
    VariantFactory(
        product=product,
        sku="TEE-1",
        gtin=GTIN,
        weight_g=200,
        cost_minor=6100,
        base_price_minor=32000,
    )
    name_parties(product)
    return product


@pytest.fixture
def variant(product) -> Variant:
    """Its variant."""
    return Variant.objects.get(product=product)


@pytest.fixture
def rule(scoped, actor, now):
    """The company's rule: the base price as it is, ending in .99."""
    return services.save_rule(RuleDraft(currency="CNY"), merchant=scoped, actor=actor, now=now)


@pytest.fixture
def lucid(scoped, now):
    """The company's packaging register number for Germany."""
    return Registration.objects.create(
        merchant=scoped,
        obligation="EPR-DE-PKG",
        country="DE",
        number="DE1234567890123",
        stated_by="user:usr_TEST",
        stated_at=now,
    )


def market(code: str) -> Market:
    """Return a market with its currency; US and CA prices are without tax."""
    with_tax = code not in {"US", "CA"}
    return MarketFactory(
        code=code, currency=CURRENCIES.get(code, "EUR"), is_price_with_tax=with_tax
    )


@pytest.fixture
def ask(scoped, product, now):
    """Answer for the product in a market: ``ask("DE", price=4900)``."""

    def ask_one(code: str, *, price: int = 0, model: str = "", on=None) -> Answer:
        wish = Wanted("own", price, model) if price else Wanted(model=model)
        fresh = catalog.get_product(scoped, product.public_id)
        [case] = read_cases(
            fresh, [market(code)], merchant=scoped, on=on or now.date(), wanted={code: wish}
        )
        return answer_case(case)

    return ask_one
