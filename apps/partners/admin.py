"""Keys, apps and webhooks of partners in the Django admin: looked at and switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_scopes import scope
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin
from apps.common.clock import utc_now
from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.partners import services as partners
from apps.partners.models import ApiKey, PartnerApp, WebhookDelivery, WebhookEndpoint

LIMIT = 200
# The toolkit's own pages show tokens in clear and let staff make them.
for _model in (AccessToken, Grant, IDToken, RefreshToken, PartnerApp):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class _SwitchedAdmin(PortalAdmin[Any]):
    """Rows that staff may switch off through a service."""

    def switch(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        service: Callable[[Any, Actor], object],
    ) -> None:
        """Run the service on each row inside its company's scope and say what happened."""
        if not isinstance(request.user, User):
            return
        actor, done = user_actor(request.user), 0
        for row in queryset.select_related("merchant")[:LIMIT]:
            try:
                with scope(merchant=row.merchant):
                    service(row, actor)
            except DomainError as error:
                messages.warning(request, f"{row}: {error.message}")
            else:
                done += 1
        messages.success(request, _("%(count)d changed.") % {"count": done})


@admin.register(ApiKey)
class ApiKeyAdmin(_SwitchedAdmin):
    """API keys; only their prefix is known."""

    list_display = ("public_id", "name", "prefix", "merchant", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=prefix")
    search_help_text = "key_… / mer_… / prefix"
    hidden = ("digest", "created_by_name")
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke keys"), permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End the keys at once."""
        self.switch(
            request,
            queryset,
            lambda key, actor: partners.revoke_key(key, actor=actor, now=utc_now()),
        )


@admin.register(PartnerApp)
class PartnerAppAdmin(_SwitchedAdmin):
    """OAuth2 clients."""

    list_display = ("public_id", "name", "merchant", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id", "=client_id")
    search_help_text = "app_… / mer_… / client id"
    hidden = ("client_secret", "created_by_name", "user", "hash_client_secret")
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke apps"), permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[PartnerApp]) -> None:
        """End the apps and their tokens at once."""
        self.switch(
            request,
            queryset,
            lambda app, actor: partners.revoke_app(app, actor=actor, now=utc_now()),
        )


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(_SwitchedAdmin):
    """Addresses that get webhooks."""

    list_display = ("public_id", "url", "merchant", "failing_since", "paused_at", "removed_at")
    list_filter = (
        ("paused_at", admin.EmptyFieldListFilter),
        ("removed_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("merchant",)
    search_fields = ("=public_id", "=merchant__public_id")
    search_help_text = "whk_… / mer_…"
    actions = ("pause",)

    @admin.action(description=gettext_lazy("Pause webhooks"), permissions=["operate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        """Send nothing more until the merchant resumes."""
        self.switch(
            request,
            queryset,
            lambda endpoint, actor: partners.pause_endpoint(endpoint, actor=actor, now=utc_now()),
        )


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(PortalAdmin[WebhookDelivery]):
    """Messages that were sent or wait."""

    list_display = ("public_id", "event", "endpoint", "state", "attempts", "last_status")
    list_filter = ("state", "event")
    list_select_related = ("endpoint",)
    search_fields = ("=public_id", "=endpoint__public_id", "=merchant__public_id", "=entry_id")
    search_help_text = "dlv_… / whk_… / mer_… / jrn_…"
    # What we sent and what the other side answered belongs to the merchant.
    hidden = ("body", "response_body", "lease")
