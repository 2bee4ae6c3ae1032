"""Products, variants and listings."""

from __future__ import annotations

import factory
from django_scopes import scopes_disabled

from apps.catalog.models import Listing, Product, Variant
from apps.catalog.services import refresh_tokens
from apps.catalog.states import ListingStatus
from apps.merchants.models import Merchant
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MerchantFactory, ScopelessFactory


class FoundFactory(ScopelessFactory):
    """A factory whose rows can be found at once, as after a service made them."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        made = super()._create(model_class, *args, **kwargs)
        with scopes_disabled():
            product = made if isinstance(made, Product) else getattr(made, "product", None)
            refresh_tokens([(product or made.variant.product).pk])
        return made


class ProductFactory(FoundFactory):
    """A lamp with complete customs facts."""

    class Meta:
        model = Product

    merchant = factory.SubFactory(MerchantFactory)
    title = "Rattan pendant lamp"
    origin_country = "CN"
    hs_code = "940511"
    customs_name = "Pendant lamp of rattan, electric"


class VariantFactory(FoundFactory):
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


class ListingFactory(FoundFactory):
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
