"""Forms of a security key; allauth's own leave the name's label to the field's English name."""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """The name of a new key and whether it opens the account alone."""

    name = forms.CharField(label=_("Name of the key"), required=False)


class RenameKeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """A new name of a key."""

    name = forms.CharField(label=_("Name of the key"))
