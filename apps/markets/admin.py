"""Markets, rates, the rule book and its quotes in the Django admin."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Protocol

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
from apps.common.admin import PortalAdmin
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.markets import approval, services
from apps.markets.models import FxRate, HeldRate, LandedQuote, Market, RuleRow, RuleStatus
from apps.markets.selectors import compare


class Decide(Protocol):
    """A decision about one held rate."""

    def __call__(self, held: HeldRate, *, actor: Actor, now: datetime) -> HeldRate:
        """Decide."""


@admin.register(Market)
class MarketAdmin(PortalAdmin[Market]):
    """Markets."""

    list_display = ("code", "currency", "locale", "time_zone", "return_window_days", "is_active")
    list_filter = ("is_active", "currency")
    search_fields = ("=code",)
    search_help_text = "DE"
    ordering = ("code",)


@admin.register(FxRate)
class FxRateAdmin(PortalAdmin[FxRate]):
    """Dated rates with their source."""

    list_display = ("base", "quote", "valid_on", "rate", "source")
    list_filter = ("base", "source")
    search_fields = ("=quote", "=valid_on")
    search_help_text = "CNY / 2026-11-25"


@admin.register(HeldRate)
class HeldRateAdmin(PortalAdmin[HeldRate]):
    """Rates that were not taken; a person takes or refuses each."""

    list_display = (
        *("quote", "valid_on", "rate", "last_rate", "last_on", "reason", "status"),
        *("held_at", "decided_by"),
    )
    list_filter = ("status", "reason")
    search_fields = ("=quote", "=valid_on")
    search_help_text = "TRY / 2026-11-25"
    actions = ("take", "refuse")

    @admin.action(description=gettext_lazy("Take the selected rates"), permissions=["operate"])
    def take(self, request: HttpRequest, queryset: QuerySet[HeldRate]) -> None:
        """Store the rates after all."""
        self._each(request, queryset, services.take_rate)

    @admin.action(description=gettext_lazy("Refuse the selected rates"), permissions=["operate"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[HeldRate]) -> None:
        """Leave the rates out for good."""
        self._each(request, queryset, services.refuse_rate)

    def _each(self, request: HttpRequest, queryset: QuerySet[HeldRate], decide: Decide) -> None:
        if not isinstance(request.user, User):
            return
        actor, done = user_actor(request.user), 0
        for held in queryset[:100]:
            try:
                decide(held, actor=actor, now=utc_now())
            except DomainError as error:
                messages.warning(request, f"{held}: {error.message}")
            else:
                done += 1
        messages.success(request, _("%(count)d rates decided.") % {"count": done})


@admin.register(RuleRow)
class RuleRowAdmin(PortalAdmin[RuleRow]):
    """Versions of rule rows: proposed here, decided here by somebody else, never edited or deleted."""

    list_display = (
        "rule_id",
        "version",
        "market",
        "kind",
        "status",
        "is_pending",
        "effective_from",
        "effective_to",
        "confidence",
    )
    list_filter = ("status", "market", "kind", "is_pending", "confidence")
    search_fields = ("=rule_id", "=public_id")
    search_help_text = "EU-DUTY-3 / rul_…"
    ordering = ("rule_id", "-version")
    hidden = ("digest",)
    readonly_fields = ("next_steps",)

    @admin.display(description=gettext_lazy("Next"))
    def next_steps(self, obj: RuleRow) -> str:
        """Link to the comparison and, for a version in force, to a proposal."""
        review = reverse("admin:markets_rulerow_review", args=[obj.pk])
        propose = reverse("admin:markets_rulerow_propose", args=[obj.pk])
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            review,
            _("Compare and decide"),
            propose,
            _("Propose a new version"),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that compare, decide and propose."""
        views = {"review": self.review, "decide": self.decide, "propose": self.propose}
        pages = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"markets_rulerow_{name}",
            )
            for name, view in views.items()
        ]
        return [*pages, *super().get_urls()]

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a version changes, and who may decide about it."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._show(request, self._row(pk))

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or reject a proposed version; a refusal is shown with its status."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        actor, row = self._operator(request), self._row(pk)
        try:
            if request.POST.get("decision") == "approve":
                override = request.POST.get("override", "")
                services.approve_row(row, actor=actor, now=utc_now(), override=override)
            else:
                reason = request.POST.get("reason", "")
                services.reject_row(row, reason=reason, actor=actor, now=utc_now())
        except DomainError as error:
            return self._show(request, row, refusal=error)
        messages.success(request, _("%(row)s is decided.") % {"row": row})
        return redirect("admin:markets_rulerow_review", row.pk)

    def propose(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a changed body as the next version of a row."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        actor, row = self._operator(request), self._row(pk)
        if request.method != "POST":
            text = json.dumps(row.body, indent=2, ensure_ascii=False)
            return self._form(request, row, text)
        text = request.POST.get("body", "")
        try:
            body = {**json.loads(text)}
            made = services.propose_row(body, actor=actor, now=utc_now(), replaces=row)
        except (ValueError, TypeError) as error:
            sentence = _("This is not valid JSON: %(why)s") % {"why": error}
            return self._form(request, row, text, refusal=sentence, status=422)
        except DomainError as error:
            return self._form(request, row, text, refusal=error.message, status=error.status)
        messages.success(request, _("%(row)s waits for a second person.") % {"row": made})
        return redirect("admin:markets_rulerow_review", made.pk)

    def _operator(self, request: HttpRequest) -> Actor:
        if not isinstance(request.user, User) or not self.has_operate_permission(request):
            raise PermissionDenied
        return user_actor(request.user)

    def _row(self, pk: int) -> RuleRow:
        return get_object_or_404(RuleRow.objects.select_related("replaces"), pk=pk)

    def _show(
        self, request: HttpRequest, row: RuleRow, refusal: DomainError | None = None
    ) -> HttpResponse:
        old, may_decide = row.replaces, self.has_operate_permission(request)
        is_open = row.status == RuleStatus.PROPOSED
        looks = approval.inspect(row).values()
        facts = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.model._meta,
            "row": row,
            "old": old,
            "changes": compare(old.body if old else {}, row.body),
            "is_open": is_open,
            "may_decide": may_decide,
            "panels": looks,
            "lacks": [look.refusal.message for look in looks if look.refusal],
            "refusal": refusal.message if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/markets/rule_review.html", facts, status=status)

    def _form(
        self,
        request: HttpRequest,
        row: RuleRow,
        text: str,
        *,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        facts = {
            **self.admin_site.each_context(request),
            "title": _("New version of %(row)s") % {"row": row},
            "opts": self.model._meta,
            "body": text,
            "refusal": refusal,
        }
        return TemplateResponse(request, "admin/markets/rule_propose.html", facts, status=status)


@admin.register(LandedQuote)
class LandedQuoteAdmin(PortalAdmin[LandedQuote]):
    """Landed costs that were told."""

    list_display = ("public_id", "country", "sold_on", "quoted_by", "quoted_at")
    list_filter = ("country",)
    search_fields = ("=public_id",)
    search_help_text = "lcq_…"
