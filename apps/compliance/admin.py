"""Checks and tariff data in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.compliance.models import (
    CheckRun,
    HsImport,
    PublishAnswer,
    Registration,
    TariffRate,
)
from apps.compliance.rule_impact.admin import RuleDryRunAdmin

__all__ = ["CheckRunAdmin", "HsImportAdmin", "RuleDryRunAdmin"]


@admin.register(CheckRun)
class CheckRunAdmin(PortalAdmin[CheckRun]):
    """Checks of orders: what was found, by which rule."""

    list_display = ("public_id", "order", "kind", "verdict", "rule_version", "ran_at", "merchant")
    list_filter = ("verdict", "kind", "rule_version")
    list_select_related = ("order", "merchant")
    search_fields = ("=public_id", "=order__public_id", "=merchant__public_id", "=order__number")
    search_help_text = "chk_… / ord_… / mer_… / order number"


@admin.register(HsImport)
class HsImportAdmin(PortalAdmin[HsImport]):
    """Loads of public tariff files: what is in force, what was quarantined."""

    list_display = ("public_id", "source", "status", "row_count", "file_name", "imported_at")
    list_filter = ("source", "status")
    search_fields = ("=public_id", "file_name")
    search_help_text = "hsi_… / harmonized_system_2022.csv.gz"


@admin.register(PublishAnswer)
class PublishAnswerAdmin(PortalAdmin[PublishAnswer]):
    """Answers on which products were put on sale, or kept off."""

    list_display = ("public_id", "product", "market", "model", "verdict", "answered_on", "merchant")
    list_filter = ("verdict", "model", "rule_version")
    list_select_related = ("product", "market", "merchant")
    search_fields = ("=public_id", "=product__public_id", "=merchant__public_id")
    search_help_text = "pan_… / prd_… / mer_…"


@admin.register(Registration)
class RegistrationAdmin(PortalAdmin[Registration]):
    """Register numbers that companies stated."""

    list_display = ("public_id", "obligation", "country", "number", "stated_at", "merchant")
    list_filter = ("obligation", "country")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=number", "=merchant__public_id")
    search_help_text = "reg_… / number / mer_…"


@admin.register(TariffRate)
class TariffRateAdmin(PortalAdmin[TariffRate]):
    """Duty rates that companies stated."""

    list_display = ("public_id", "product", "country", "rate", "source", "stated_at", "merchant")
    list_filter = ("country",)
    list_select_related = ("product", "merchant")
    search_fields = ("=public_id", "=product__public_id", "=merchant__public_id")
    search_help_text = "trf_… / prd_… / mer_…"
