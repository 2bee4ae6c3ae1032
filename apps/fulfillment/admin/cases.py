"""Exception cases and what was learned of legs, in the Django admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin, PortalInline
from apps.fulfillment.models import CaseEvidence, ExceptionCase, LegStatistic


class CaseEvidenceInline(PortalInline[CaseEvidence]):
    """What people added to a case; notes may name the buyer and stay with the merchant."""

    model = CaseEvidence
    fields = ("public_id", "kind", "grams", "content_type", "added_by", "added_at")


@admin.register(ExceptionCase)
class ExceptionCaseAdmin(PortalAdmin[ExceptionCase]):
    """What went wrong with parcels, of all merchants."""

    list_display = (
        *("public_id", "merchant", "kind", "owner", "status", "due_at", "claim_by_at"),
        "risk_minor",
    )
    list_filter = ("status", "kind", "owner", "origin")
    list_select_related = ("merchant",)
    search_fields = (
        "=public_id",
        "=merchant__public_id",
        "=parcel__public_id",
        "=parcel__tracking_number",
    )
    search_help_text = "exc_… / mer_… / pcl_… / tracking number"
    hidden = ("end_note", "open_key")
    inlines = (CaseEvidenceInline,)


@admin.register(LegStatistic)
class LegStatisticAdmin(PortalAdmin[LegStatistic]):
    """How long each leg takes, by lane and by zone."""

    list_display = ("group", "leg", "samples", "cut_off", "silence_s", "version", "learned_at")
    list_filter = ("leg", "version")
    search_fields = ("=group",)
    search_help_text = "lane:CN-DE/line"
