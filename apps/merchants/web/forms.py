"""Forms of the company's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from babel import Locale
from babel.numbers import get_territory_currencies
from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from apps.common.zones import list_zone_choices, with_own_zone
from apps.merchants.models import Merchant, Role

if TYPE_CHECKING:
    _MerchantForm = forms.ModelForm[Merchant]
else:
    # Django's class cannot be subscripted at run time.
    _MerchantForm = forms.ModelForm

CURRENCIES = [
    "CNY",
    "USD",
    "EUR",
    "GBP",
    "HKD",
    "JPY",
    "KRW",
    "SGD",
    "MYR",
    "THB",
    "VND",
    "PHP",
    "IDR",
    "AUD",
    "NZD",
    "CAD",
    "MXN",
    "BRL",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "TRY",
    "ILS",
    "AED",
    "SAR",
    "ZAR",
    "INR",
    "TWD",
]


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


def list_countries() -> list[tuple[str, str]]:
    """Return the countries of the world in the reader's language, by name."""
    names = _locale().territories
    known = [
        (code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and get_territory_currencies(code)
    ]
    return sorted(known, key=lambda item: item[1])


def list_currencies() -> list[tuple[str, str]]:
    """Return the usual settlement currencies with their names."""
    names = _locale().currencies
    return [(code, f"{code} – {names.get(code, code)}") for code in CURRENCIES]


class CompanyForm(_MerchantForm):
    """Name, home and usual fulfilment model of a company."""

    country = forms.ChoiceField(label=_("Country"), choices=lazy(list_countries, list)())
    base_currency = forms.ChoiceField(
        label=_("Own currency"),
        choices=lazy(list_currencies, list)(),
        help_text=_("Totals of all markets are also shown in it."),
    )
    time_zone = forms.ChoiceField(
        label=_("Reporting time zone"),
        help_text=_("A day in reports and files begins and ends there."),
    )

    class Meta:
        """The facts a company states about itself."""

        model = Merchant
        fields = ("name", "country", "base_currency", "time_zone", "default_model")
        widgets = {"default_model": forms.RadioSelect}
        labels = {"name": _("Company name"), "default_model": _("Usual fulfilment model")}
        help_texts = {"default_model": _("New listings start with it. It can differ per listing.")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the zones of the world, and the one in use whatever it is."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = cast("forms.ChoiceField", self.fields["time_zone"])
        field.choices = with_own_zone(list_zone_choices(), self.instance.time_zone)

    def clean_name(self) -> str:
        """Refuse a name of spaces."""
        name: str = self.cleaned_data["name"].strip()
        return name

    def changes(self) -> dict[str, str]:
        """Return the wanted values of the changed fields."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class NewCompanyForm(CompanyForm):
    """A company and the name of its first store."""

    store_name = forms.CharField(
        label=_("Store name"),
        max_length=120,
        required=False,
        help_text=_("Buyers see it. Empty: the company name."),
    )

    field_order = ("name", "store_name", "country", "base_currency", "time_zone", "default_model")


class StoreForm(forms.Form):
    """The name buyers see."""

    store_name = forms.CharField(
        label=_("Store name"), max_length=120, help_text=_("Buyers see it on orders and labels.")
    )


class InviteForm(forms.Form):
    """Who is invited, as what, and in which language the e-mail is."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.OPERATIONS, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(
        label=_("Language of the e-mail"),
        choices=settings.LANGUAGES,
        help_text=_("People who already use the portal get it in their own language."),
    )


class RoleForm(forms.Form):
    """A member's new role."""

    role = forms.ChoiceField(label=_("New role"), choices=Role.choices, widget=forms.RadioSelect)
