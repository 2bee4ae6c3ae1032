"""Checks and tariff data in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.compliance.models import CheckRun, HsImport
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
