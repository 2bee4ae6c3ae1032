"""Products, variants and listings."""

from __future__ import annotations

import io

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django_scopes import scope, scopes_disabled
from PIL import Image, ImageDraw

from apps.catalog.models import (
    Listing,
    ListingText,
    Party,
    Product,
    ProductDocument,
    ProductFacts,
    ProductImage,
    Variant,
)
from apps.catalog.services import add_image, refresh_tokens
from apps.catalog.states import ListingStatus
from apps.common.clock import utc_now
from apps.journal.actors import Actor
from apps.merchants.models import Merchant
from tests.factories.markets import MarketFactory
from tests.factories.merchants import MerchantFactory, ScopelessFactory


class FoundFactory(ScopelessFactory):
    """A factory whose rows can be found at once, as after a service made them.

    What it makes on the way (the variant of a listing, the product of a variant) waits for the whole.
    """

    class Meta:
        abstract = True

    _depth = 0

    @classmethod
    def _generate(cls, strategy, params):
        FoundFactory._depth += 1
        try:
            made = super()._generate(strategy, params)
        finally:
            FoundFactory._depth -= 1
        if strategy == factory.CREATE_STRATEGY and not FoundFactory._depth:
            with scopes_disabled(), transaction.atomic():
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


def draw_picture(seed: int = 1, *, size: tuple[int, int] = (640, 480), kind: str = "PNG") -> bytes:
    """Return the file of a picture with structure that depends on the seed."""
    picture = Image.new("RGB", size, "#e8e2d8")
    pen = ImageDraw.Draw(picture)
    for at in range(12):
        x, y = (seed * 97 + at * 53) % 100, (seed * 31 + at * 71) % 100
        box = [x * size[0] // 125, y * size[1] // 125]
        box += [box[0] + size[0] // 5, box[1] + size[1] // 5]
        pen.ellipse(box, fill=((at * 41 + seed * 17) % 256, (at * 83) % 256, (seed * 29) % 256))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "photo.png") -> SimpleUploadedFile:
    """Return a file as a form sends it."""
    return SimpleUploadedFile(name, content, "image/png")


def make_image(product: Product, seed: int = 1, **options: object) -> ProductImage:
    """Add a picture to a product by the service."""
    photo = upload(draw_picture(seed, **options))
    with scope(merchant=product.merchant):
        return add_image(product, photo, actor=Actor("user", "usr_TEST"), now=utc_now())


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


def name_parties(product: Product) -> None:
    """Name a Chinese manufacturer and a responsible person in the EU."""
    maker = PartyFactory(merchant=product.merchant)
    responsible = PartyFactory(
        merchant=product.merchant, kind=Party.Kind.EU_RESPONSIBLE, name="Rep GmbH", country="DE"
    )
    parties = {"manufacturer": maker, "eu_responsible": responsible}
    with scope(merchant=product.merchant):
        ProductFacts.objects.update_or_create(
            product=product, defaults={"merchant": product.merchant, **parties}
        )
