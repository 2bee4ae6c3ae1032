"""Campaigns and their entries in the Django admin: staff make them, open them and review entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes import scope

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.common.formatting import format_money
from apps.journal import services as journal
from apps.journal.actors import Actor
from apps.merchants.admin import ReasonedAdmin
from apps.promotions import events
from apps.promotions.models import Campaign, CampaignEntry
from apps.promotions.services import campaign_entries, campaigns
from apps.promotions.states import CampaignStatus

_CONTENT = (
    *("name", "terms", "kind", "markets", "starts_local", "ends_local", "entries_close_at"),
    *("min_percent", "min_units", "max_entries", "categories", "platform_percent"),
)
Step = Callable[[Any, Actor], object]


def _run(request: HttpRequest, rows: QuerySet[Any], step: Step) -> None:
    """Run a step on each row and say what happened to it."""
    if not isinstance(request.user, User):
        return
    actor, done = user_actor(request.user), 0
    for row in rows[:200]:
        try:
            step(row, actor)
        except DomainError as error:
            messages.warning(request, f"{row}: {error.message}")
        else:
            done += 1
    messages.success(request, _("%(count)d changed.") % {"count": done})


@admin.register(Campaign)
class CampaignAdmin(ReasonedAdmin):
    """Campaigns: written here as drafts, then opened; an open one is never changed."""

    list_display = ("public_id", "name", "kind", "status", "entries_close_at", "platform_percent")
    list_filter = ("status", "kind")
    search_fields = ("=public_id", "name__startswith")
    search_help_text = "cmp_… / name"
    filter_horizontal = ("markets",)
    actions = ("open", "close", "call_off")

    def with_tenant(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the campaigns as they are: they belong to the platform."""
        return queryset

    def tenant_of(self, row: Any) -> Any:
        """Return no company."""
        return None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let staff who may work on campaigns write new ones."""
        return self.has_operate_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let staff change drafts alone: merchants rely on what is open."""
        is_draft = obj is None or obj.status == CampaignStatus.DRAFT
        return is_draft and self.has_operate_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the content of a campaign, and its id and state once there is one."""
        return [*_CONTENT] if obj is None else ["public_id", "status", *_CONTENT]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make everything read-only once a campaign was opened."""
        is_draft = obj is None or obj.status == CampaignStatus.DRAFT
        return ["public_id", "status"] if is_draft else self.get_fields(request, obj)

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: forms.ModelForm[Any],
        change: bool,
    ) -> None:
        """Save a draft and record who did."""
        if not isinstance(request.user, User):
            return
        event = events.CAMPAIGN_CHANGED if change else events.CAMPAIGN_DRAFTED
        with transaction.atomic():
            obj.save()
            journal.record(
                event,
                merchant=None,
                subject=obj,
                actor=user_actor(request.user),
                now=utc_now(),
                payload={"name": obj.name},
            )

    @admin.action(description=gettext_lazy("Open for entries"), permissions=["operate"])
    def open(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        """Let merchants submit."""
        _run(request, queryset, _open)

    @admin.action(description=gettext_lazy("Close entries"), permissions=["operate"])
    def close(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        """Take no more entries."""
        _run(
            request,
            queryset,
            lambda row, actor: campaigns.close_entries(row, actor=actor, now=utc_now()),
        )

    @admin.action(description=gettext_lazy("Call off…"), permissions=["operate"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> HttpResponse | None:
        """Call campaigns off."""
        return self.ask(
            request,
            queryset,
            title=_("Call campaigns off"),
            effect=_(
                "At once, their promotions end and their entries are withdrawn. Orders that were"
                " placed keep their prices. It cannot be undone; the merchants read the reason."
            ),
            step=_call_off,
        )


def _open(campaign: Campaign, actor: Actor) -> object:
    return campaigns.open_campaign(campaign, actor=actor, now=utc_now())


def _call_off(campaign: Campaign, reason: str, actor: Actor) -> object:
    return campaigns.cancel_campaign(campaign, reason=reason, actor=actor, now=utc_now())


@admin.register(CampaignEntry)
class CampaignEntryAdmin(ReasonedAdmin):
    """Entries of merchants, to be approved or declined."""

    list_display = (
        *("public_id", "merchant", "campaign", "sku", "market", "status"),
        *("shown_price", "shown_lowest", "units"),
    )
    list_filter = ("status", "campaign")
    list_select_related = ("merchant", "campaign", "market")
    search_fields = ("=public_id", "=merchant__public_id", "=sku")
    search_help_text = "cen_… / mer_… / SKU"
    actions = ("approve", "decline")

    @admin.display(description=gettext_lazy("Campaign price"))
    def shown_price(self, obj: CampaignEntry) -> str:
        """Show the price with its currency."""
        return format_money(obj.price_minor, obj.currency)

    @admin.display(description=gettext_lazy("Lowest of 30 days"))
    def shown_lowest(self, obj: CampaignEntry) -> str:
        """Show the lowest price with its currency."""
        return format_money(obj.lowest_minor, obj.currency)

    @admin.action(description=gettext_lazy("Approve"), permissions=["operate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[CampaignEntry]) -> None:
        """Approve the selected entries: each becomes a promotion."""
        _run(request, queryset.select_related("merchant"), _approve)

    @admin.action(description=gettext_lazy("Decline…"), permissions=["operate"])
    def decline(
        self, request: HttpRequest, queryset: QuerySet[CampaignEntry]
    ) -> HttpResponse | None:
        """Decline the selected entries."""
        return self.ask(
            request,
            queryset,
            title=_("Decline entries"),
            effect=_("The merchants read the reason and may submit the products again."),
            step=_decline,
        )


def _approve(entry: CampaignEntry, actor: Actor) -> object:
    with scope(merchant=entry.merchant):
        return campaign_entries.approve_entry(entry, actor=actor, now=utc_now())


def _decline(entry: CampaignEntry, reason: str, actor: Actor) -> object:
    return campaign_entries.decline_entry(entry, reason=reason, actor=actor, now=utc_now())
