"""Dry runs of proposed rule rows in the Django admin: started, watched, stopped, read."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.formatting import format_money
from apps.compliance.rule_impact import selectors, services
from apps.compliance.rule_impact.models import RuleDryRun, RuleImpact
from apps.jobs import services as jobs
from apps.journal.actors import Actor
from apps.markets.models import RuleRow

SHOWN = 200
_READ = ("GET", "HEAD")


@admin.register(RuleDryRun)
class RuleDryRunAdmin(PortalAdmin[RuleDryRun]):
    """What proposed rows would change. Whoever may see or decide on rule rows may see or start runs."""

    list_display = ("public_id", "row", "state", "listing_count", "priced_on", "requested_at")
    list_filter = ("priced_on", ("finished_at", admin.EmptyFieldListFilter))
    list_select_related = ("row", "job")
    search_fields = ("=public_id", "=row__rule_id", "=row__public_id")
    search_help_text = "dry_… / EU-DUTY-3 / rul_…"
    hidden = ("row_digest", "book_digest", "last_listing_id")
    readonly_fields = ("summary_link",)

    @admin.display(description=gettext_lazy("Status"))
    def state(self, obj: RuleDryRun) -> str:
        """Return where the job stands."""
        return obj.job.look

    @admin.display(description=gettext_lazy("Result"))
    def summary_link(self, obj: RuleDryRun) -> str:
        """Link to the result."""
        address = reverse("admin:compliance_ruledryrun_summary", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', address, _("Who pays what"))

    def has_view_permission(self, request: HttpRequest, obj: RuleDryRun | None = None) -> bool:
        """Allow who may look at rule rows."""
        perms = ("markets.view_rulerow", "markets.change_rulerow")
        return any(request.user.has_perm(name) for name in perms)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Allow who may propose and decide."""
        allowed: bool = request.user.has_perm("markets.change_rulerow")
        return allowed

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the section to whoever may look at rule rows."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that start, show and stop a run, and its file."""
        pages = (
            ("start/<int:pk>/", self.start, "start"),
            ("<int:pk>/summary/", self.summary, "summary"),
            ("<int:pk>/cancel/", self.cancel, "cancel"),
            ("<int:pk>/file/", self.file, "file"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"compliance_ruledryrun_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def start(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a run of the rule row ``pk``; a refusal is shown on the row's page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        actor = self._operator(request)
        row = get_object_or_404(RuleRow, pk=pk)
        try:
            tariff = services.read_tariff(request.POST.get("tariff", ""))
            run = services.start_dry_run(row, assumed_tariff=tariff, actor=actor, now=utc_now())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("admin:markets_rulerow_review", row.pk)
        messages.success(request, _("The dry run has started."))
        return redirect("admin:compliance_ruledryrun_summary", run.pk)

    def summary(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far a run is, and what it found per company and market."""
        if request.method not in _READ:
            return HttpResponseNotAllowed(_READ)
        run = self._run(request, pk)
        is_done = run.finished_at is not None
        impacts = list(selectors.list_impacts(run)[: SHOWN + 1]) if is_done else []
        facts = {
            **self.admin_site.each_context(request),
            "title": _("Dry run of %(row)s") % {"row": run.row},
            "opts": self.model._meta,
            "run": run,
            "totals": selectors.get_totals(run) if is_done else None,
            "impacts": [(impact, _changes(impact)) for impact in impacts[:SHOWN]],
            "has_more": len(impacts) > SHOWN,
            "shown": SHOWN,
            "may_operate": self.has_operate_permission(request),
        }
        return TemplateResponse(request, "admin/compliance/dry_run.html", facts)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a run; what it priced so far proves nothing and is dropped by the next run."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        actor = self._operator(request)
        run = self._run(request, pk)
        try:
            jobs.request_cancel(run.job, actor=actor, now=utc_now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The dry run stops."))
        return redirect("admin:compliance_ruledryrun_summary", run.pk)

    def file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Hand out the line of every listing as CSV."""
        if request.method not in _READ:
            return HttpResponseNotAllowed(_READ)
        run = self._run(request, pk)
        if run.finished_at is None or not run.job.result_file:
            raise Http404
        try:
            content = run.job.result_file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        name = str(run.job.result.get("file_name", "dry-run.csv"))
        response = FileResponse(content, as_attachment=True, filename=name)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _operator(self, request: HttpRequest) -> Actor:
        if not isinstance(request.user, User) or not self.has_operate_permission(request):
            raise PermissionDenied
        return user_actor(request.user)

    def _run(self, request: HttpRequest, pk: int) -> RuleDryRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        runs: QuerySet[RuleDryRun] = RuleDryRun.objects.select_related("row", "job")
        return get_object_or_404(runs, pk=pk)


def _changes(impact: RuleImpact) -> list[str]:
    """Return the smallest, median and largest change as people read them, or nothing for each."""
    minors = (impact.least_minor, impact.median_minor, impact.most_minor)
    return ["" if one is None else str(format_money(one, impact.currency)) for one in minors]
