"""Imports in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin
from apps.imports.models import ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(PortalAdmin[ImportRun]):
    """Sheets that companies imported, and what became of their rows."""

    list_display = ("public_id", "kind", "file_name", "status", "row_count", "merchant")
    list_filter = ("kind", "status")
    list_select_related = ("merchant",)
    exclude = ("wrong_rows", "samples")
    search_fields = ("=public_id", "=merchant__public_id", "=job_id")
    search_help_text = "imp_… / mer_… / job_…"
