"""Forms of a person's own account."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User

if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    # Django's class cannot be subscripted at run time.
    _UserForm = forms.ModelForm


def list_zones() -> list[tuple[str, str]]:
    """Return the zones of the world's cities, by name."""
    named = [name for name in zoneinfo.available_timezones() if "/" in name]
    usable = sorted(name for name in named if not name.startswith(("Etc/", "posix/", "right/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in usable)]


class ProfileForm(_UserForm):
    """Name, language, zone and look of the person."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser")), *settings.LANGUAGES],
        required=False,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lazy(list_zones, list)())

    class Meta:
        """The fields a person may change themselves."""

        model = User
        fields = ("full_name", "language", "time_zone", "theme", "density", "has_shortcuts")
        labels = {
            "full_name": _("Name"),
            "theme": _("Colours"),
            "density": _("Row height of lists"),
            "has_shortcuts": _("Single-key shortcuts"),
        }
        help_texts = {
            "full_name": _("Colleagues see it beside what you do."),
            "has_shortcuts": _("Keys such as / and J work outside fields. Ctrl K always works."),
        }

    def changes(self) -> dict[str, str | bool]:
        """Return the wanted values of the changed fields."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
