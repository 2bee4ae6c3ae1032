"""What safety law and carriers ask of a product: parties, battery, dangerous goods, documents."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalog.models.products import Product
from apps.common.models import ExactCharField, PublicIdField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Party(TimestampedModel):
    """A company that answers for products, kept once per merchant and used by many products.

    Regulation (EU) 2023/988 asks for name, postal address and electronic address of the
    manufacturer (art. 9(6)) and of the person responsible in the Union (art. 16), and wants both
    shown in an online offer (art. 19).
    """

    class Kind(models.TextChoices):
        """What the company is for the product."""

        MANUFACTURER = "manufacturer", _("Manufacturer")
        EU_RESPONSIBLE = "eu_responsible", _("Responsible person in the EU")
        UK_RESPONSIBLE = "uk_responsible", _("Responsible person in the UK")
        IMPORTER = "importer", _("Importer")

    public_id = PublicIdField(prefix="pty")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=160)
    address = models.CharField(_("postal address"), max_length=300)
    country = models.CharField(_("country"), max_length=2)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    website = models.CharField(_("contact page"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = TenantManager()

    class Meta:
        """Lists by merchant; an electronic address is there."""

        verbose_name_plural = _("parties")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(email="") | ~models.Q(website=""), name="party_reachable"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["manufacturer", "eu_responsible", "uk_responsible", "importer"]
                ),
                name="party_kind",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "kind", "name"], name="party_list")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ProductFacts(TimestampedModel):
    """Typed attributes and safety facts of a product; a product without a row has told none yet.

    ``attributes`` maps keys of the category's rules to checked values; numbers are decimal text.
    """

    class Battery(models.TextChoices):
        """How a battery travels; the packing instructions of the IATA Dangerous Goods Regulations."""

        NONE = "none", _("No battery")
        ION_ALONE = "ion_alone", _("Lithium-ion, alone (UN3480, PI 965)")
        ION_PACKED = "ion_packed", _("Lithium-ion, packed with the product (UN3481, PI 966)")
        ION_CONTAINED = "ion_contained", _("Lithium-ion, in the product (UN3481, PI 967)")
        METAL_ALONE = "metal_alone", _("Lithium metal, alone (UN3090, PI 968)")
        METAL_PACKED = "metal_packed", _("Lithium metal, packed with the product (UN3091, PI 969)")
        METAL_CONTAINED = "metal_contained", _("Lithium metal, in the product (UN3091, PI 970)")
        OTHER = "other", _("Another battery, without lithium")

    class Dangerous(models.TextChoices):
        """Whether the product is dangerous goods in transport, a lithium battery aside."""

        NO = "no", _("No dangerous goods")
        YES = "yes", _("Dangerous goods")

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="facts")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    battery = models.CharField(_("battery"), max_length=16, choices=Battery, blank=True)
    battery_wh = models.DecimalField(
        _("watt-hours per battery"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    battery_lithium_g = models.DecimalField(
        _("grams of lithium per battery"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    battery_count = models.PositiveSmallIntegerField(_("number of batteries"), default=0)
    dangerous = models.CharField(_("dangerous goods"), max_length=3, choices=Dangerous, blank=True)
    un_number = ExactCharField(_("UN number"), max_length=6, blank=True)
    hazard_class = models.CharField(_("class"), max_length=4, blank=True)
    packing_group = models.CharField(_("packing group"), max_length=3, blank=True)
    is_limited_quantity = models.BooleanField(_("limited quantity"), default=False)
    has_magnet = models.BooleanField(_("strong magnet"), default=False)
    has_liquid = models.BooleanField(_("liquid"), default=False)
    has_powder = models.BooleanField(_("powder"), default=False)
    manufacturer = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    eu_responsible = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    uk_responsible = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    importer = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = TenantManager()

    class Meta:
        """Dangerous goods have a number and a class, and nothing else has them."""

        verbose_name_plural = _("product facts")
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(dangerous="yes") & ~models.Q(un_number="") & ~models.Q(hazard_class="")
                )
                | (
                    ~models.Q(dangerous="yes")
                    & models.Q(un_number="", hazard_class="", packing_group="")
                    & models.Q(is_limited_quantity=False)
                ),
                name="facts_dangerous",
            ),
            models.CheckConstraint(
                condition=models.Q(battery_wh__isnull=True) | models.Q(battery_wh__gt=0),
                name="facts_battery_wh",
            ),
            models.CheckConstraint(
                condition=models.Q(battery_lithium_g__isnull=True)
                | models.Q(battery_lithium_g__gt=0),
                name="facts_battery_lithium",
            ),
        ]

    def __str__(self) -> str:
        """Return the product's key."""
        return f"facts of {self.product_id}"


class ProductDocument(TimestampedModel):
    """A paper about a product: report, declaration, data sheet, photo of the label.

    Never deleted: a paper that no longer counts is withdrawn and stays as evidence. The kind of file
    was told by its content, not by its name; ``size`` in bytes, ``sha256`` over the stored file.
    """

    class Kind(models.TextChoices):
        """What the paper is."""

        TEST_REPORT = "test_report", _("Test report")
        CONFORMITY = "conformity", _("Declaration of conformity")
        SDS = "sds", _("Safety data sheet")
        UN383 = "un38_3", _("Battery test summary (UN 38.3)")
        LABEL = "label_photo", _("Photo of the label")
        MANUAL = "manual", _("Instructions and warnings")
        CERTIFICATE = "certificate", _("Certificate")
        OTHER = "other", _("Other paper")

    class Status(models.TextChoices):
        """Whether the paper counts."""

        CURRENT = "current", _("In use")
        WITHDRAWN = "withdrawn", _("No longer valid")

    public_id = PublicIdField(prefix="doc")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    file = models.FileField(_("file"), upload_to="documents/%Y/%m/", max_length=200)
    content_type = models.CharField(_("type of file"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = ExactCharField(_("digest"), max_length=64)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CURRENT)

    objects = TenantManager()

    class Meta:
        """A product holds a file once; validity ends after the issue."""

        constraints = [
            models.UniqueConstraint(fields=["product", "sha256"], name="document_once"),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="document_size"),
            models.CheckConstraint(
                condition=models.Q(issued_on__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("issued_on")),
                name="document_dates",
            ),
        ]

    def __str__(self) -> str:
        """Return kind and name."""
        return f"{self.kind}: {self.name}"
