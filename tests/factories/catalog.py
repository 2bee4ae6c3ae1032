"""Products, variants and listings."""

from __future__ import annotations

import factory

from apps.catalog.models import Listing, Product, Variant
from apps.catalog.states import ListingStatus
from apps.merchants.models import Merchant
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MerchantFactory, ScopelessFactory


class ProductFactory(ScopelessFactory):
    """A lamp with complete customs facts."""

    class Meta:
        model = Product

    merchant = factory.SubFactory(MerchantFactory)
    title = "Rattan pendant lamp"
    origin_country = "CN"
    hs_code = "940511"
    customs_name = "Pendant lamp of rattan, electric"


class VariantFactory(ScopelessFactory):
    """A variant of 1.45 kg that costs CN¥61.00."""

    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    merchant = factory.SelfAttribute("product.merchant")
    sku = factory.Sequence(lambda n: f"LMP-RTN-{n}")
    weight_g = 1450
    length_mm = 420
    width_mm = 420
    height_mm = 380
    cost_minor = 6100


class ListingFactory(ScopelessFactory):
    """The variant on sale in Germany for €49.00."""

    class Meta:
        model = Listing

    variant = factory.SubFactory(VariantFactory)
    merchant = factory.SelfAttribute("variant.merchant")
    market = factory.SubFactory(MarketFactory)
    status = ListingStatus.LIVE
    model = Merchant.Model.DIRECT
    price_minor = 4900
    currency = "EUR"
