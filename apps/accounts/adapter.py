"""How allauth fits the portal: users have an e-mail address and no user name."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from apps.accounts.models import User


def display_name(user: User) -> str:
    """Return what the person is called in messages and letters: the name, else the address."""
    return user.full_name or user.email


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Lower-cases addresses and keeps the language the person signed up in."""

    def clean_email(self, email: str) -> str:
        """Return the stored form of an address."""
        cleaned: str = super().clean_email(email)
        return cleaned.strip().lower()

    def save_user(
        self, request: HttpRequest, user: User, form: object, commit: bool = True
    ) -> User:
        """Keep the language of the sign-up page as the person's own."""
        user.language = getattr(request, "LANGUAGE_CODE", "") or ""
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved
