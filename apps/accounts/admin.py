"""People in the Django admin."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts import services
from apps.accounts.actors import user_actor
from apps.accounts.models import User
from apps.common.admin import PortalAdmin, mask_email
from apps.common.clock import utc_now

# Addresses, second factors and sessions are personal: their own admin pages show them in clear.
admin.site.unregister([EmailAddress, Authenticator, UserSession, Group])


class _StaffRights(PortalAdmin[Any]):
    """A page that only superusers change."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return bool(request.user.is_superuser)


@admin.register(User)
class UserAdmin(_StaffRights):
    """People: who may sign in, and what staff may do."""

    list_display = ("public_id", "masked_email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("=public_id", "=email")
    search_help_text = "usr_… / e-mail"
    hidden = ("password", "email", "full_name")
    readonly_fields = ("masked_email",)
    changeable = ("is_active", "is_staff", "groups")
    filter_horizontal = ("groups",)

    @admin.display(description="e-mail")
    def masked_email(self, obj: User) -> str:
        """Show the address masked."""
        return mask_email(obj.email)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Add the groups of staff."""
        return [*super().get_fields(request, obj), "groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Leave the rights of other people changeable; nobody changes their own."""
        fields = self.get_fields(request, obj)
        if obj is not None and obj.pk == request.user.pk:
            return fields
        return [name for name in fields if name not in self.changeable]

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[Any], change: bool
    ) -> None:
        """Change the rights through the service, which records it."""
        if not isinstance(request.user, User) or obj.pk == request.user.pk:
            return
        services.change_rights(
            obj,
            is_active=form.cleaned_data["is_active"],
            is_staff=form.cleaned_data["is_staff"],
            groups=list(form.cleaned_data["groups"]),
            actor=user_actor(request.user),
            now=utc_now(),
        )


@admin.register(Group)
class GroupAdmin(_StaffRights):
    """Sets of staff permissions."""

    list_display = ("name",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "permissions")
    filter_horizontal = ("permissions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return bool(request.user.is_superuser)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Read the permissions with their models, in one query."""
        if db_field.name == "permissions":
            kwargs["queryset"] = Permission.objects.select_related("content_type").order_by(
                "content_type__app_label", "content_type__model", "codename"
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let superusers change names and permissions."""
        return ()
