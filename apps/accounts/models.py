"""People who sign in, by e-mail address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import ExactCharField, PublicIdField


class UserManager(BaseUserManager["User"]):
    """Makes users with lower-cased addresses."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user who may sign in to the merchant portal."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user who may do everything in the Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an e-mail address, a language, a zone and a look."""

    class Theme(models.TextChoices):
        """Colours of the portal."""

        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        """Row height of lists."""

        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    public_id = PublicIdField(prefix="usr")
    # Exact comparison and our own lower-casing: the uniqueness of addresses must not rest on a
    # collation, and MariaDB cannot hold allauth's conditional constraint.
    email = ExactCharField(_("e-mail address"), max_length=254, unique=True)
    full_name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, default="", blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.AUTO)
    density = models.CharField(
        _("row height"), max_length=12, choices=Density, default=Density.COMFORTABLE
    )
    has_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("platform staff"), default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """The address is stored in lower case."""

        constraints = [
            models.CheckConstraint(condition=~models.Q(email=""), name="user_email_given")
        ]

    def __str__(self) -> str:
        """Return the outward id: addresses and names are not for logs and titles."""
        return self.public_id

    def clean(self) -> None:
        """Lower the address."""
        super().clean()
        self.email = self.email.strip().lower()

    @property
    def short_name(self) -> str:
        """The first part of the name, or the address before the @."""
        return self.full_name.split(" ")[0] if self.full_name else self.email.split("@")[0]
