"""Products, variants and listings."""

from __future__ import annotations

import factory

from apps.catalog.models import (
    Listing,
    ListingText,
    Party,
    Product,
    ProductDocument,
    Variant,
)
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


class PartyFactory(ScopelessFactory):
    """A manufacturer in China."""

    class Meta:
        model = Party

    merchant = factory.SubFactory(MerchantFactory)
    kind = Party.Kind.MANUFACTURER
    name = "Lanling Lamps Ltd"
    address = "8 Deng Road, Linyi"
    country = "CN"
    email = "quality@lanling.example"


class DocumentFactory(ScopelessFactory):
    """A test report of a product, with its file."""

    class Meta:
        model = ProductDocument

    product = factory.SubFactory(ProductFactory)
    merchant = factory.SelfAttribute("product.merchant")
    kind = ProductDocument.Kind.TEST_REPORT
    name = "Report 1"
    file = factory.django.FileField(filename="report.pdf", data=b"%PDF-1.7\n%%EOF\n")
    content_type = "application/pdf"
    size = 15
    sha256 = "0" * 64


class ListingTextFactory(ScopelessFactory):
    """What Germany says instead of the product's title."""

    class Meta:
        model = ListingText

    product = factory.SubFactory(ProductFactory)
    merchant = factory.SelfAttribute("product.merchant")
    market = factory.SubFactory(MarketFactory)
    field = ListingText.Field.TITLE
    value = "Korblampe"
    source_was = "Rattan pendant lamp"
