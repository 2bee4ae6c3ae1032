"""Companies, stores, members and invitations in the Django admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes import scope

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin, PortalInline, mask_email
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.merchants import services
from apps.merchants.models import Invitation, Member, Merchant, Store

LIMIT = 200
Step = Callable[[Any, str, Actor], object]


class StoreInline(PortalInline[Store]):
    """Stores of a company."""

    model = Store
    fields = ("public_id", "name", "created_at")


class MemberInline(PortalInline[Member]):
    """People of a company."""

    model = Member
    fields = ("public_id", "person", "role", "is_active", "created_at")
    readonly_fields = ("person",)

    @admin.display(description="person")
    def person(self, obj: Member) -> str:
        """Show who it is without the address."""
        return obj.user.public_id

    def get_queryset(self, request: object) -> object:  # type: ignore[override]
        """Read the people with their memberships."""
        return super().get_queryset(request).select_related("user")  # type: ignore[arg-type]


class ReasonedAdmin(PortalAdmin[Any]):
    """Actions that ask for a reason and show what they do before they do it."""

    def with_tenant(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with their companies read along."""
        return queryset.select_related("merchant")

    def tenant_of(self, row: Any) -> Merchant:
        """Return the company of a row."""
        merchant: Merchant = row.merchant
        return merchant

    def ask(
        self, request: HttpRequest, queryset: QuerySet[Any], *, title: str, effect: str, step: Step
    ) -> HttpResponse | None:
        """Show the page that asks; on its answer run ``step`` on each row and say what happened."""
        rows = list(self.with_tenant(queryset)[:LIMIT])
        reason = request.POST.get("reason", "").strip()
        if "confirm" not in request.POST or not reason:
            facts = {
                **self.admin_site.each_context(request),
                "title": title,
                "effect": effect,
                "rows": rows,
                "action": request.POST.get("action", ""),
                "opts": self.model._meta,
                "is_missing": "confirm" in request.POST,
            }
            return TemplateResponse(request, "admin/ask_reason.html", facts)
        self._run(request, rows, reason, step)
        return None

    def _run(self, request: HttpRequest, rows: list[Any], reason: str, step: Step) -> None:
        if not isinstance(request.user, User):
            return
        actor, done = user_actor(request.user), 0
        for row in rows:
            try:
                with scope(merchant=self.tenant_of(row)):
                    step(row, reason, actor)
            except DomainError as error:
                messages.warning(request, f"{row}: {error.message}")
            else:
                done += 1
        messages.success(request, _("%(count)d changed.") % {"count": done})


@admin.register(Merchant)
class MerchantAdmin(ReasonedAdmin):
    """Companies."""

    actions = ("suspend", "reactivate")

    list_display = ("public_id", "name", "country", "base_currency", "default_model", "status")
    list_filter = ("status", "default_model", "country")
    search_fields = ("=public_id", "name__startswith")
    search_help_text = "mer_… / name"
    inlines = (StoreInline, MemberInline)

    def with_tenant(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the companies as they are."""
        return queryset

    def tenant_of(self, row: Any) -> Merchant:
        """Return the company itself."""
        merchant: Merchant = row
        return merchant

    @admin.action(description=gettext_lazy("Suspend…"), permissions=["operate"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> HttpResponse | None:
        """Suspend the selected companies."""
        return self.ask(
            request,
            queryset,
            title=_("Suspend companies"),
            effect=_(
                "At once, their members can look but change nothing, their API keys are refused and "
                "no new order is accepted. They see the reason. It can be undone."
            ),
            step=_suspend,
        )

    @admin.action(description=gettext_lazy("Let trade again…"), permissions=["operate"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> HttpResponse | None:
        """Let the selected companies trade again."""
        return self.ask(
            request,
            queryset,
            title=_("Let companies trade again"),
            effect=_("At once, their members, API keys and new orders are accepted again."),
            step=_reactivate,
        )


def _suspend(merchant: Merchant, reason: str, actor: Actor) -> object:
    return services.suspend_merchant(merchant, reason=reason, actor=actor, now=utc_now())


def _reactivate(merchant: Merchant, reason: str, actor: Actor) -> object:
    return services.reactivate_merchant(merchant, reason=reason, actor=actor, now=utc_now())


@admin.register(Store)
class StoreAdmin(PortalAdmin[Store]):
    """Stores."""

    list_display = ("public_id", "name", "merchant", "created_at")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id")
    search_help_text = "sto_… / mer_…"


@admin.register(Member)
class MemberAdmin(PortalAdmin[Member]):
    """People in companies."""

    list_display = ("public_id", "masked_email", "merchant", "role", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("merchant", "user")
    search_fields = ("=public_id", "=merchant__public_id", "=user__public_id", "=user__email")
    search_help_text = "mem_… / mer_… / usr_… / e-mail"

    @admin.display(description="e-mail")
    def masked_email(self, obj: Member) -> str:
        """Show the address masked."""
        return mask_email(obj.user.email)


@admin.register(Invitation)
class InvitationAdmin(PortalAdmin[Invitation]):
    """Offers to join a company."""

    list_display = ("public_id", "masked_email", "merchant", "role", "expires_at", "accepted_at")
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=email")
    search_help_text = "inv_… / mer_… / e-mail"
    hidden = ("email", "token_digest")
    readonly_fields = ("masked_email",)

    @admin.display(description="e-mail")
    def masked_email(self, obj: Invitation) -> str:
        """Show the address masked."""
        return mask_email(obj.email)
