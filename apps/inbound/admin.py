"""Deliveries to warehouses in the Django admin: to look at, and to end by force with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.admin import PortalAdmin, PortalInline
from apps.common.clock import utc_now
from apps.inbound.models import (
    InboundAmendment,
    InboundCarton,
    InboundDiscrepancy,
    InboundLine,
    InboundPutaway,
    InboundReceipt,
    InboundShipment,
)
from apps.inbound.services import force_close
from apps.journal.actors import Actor
from apps.merchants.admin import ReasonedAdmin


class LineInline(PortalInline[InboundLine]):
    """Lines of a delivery."""

    model = InboundLine
    fields = (
        *("position", "sku", "lot_code", "announced", "expected", "received", "accepted"),
        *("damaged", "rejected", "over", "short"),
    )
    readonly_fields = ("sku",)

    @admin.display(description=gettext_lazy("SKU"))
    def sku(self, obj: InboundLine) -> str:
        """Show the SKU."""
        return obj.variant.sku

    def get_queryset(self, request: object) -> object:  # type: ignore[override]
        """Read the variants with their lines."""
        return super().get_queryset(request).select_related("variant")  # type: ignore[arg-type]


class DiscrepancyInline(PortalInline[InboundDiscrepancy]):
    """Differences of a delivery."""

    model = InboundDiscrepancy
    fields = ("public_id", "kind", "units", "allowed", "rules_version", "said", "status", "answer")


@admin.register(InboundShipment)
class InboundShipmentAdmin(ReasonedAdmin):
    """Deliveries."""

    actions = ("end_by_force",)
    list_display = (
        *("public_id", "reference", "node", "status", "expected_on", "appointment_at"),
        "merchant",
    )
    list_filter = ("status",)
    list_select_related = ("merchant", "node")
    search_fields = ("=public_id", "=reference", "=merchant__public_id")
    search_help_text = "asn_… / reference / mer_…"
    inlines = (LineInline, DiscrepancyInline)

    def with_tenant(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the deliveries with their companies and warehouses."""
        return queryset.select_related("merchant", "node")

    @admin.action(description=gettext_lazy("End by force…"), permissions=["operate"])
    def end_by_force(
        self, request: HttpRequest, queryset: QuerySet[InboundShipment]
    ) -> HttpResponse | None:
        """End deliveries whose goods are on the way or in the house."""
        return self.ask(
            request,
            queryset,
            title=_("End deliveries by force"),
            effect=_(
                "At once, what has not come is no longer expected, and what waits for the shelf is "
                "quarantined. The company reads the reason. It cannot be undone."
            ),
            step=_force_close,
        )


def _force_close(shipment: InboundShipment, reason: str, actor: Actor) -> object:
    return force_close(shipment, reason=reason, actor=actor, now=utc_now())


@admin.register(InboundReceipt)
class InboundReceiptAdmin(PortalAdmin[InboundReceipt]):
    """What was counted in; never changed."""

    list_display = ("public_id", "reference", "shipment", "made_by_name", "made_at", "merchant")
    list_select_related = ("shipment", "merchant")
    search_fields = ("=public_id", "=reference", "=merchant__public_id", "=shipment__public_id")
    search_help_text = "rcp_… / reference / mer_… / asn_…"


@admin.register(InboundPutaway)
class InboundPutawayAdmin(PortalAdmin[InboundPutaway]):
    """What was put away; never changed."""

    list_display = ("public_id", "reference", "shipment", "made_by_name", "made_at", "merchant")
    list_select_related = ("shipment", "merchant")
    search_fields = ("=public_id", "=reference", "=merchant__public_id", "=shipment__public_id")
    search_help_text = "pta_… / reference / mer_… / asn_…"


@admin.register(InboundCarton)
class InboundCartonAdmin(PortalAdmin[InboundCarton]):
    """Cartons of deliveries."""

    list_display = ("public_id", "sscc", "number", "shipment", "receipt", "merchant")
    list_select_related = ("shipment", "receipt", "merchant")
    search_fields = ("=public_id", "=sscc", "=merchant__public_id", "=shipment__public_id")
    search_help_text = "ctn_… / SSCC / mer_… / asn_…"


@admin.register(InboundDiscrepancy)
class InboundDiscrepancyAdmin(PortalAdmin[InboundDiscrepancy]):
    """How deliveries differ from what was announced, and the answers."""

    list_display = ("public_id", "kind", "units", "allowed", "status", "found_at", "merchant")
    list_filter = ("status", "kind")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=shipment__public_id")
    search_help_text = "dsc_… / mer_… / asn_…"


@admin.register(InboundAmendment)
class InboundAmendmentAdmin(PortalAdmin[InboundAmendment]):
    """Announced quantities that were changed; never changed."""

    list_display = ("public_id", "before", "after", "reason", "made_by_name", "made_at", "merchant")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=line__shipment__public_id")
    search_help_text = "amd_… / mer_… / asn_…"
