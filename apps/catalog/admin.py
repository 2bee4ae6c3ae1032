"""Products, variants and listings in the Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.catalog.models import (
    AttributeRule,
    Category,
    CategoryMapping,
    CategoryName,
    Listing,
    ListingIssue,
    ListingPrice,
    Party,
    PriceRule,
    Product,
    ProductDocument,
    ProductFacts,
    ProductImage,
    ProductText,
    Variant,
)
from apps.catalog.photos import distance
from apps.catalog.selectors import find_copies
from apps.common.admin import PortalAdmin, PortalInline
from apps.common.formatting import format_money


class VariantInline(PortalInline[Variant]):
    """Variants of a product."""

    model = Variant
    fields = ("public_id", "sku", "option", "weight_g", "cost_minor", "cost_currency", "is_active")


class FactsInline(PortalInline[ProductFacts]):
    """Safety facts of a product."""

    model = ProductFacts
    fields = (
        "battery",
        "battery_wh",
        "battery_lithium_g",
        "battery_count",
        "dangerous",
        "un_number",
        "hazard_class",
        "manufacturer",
        "eu_responsible",
    )


class TextInline(PortalInline[ProductText]):
    """Texts of a product per language."""

    model = ProductText
    fields = ("locale", "title", "description")


@admin.register(Product)
class ProductAdmin(PortalAdmin[Product]):
    """Products."""

    list_display = ("public_id", "title", "merchant", "hs_code", "origin_country", "status")
    list_filter = ("status",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=variants__sku")
    search_help_text = "prd_… / mer_… / SKU"
    inlines = (VariantInline, FactsInline, TextInline)


@admin.register(Variant)
class VariantAdmin(PortalAdmin[Variant]):
    """Variants."""

    list_display = ("public_id", "sku", "product", "merchant", "weight_g", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("product", "merchant")
    search_fields = ("=public_id", "=sku", "=merchant__public_id", "=gtin")
    search_help_text = "var_… / SKU / mer_… / GTIN"


@admin.register(Listing)
class ListingAdmin(PortalAdmin[Listing]):
    """Listings."""

    list_display = ("public_id", "sku", "market", "price", "model", "status", "merchant")
    list_filter = ("status", "model", "currency")
    list_select_related = ("variant", "market", "merchant")
    search_fields = ("=public_id", "=variant__sku", "=merchant__public_id")
    search_help_text = "lst_… / SKU / mer_…"

    @admin.display(description="SKU")
    def sku(self, obj: Listing) -> str:
        """Show the SKU."""
        return obj.variant.sku

    @admin.display(description="price")
    def price(self, obj: Listing) -> str:
        """Show the price."""
        return str(format_money(obj.price_minor, obj.currency))


class HasFingerprint(admin.SimpleListFilter):
    """Pictures that can be compared at all."""

    title = "fingerprint"
    parameter_name = "fingerprint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer yes and no."""
        return [("yes", "can be compared"), ("no", "has no structure")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ProductImage]
    ) -> QuerySet[ProductImage]:
        """Keep the pictures with or without one."""
        if self.value() not in {"yes", "no"}:
            return queryset
        without = queryset.filter(fingerprint="")
        return without if self.value() == "no" else queryset.exclude(fingerprint="")


