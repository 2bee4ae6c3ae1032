"""Sentences about attributes and safety facts that do not fit, in the language of the reader."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.attribute_rules import Wrong

_WRONG: dict[str, str | Promise] = {
    "unknown": gettext_lazy("The category of this product has no such attribute."),
    "not_text": gettext_lazy("This must be text."),
    "control": gettext_lazy("This contains characters that cannot be shown."),
    "too_long": gettext_lazy("At most %(detail)s characters."),
    "too_short": gettext_lazy("At least %(detail)s characters."),
    "pattern": gettext_lazy("This does not have the form that is asked for: %(detail)s"),
    "not_number": gettext_lazy("This must be a number with at most 4 decimals, such as 12.5."),
    "too_small": gettext_lazy("At least %(detail)s."),
    "too_large": gettext_lazy("At most %(detail)s."),
    "not_boolean": gettext_lazy("Answer with yes or no."),
    "not_a_choice": gettext_lazy("“%(detail)s” is not one of the choices."),
    "not_list": gettext_lazy("This must be a list of choices."),
    "not_date": gettext_lazy("This must be a day, such as 2026-11-30."),
}
_UNFIT: dict[str, str | Promise] = {
    "unknown_battery": gettext_lazy("Choose one of the kinds of battery."),
    "needs_wh": gettext_lazy("A lithium-ion battery needs its watt-hours."),
    "no_ion": gettext_lazy("Watt-hours belong to lithium-ion batteries only."),
    "needs_lithium": gettext_lazy("A lithium metal battery needs its grams of lithium."),
    "no_metal": gettext_lazy("Grams of lithium belong to lithium metal batteries only."),
    "needs_count": gettext_lazy("Say how many batteries there are."),
    "no_battery": gettext_lazy("There is no battery, so leave this empty."),
    "unknown_danger": gettext_lazy("Choose whether it is dangerous goods."),
    "needs_un": gettext_lazy("Dangerous goods need a UN number of four digits, such as UN1950."),
    "needs_class": gettext_lazy("Dangerous goods need their class."),
    "unknown_group": gettext_lazy("A packing group is I, II or III."),
    "not_dangerous": gettext_lazy("Only dangerous goods have this."),
}


def explain_wrong(wrong: Wrong) -> str:
    """Return the sentence about an attribute's value that does not fit."""
    return str(_WRONG[wrong.code]) % {"detail": wrong.detail}


def explain_unfit(code: str) -> str:
    """Return the sentence about a safety fact that does not fit the others."""
    return str(_UNFIT[code])


def refused_facts() -> str:
    """Return the sentence over several wrong fields."""
    return _("This cannot be saved as it is. See the named fields.")
