"""Forms of the API pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.partners.events import EVERY_EVENT, PUBLIC_EVENTS
from apps.partners.scopes import SCOPES

Choices = list[tuple[str, str | Promise]]
_LIFETIMES: Choices = [
    ("", _("Until it is revoked")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("1 year")),
]
_OVERLAPS: Choices = [
    ("0", _("At once")),
    ("1", _("In 1 day")),
    ("7", _("In 7 days")),
    ("30", _("In 30 days")),
]
_PERIODS: Choices = [
    ("1", _("the last hour")),
    ("24", _("the last day")),
    ("168", _("the last 7 days")),
]


class ScopedForm(forms.Form):
    """A name and what the holder may do."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What it is for, as you will look for it later."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give only what is needed. This cannot be widened later."),
    )


class KeyForm(ScopedForm):
    """A new key."""

    lifetime = forms.ChoiceField(label=_("Works"), choices=_LIFETIMES, required=False)

    def expires_at(self, now: datetime) -> datetime | None:
        """Return the end of the chosen lifetime."""
        days = self.cleaned_data["lifetime"]
        return now + timedelta(days=int(days)) if days else None


class RotateForm(forms.Form):
    """When the old key ends."""

    overlap = forms.ChoiceField(label=_("The old key ends"), choices=_OVERLAPS, initial="7")

    def length(self) -> timedelta:
        """Return how long both keys work."""
        return timedelta(days=int(self.cleaned_data["overlap"]))


class EndpointForm(forms.Form):
    """A webhook."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text=_("A public address of yours that starts with https://."),
    )
    description = forms.CharField(label=_("Description"), max_length=120, required=False)
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(EVERY_EVENT, _("Every event, also future kinds")), *PUBLIC_EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class ReplayForm(forms.Form):
    """From when on to send again."""

    hours = forms.ChoiceField(label=_("Since"), choices=_PERIODS)

    def since(self, now: datetime) -> datetime:
        """Return the moment from which on everything is sent again."""
        return (now - timedelta(hours=int(self.cleaned_data["hours"]))).astimezone(UTC)
