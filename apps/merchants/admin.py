"""Companies, stores, members and invitations in the Django admin."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin import PortalAdmin, PortalInline, mask_email
from apps.merchants.models import Invitation, Member, Merchant, Store


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


@admin.register(Merchant)
class MerchantAdmin(PortalAdmin[Merchant]):
    """Companies."""

    list_display = ("public_id", "name", "country", "base_currency", "default_model", "status")
    list_filter = ("status", "default_model", "country")
    search_fields = ("=public_id", "name__startswith")
    search_help_text = "mer_… / name"
    inlines = (StoreInline, MemberInline)


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
