"""Forms of a person's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.zones import list_zone_choices, with_own_zone

if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    # Django's class cannot be subscripted at run time.
    _UserForm = forms.ModelForm


class ProfileForm(_UserForm):
    """Name, language, zone and look of the person."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser")), *settings.LANGUAGES],
        required=False,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))

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

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the zones of the world, and the one in use whatever it is."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = cast("forms.ChoiceField", self.fields["time_zone"])
        field.choices = with_own_zone(list_zone_choices(), self.instance.time_zone)

    def changes(self) -> dict[str, str | bool]:
        """Return the wanted values of the changed fields."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