@admin.register(ProductImage)
class ProductImageAdmin(PortalAdmin[ProductImage]):
    """Pictures, each with its possible copies in other products of any company."""

    list_display = ("public_id", "product", "merchant", "alt", "copies")
    list_filter = (HasFingerprint,)
    list_select_related = ("product", "merchant")
    search_fields = ("=public_id", "=product__public_id", "=merchant__public_id", "=fingerprint")
    search_help_text = "img_… / prd_… / mer_… / fingerprint"
    readonly_fields = ("copies",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look for the copies of the whole page in one statement."""
        page = super().get_changelist_instance(request)
        shown = list(page.result_list)
        found: dict[int, list[ProductImage]] = {image.pk: [] for image in shown}
        for image, other in find_copies(shown, limit=200):
            found[image.pk].append(other)
        for image in shown:
            image.likely_copies = found[image.pk]
        page.result_list = shown
        return page

    @admin.display(description="possible copies")
    def copies(self, obj: ProductImage) -> str:
        """Name up to five products that may show the same picture, and how far it is from it."""
        found: list[ProductImage] | None = getattr(obj, "likely_copies", None)
        if found is None:
            found = [other for _image, other in find_copies([obj])]
        told = [
            f"{other.product.public_id} ({other.merchant.public_id}),"
            f" {distance(obj.fingerprint, other.fingerprint)} of 64 bits"
            for other in found[:5]
        ]
        return "; ".join(told) or "-"


class CategoryNameInline(PortalInline[CategoryName]):
    """Names of a category in other languages."""

    model = CategoryName
    fields = ("language", "name", "path")


@admin.register(Category)
class CategoryAdmin(PortalAdmin[Category]):
    """The category tree; loaded by ``manage.py import_categories``."""

    list_display = ("code", "path", "depth", "is_leaf", "is_active", "source", "version")
    list_filter = ("is_active", "depth", "source")
    search_fields = ("=code", "name")
    inlines = (CategoryNameInline,)


@admin.register(AttributeRule)
class AttributeRuleAdmin(PortalAdmin[AttributeRule]):
    """Attribute rules; loaded by ``manage.py import_attribute_rules``."""

    list_display = ("category", "key", "label", "kind", "is_required", "is_active", "version")
    list_filter = ("kind", "is_required", "is_active", "source")
    list_select_related = ("category",)
    search_fields = ("=category__code", "=key")


@admin.register(CategoryMapping)
class CategoryMappingAdmin(PortalAdmin[CategoryMapping]):
    """What merchants call categories."""

    list_display = ("own_name", "category", "origin", "merchant")
    list_filter = ("origin",)
    list_select_related = ("category", "merchant")
    search_fields = ("=merchant__public_id", "=category__code")


@admin.register(Party)
class PartyAdmin(PortalAdmin[Party]):
    """Companies that answer for products."""

    list_display = ("public_id", "kind", "name", "country", "merchant", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "name")


@admin.register(ProductDocument)
class ProductDocumentAdmin(PortalAdmin[ProductDocument]):
    """Papers about products."""

    list_display = ("public_id", "kind", "name", "product", "valid_until", "status", "merchant")
    list_filter = ("kind", "status")
    list_select_related = ("product", "merchant")
    search_fields = ("=public_id", "=product__public_id", "=merchant__public_id")
    exclude = ("file",)


@admin.register(PriceRule)
class PriceRuleAdmin(PortalAdmin[PriceRule]):
    """Price rules of companies."""

    list_display = ("public_id", "scope_key", "percent", "ending", "hysteresis", "merchant")
    list_filter = ("ending",)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id")
    search_help_text = "prl_… / mer_…"


@admin.register(ListingPrice)
class ListingPriceAdmin(PortalAdmin[ListingPrice]):
    """Every price that was asked."""

    list_display = ("listing", "price", "from_at", "source", "reason", "actor", "merchant")
    list_filter = ("source", "reason", "currency")
    list_select_related = ("listing", "merchant")
    search_fields = ("=listing__public_id", "=merchant__public_id")
    search_help_text = "lst_… / mer_…"

    @admin.display(description="price")
    def price(self, obj: ListingPrice) -> str:
        """Show the price."""
        return str(format_money(obj.price_minor, obj.currency))


@admin.register(ListingIssue)
class ListingIssueAdmin(PortalAdmin[ListingIssue]):
    """What is wrong with listings now."""

    list_display = ("public_id", "listing", "code", "field", "effect", "since", "merchant")
    list_filter = ("effect", "code")
    list_select_related = ("listing", "merchant")
    search_fields = ("=public_id", "=listing__public_id", "=merchant__public_id")
    search_help_text = "iss_… / lst_… / mer_…"
