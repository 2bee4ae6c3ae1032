"""The admin pages of dated rows: compare, decide, propose the next version. Never edit or delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
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
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.markets.dated import DatedRow, RuleStatus
from apps.markets.selectors import compare

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

R = TypeVar("R", bound=DatedRow)


class DatedRowAdmin(PortalAdmin[R]):
    """Versions of dated rows: proposed here, decided here by somebody else."""

    ordering = ("rule_id", "-version")
    hidden = ("digest",)
    readonly_fields = ("next_steps",)
    proposal_hint: ClassVar[StrPromise | str] = ""

    def approve_row(self, row: R, *, override: str, actor: Actor) -> None:
        """Put a row in force; each book has its own service."""
        raise NotImplementedError

    def reject_row(self, row: R, *, reason: str, actor: Actor) -> None:
        """Refuse a row."""
        raise NotImplementedError

    def propose_row(self, body: Mapping[str, Any], *, replaces: R, actor: Actor) -> R:
        """Write the next version of a row."""
        raise NotImplementedError

    def panels(self, row: R) -> list[Any]:
        """Return what must be known before an approval (``apps.markets.approval.Look``)."""
        return []

    @admin.display(description=gettext_lazy("Next"))
    def next_steps(self, obj: R) -> str:
        """Link to the comparison and, for a version in force, to a proposal."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse(self._name("review"), args=[obj.pk]),
            _("Compare and decide"),
            reverse(self._name("propose"), args=[obj.pk]),
            _("Propose a new version"),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that compare, decide and propose."""
        views = {"review": self.review, "decide": self.decide, "propose": self.propose}
        pages = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=self._name(name).partition(":")[2],
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
                self.approve_row(row, override=request.POST.get("override", ""), actor=actor)
            else:
                self.reject_row(row, reason=request.POST.get("reason", ""), actor=actor)
        except DomainError as error:
            return self._show(request, row, refusal=error)
        messages.success(request, _("%(row)s is decided.") % {"row": row})
        return redirect(self._name("review"), row.pk)

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
            made = self.propose_row({**json.loads(text)}, replaces=row, actor=actor)
        except (ValueError, TypeError) as error:
            sentence = _("This is not valid JSON: %(why)s") % {"why": error}
            return self._form(request, row, text, refusal=sentence, status=422)
        except DomainError as error:
            return self._form(request, row, text, refusal=error.message, status=error.status)
        messages.success(request, _("%(row)s waits for a second person.") % {"row": made})
        return redirect(self._name("review"), made.pk)

    def _name(self, page: str) -> str:
        return f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_{page}"

    def _operator(self, request: HttpRequest) -> Actor:
        if not isinstance(request.user, User) or not self.has_operate_permission(request):
            raise PermissionDenied
        return user_actor(request.user)

    def _row(self, pk: int) -> R:
        rows = self.model._default_manager.select_related("replaces")
        found: R = get_object_or_404(rows, pk=pk)
        return found

    def _show(
        self, request: HttpRequest, row: R, refusal: DomainError | None = None
    ) -> HttpResponse:
        old: Any = row.replaces
        looks = self.panels(row)
        facts = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.model._meta,
            "row": row,
            "old": old,
            "changes": compare(old.body if old else {}, row.body),
            "is_open": row.status == RuleStatus.PROPOSED,
            "may_decide": self.has_operate_permission(request),
            "decide_url": reverse(self._name("decide"), args=[row.pk]),
            "panels": looks,
            "lacks": [look.refusal.message for look in looks if look.refusal],
            "refusal": refusal.message if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/markets/rule_review.html", facts, status=status)

    def _form(
        self, request: HttpRequest, row: R, text: str, *, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        facts = {
            **self.admin_site.each_context(request),
            "title": _("New version of %(row)s") % {"row": row},
            "opts": self.model._meta,
            "body": text,
            "hint": self.proposal_hint,
            "refusal": refusal,
        }
        return TemplateResponse(request, "admin/markets/rule_propose.html", facts, status=status)
