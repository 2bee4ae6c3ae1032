"""Forms of the carrier pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AccountForm(forms.Form):
    """An account; the key may stay empty when there is one."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("As you will look for it when you choose a carrier."),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Where the carrier speaks the portal carrier protocol; it starts with https://."
        ),
    )
    secret = forms.CharField(
        label=_("Key"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("The carrier gave it to you. It is stored sealed and never shown again."),
    )
    per_minute = forms.IntegerField(
        label=_("Calls a minute"),
        min_value=1,
        max_value=6000,
        initial=120,
        help_text=_("What the carrier allows you. More wait until the next minute."),
    )

    def keep_key(self) -> None:
        """Let the key stay empty: the account keeps the one it has."""
        self.fields["secret"].required = False
        self.fields["secret"].help_text = _("Leave it empty to keep the key there is.")
