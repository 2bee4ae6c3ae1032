"""The platform's category tree, what each category asks of a product, and merchants' own names."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, TimestampedModel
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class Category(TimestampedModel):
    """One category of the platform-wide tree; never deleted, since products point at it.

    ``lineage`` holds the codes from the root down to the category itself, joined by ``/``, so that
    all ancestors are known without walking. ``name`` and ``path`` are English; other languages are
    ``CategoryName`` rows. ``name_key`` is the name folded for comparing (``category_rules``).
    """

    code = ExactCharField(_("code"), max_length=20, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=120)
    name_key = ExactCharField(max_length=120, db_index=True)
    path = models.CharField(_("path"), max_length=500)
    lineage = ExactCharField(max_length=200)
    depth = models.PositiveSmallIntegerField(_("depth"))
    is_leaf = models.BooleanField(_("leaf"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("source"), max_length=40)
    version = models.CharField(_("version"), max_length=40)

    class Meta:
        """A root has depth 1 and no parent."""

        verbose_name_plural = _("categories")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(depth=1, parent__isnull=True)
                | models.Q(depth__gt=1, parent__isnull=False),
                name="category_depth",
            ),
            models.CheckConstraint(condition=~models.Q(name_key=""), name="category_named"),
        ]

    def __str__(self) -> str:
        """Return code and path."""
        return f"{self.code} {self.path}"


class CategoryName(models.Model):
    """A category's name and path in a language other than English."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="names")
    language = ExactCharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=120)
    name_key = ExactCharField(max_length=120, db_index=True)
    path = models.CharField(_("path"), max_length=500)

    class Meta:
        """One name per language."""

        constraints = [
            models.UniqueConstraint(fields=["category", "language"], name="category_name_once")
        ]

    def __str__(self) -> str:
        """Return language and path."""
        return f"{self.language}: {self.path}"


class AttributeRule(TimestampedModel):
    """One attribute that products of a category, and of all categories below it, may or must have.

    A rule of the same key further down the tree replaces it there. ``markets`` names where it is
    required (empty: everywhere); bounds are decimal, in ``unit``. ``basis`` says which law, standard
    or own decision the rule rests on.
    """

    class Kind(models.TextChoices):
        """What a value is."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        BOOLEAN = "boolean", _("Yes or no")
        CHOICE = "choice", _("One of a list")
        MULTI = "multi_choice", _("Several of a list")
        DATE = "date", _("Date")

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="rules")
    key = ExactCharField(_("key"), max_length=60)
    label = models.CharField(_("label"), max_length=120)
    labels = models.JSONField(_("labels in other languages"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    markets = models.JSONField(_("required in markets"), default=list, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    min_value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    max_value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    min_length = models.PositiveIntegerField(null=True, blank=True)
    max_length = models.PositiveIntegerField(null=True, blank=True)
    pattern = models.CharField(max_length=200, blank=True)
    basis = models.CharField(_("basis"), max_length=300, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("source"), max_length=40)
    version = models.CharField(_("version"), max_length=40)

    class Meta:
        """One rule per category and key, of a known kind."""

        constraints = [
            models.UniqueConstraint(fields=["category", "key"], name="attribute_rule_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["text", "number", "boolean", "choice", "multi_choice", "date"]
                ),
                name="attribute_rule_kind",
            ),
        ]

    def __str__(self) -> str:
        """Return category and key."""
        return f"{self.category_id} {self.key}"


class CategoryMapping(TimestampedModel):
    """Which category a merchant means by its own category name; remembered once it was chosen."""

    class Origin(models.TextChoices):
        """How the pair came about."""

        CHOSEN = "chosen", _("Chosen")
        EQUAL = "equal", _("Equal names")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    own_name = models.CharField(_("own name"), max_length=120)
    own_key = ExactCharField(max_length=120)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)

    objects = TenantManager()

    class Meta:
        """One category per own name of a merchant."""

        constraints = [
            models.UniqueConstraint(fields=["merchant", "own_key"], name="category_mapping_once"),
            models.CheckConstraint(condition=~models.Q(own_key=""), name="category_mapping_named"),
        ]

    def __str__(self) -> str:
        """Return own name and category."""
        return f"{self.own_name} → {self.category_id}"
