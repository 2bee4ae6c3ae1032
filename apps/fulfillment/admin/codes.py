"""The inbox of unknown carrier codes: staff say what each means, and its parcels are folded again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin, PortalInline
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.fulfillment import services as fulfillment
from apps.fulfillment.models import CarrierCode, CodeMapping
from apps.fulfillment.rules import UNKNOWN
from apps.fulfillment.states import TrackingReason, TrackingStatus
from apps.journal.actors import Actor


class CodeMappingInline(PortalInline[CodeMapping]):
    """What was decided about a code, the oldest first."""

    model = CodeMapping
    fields = ("version", "status", "reason", "note", "decided_by", "decided_at")


@admin.register(CarrierCode)
class CarrierCodeAdmin(PortalAdmin[CarrierCode]):
    """Codes the packaged table does not know; without a meaning they wait here."""

    list_display = ("code", "source", "status", "reason", "last_seen_at", "first_seen_at")
    list_filter = ("status", "source")
    search_fields = ("=code", "=source")
    search_help_text = "code / source"
    readonly_fields = ("next_step",)
    inlines = (CodeMappingInline,)
    actions = ("fold_again",)

    @admin.display(description=gettext_lazy("Next"))
    def next_step(self, obj: CarrierCode) -> str:
        """Link to the page that asks what the code means."""
        address = reverse("admin:fulfillment_carriercode_decide", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', address, _("Say what it means"))

    @admin.action(description=gettext_lazy("Fold parcels again"), permissions=["operate"])
    def fold_again(self, request: HttpRequest, queryset: QuerySet[CarrierCode]) -> None:
        """Start the job of each decided code once more."""
        if not isinstance(request.user, User):
            return
        actor, decided = user_actor(request.user), queryset.exclude(status="")[:100]
        jobs = [fulfillment.start_refold(code, actor=actor, now=utc_now()) for code in decided]
        messages.success(request, _("%(count)d jobs started.") % {"count": len(jobs)})

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks what a code means."""
        view = self.admin_site.admin_view(self.decide)
        own = path("<int:pk>/decide/", view, name="fulfillment_carriercode_decide")
        return [own, *super().get_urls()]

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what a code means, and keep the answer as a dated decision."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        actor, code = self._operator(request), get_object_or_404(CarrierCode, pk=pk)
        if request.method != "POST":
            return self._ask(request, code)
        try:
            fulfillment.map_unknown_code(
                code,
                status=request.POST.get("status", ""),
                reason=request.POST.get("reason", ""),
                note=request.POST.get("note", ""),
                actor=actor,
                now=utc_now(),
            )
        except DomainError as error:
            return self._ask(request, code, refusal=error)
        messages.success(request, _("Decided. Its parcels are being folded again."))
        return redirect("admin:fulfillment_carriercode_change", code.pk)

    def _operator(self, request: HttpRequest) -> Actor:
        if not isinstance(request.user, User) or not self.has_operate_permission(request):
            raise PermissionDenied
        return user_actor(request.user)

    def _ask(
        self, request: HttpRequest, code: CarrierCode, refusal: DomainError | None = None
    ) -> HttpResponse:
        facts = {
            **self.admin_site.each_context(request),
            "title": _("What does %(code)s mean?") % {"code": code},
            "opts": self.model._meta,
            "code": code,
            "statuses": [item for item in TrackingStatus.choices if item[0] != UNKNOWN],
            "reasons": TrackingReason.choices,
            "given": request.POST or {"status": code.status, "reason": code.reason},
            "refusal": refusal.message if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/fulfillment/decide.html", facts, status=status)


@admin.register(CodeMapping)
class CodeMappingAdmin(PortalAdmin[CodeMapping]):
    """Every decision about a code."""

    list_display = ("carrier_code", "version", "status", "reason", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("carrier_code",)
    search_fields = ("=carrier_code__code", "=decided_by")
    search_help_text = "code / user:usr_…"
