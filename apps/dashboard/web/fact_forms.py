"""Forms of the pages about category, attributes, facts, papers, parties and texts of a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.attribute_rules import AttributeSpec
from apps.catalog.fact_rules import HAZARD_CLASSES, PACKING_GROUPS
from apps.catalog.models import Party, ProductDocument, ProductFacts
from apps.catalog.services.facts import FLAGS, PARTIES, SAFETY, FactValue
from apps.common.errors import DomainError
from apps.common.formatting import join_words
from apps.dashboard.words import country_name
from apps.markets.landed.rows import EU_MEMBERS

Choices = list[tuple[str, str | Promise]]
UNSAID = gettext_lazy("Not said yet")
PREFIX = "attributes."
_MANY = 6


class PlainDecimalField(forms.DecimalField):
    """A decimal that may be typed with a comma."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        """Return the number of ``7,4`` as of ``7.4``."""
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class FactsForm(forms.Form):
    """Battery, dangerous goods, and who answers for the product."""

    battery = forms.ChoiceField(
        label=gettext_lazy("Battery"),
        required=False,
        choices=[("", UNSAID), *ProductFacts.Battery.choices],
    )
    battery_count = forms.IntegerField(
        label=gettext_lazy("Number of batteries"), required=False, min_value=0, max_value=9999
    )
    battery_wh = PlainDecimalField(
        label=gettext_lazy("Watt-hours per battery"),
        required=False,
        max_digits=8,
        decimal_places=2,
        help_text=gettext_lazy("Lithium-ion only. It is printed on the battery."),
    )
    battery_lithium_g = PlainDecimalField(
        label=gettext_lazy("Grams of lithium per battery"),
        required=False,
        max_digits=8,
        decimal_places=3,
        help_text=gettext_lazy("Lithium metal only, such as button cells."),
    )
    dangerous = forms.ChoiceField(
        label=gettext_lazy("Dangerous goods"),
        required=False,
        choices=[("", UNSAID), *ProductFacts.Dangerous.choices],
        help_text=gettext_lazy("Beside a lithium battery: sprays, solvents, magnets, acids."),
    )
    un_number = forms.CharField(label=gettext_lazy("UN number"), required=False, max_length=10)
    hazard_class = forms.ChoiceField(
        label=gettext_lazy("Class"),
        required=False,
        choices=[("", "—"), *((name, name) for name in HAZARD_CLASSES)],
    )
    packing_group = forms.ChoiceField(
        label=gettext_lazy("Packing group"),
        required=False,
        choices=[("", "—"), *((name, name) for name in PACKING_GROUPS)],
    )
    is_limited_quantity = forms.BooleanField(
        label=gettext_lazy("Ships as limited quantity"), required=False
    )
    has_magnet = forms.BooleanField(label=gettext_lazy("Has a strong magnet"), required=False)
    has_liquid = forms.BooleanField(label=gettext_lazy("Contains liquid"), required=False)
    has_powder = forms.BooleanField(label=gettext_lazy("Contains powder"), required=False)

    def __init__(self, *args: object, parties: Sequence[Party], **kwargs: object) -> None:
        """Add one choice per kind of party."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for kind in Party.Kind:
            fitting = [(item.public_id, item.name) for item in parties if item.kind == kind]
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, required=False, choices=[("", UNSAID), *fitting]
            )

    def changes(self) -> dict[str, FactValue]:
        """Return what was typed; an explicit “none” clears what belongs to it."""
        data = dict(self.cleaned_data)
        data["battery_count"] = data["battery_count"] or 0
        if data["battery"] == ProductFacts.Battery.NONE:
            data |= {"battery_count": 0, "battery_wh": None, "battery_lithium_g": None}
        if data["dangerous"] == ProductFacts.Dangerous.NO:
            data |= {"un_number": "", "hazard_class": "", "packing_group": ""}
            data["is_limited_quantity"] = False
        return {name: data[name] for name in (*SAFETY, *FLAGS, *PARTIES)}


def initial_facts_of(facts: ProductFacts) -> dict[str, object]:
    """Return what the form shows first."""
    shown: dict[str, object] = {name: getattr(facts, name) for name in (*SAFETY, *FLAGS)}
    shown["battery_count"] = facts.battery_count or None
    for name in PARTIES:
        party: Party | None = getattr(facts, name)
        shown[name] = party.public_id if party else ""
    return shown


class DocumentForm(forms.Form):
    """A paper to add."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of paper"), choices=ProductDocument.Kind.choices
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the paper"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Such as the report’s number."),
    )
    issued_on = forms.DateField(
        label=gettext_lazy("Issued on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPEG or PNG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


class PartyFactsForm(forms.Form):
    """A company that answers for products; its kind is fixed once it is made."""

    name = forms.CharField(label=gettext_lazy("Company name"), max_length=160)
    address = forms.CharField(
        label=gettext_lazy("Postal address"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    country = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=2,
        help_text=gettext_lazy("Two letters, such as CN."),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(),
    )
    website = forms.CharField(label=gettext_lazy("Contact page"), required=False, max_length=200)

    def clean_country(self) -> str:
        """Return a country's two letters in capitals."""
        code = str(self.cleaned_data["country"]).strip().upper()
        if country_name(code) == code:
            raise forms.ValidationError(_("“%(code)s” is not a country.") % {"code": code})
        return code


class PartyForm(PartyFactsForm):
    """A company to add."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of company"), choices=Party.Kind.choices)

    field_order = ("kind",)


class TextForm(forms.Form):
    """Title and description in one language."""

    locale = forms.CharField(max_length=12, widget=forms.HiddenInput())
    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def texts(self) -> dict[str, str]:
        """Return what was typed."""
        return {name: self.cleaned_data[name] for name in ("title", "description")}


class NewTextForm(TextForm):
    """A text in a language that has none yet."""

    def __init__(self, *args: object, languages: Choices, **kwargs: object) -> None:
        """Offer the languages."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["locale"] = forms.ChoiceField(label=_("Language"), choices=languages)


class MarketTextForm(forms.Form):
    """What one market says instead; an empty field follows the source."""

    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AttributesForm(forms.Form):
    """One field per attribute of the category; the service checks the values."""

    use_required_attribute = False

    def __init__(self, *args: object, specs: Sequence[AttributeSpec], **kwargs: object) -> None:
        """Make the fields."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.specs = specs
        for spec in specs:
            self.fields[PREFIX + spec.key] = _attribute_field(spec)

    def given(self) -> dict[str, object]:
        """Return what was typed, by key."""
        return {spec.key: self.cleaned_data[PREFIX + spec.key] for spec in self.specs}


def initial_attributes(values: Mapping[str, object]) -> dict[str, object]:
    """Return what the form shows first."""
    shown = {True: "true", False: "false"}
    return {
        PREFIX + key: shown[value] if isinstance(value, bool) else value
        for key, value in values.items()
    }


def tell(form: forms.Form, error: DomainError) -> None:
    """Put the sentences of a refusal beside their fields, the others above the form."""
    for path, sentence in (error.fields or {"": error.message}).items():
        form.add_error(path if path in form.fields else None, sentence)


def needed_in(spec: AttributeSpec) -> str:
    """Return where an attribute is needed, in words; empty where it is needed nowhere."""
    if not spec.is_required:
        return ""
    if not spec.markets:
        return _("Needed in all markets.")
    shown = set(spec.markets)
    names = [_("the EU")] if shown >= EU_MEMBERS else []
    rest = sorted(shown - EU_MEMBERS if names else shown)
    names += [country_name(code) for code in rest[:_MANY]]
    if len(rest) > _MANY:
        names.append(_("%(count)s more") % {"count": len(rest) - _MANY})
    return _("Needed in: %(markets)s.") % {"markets": join_words(names)}


class _OpenText(forms.CharField):
    """A field that is told as needed, but may wait: a product is described step by step."""

    def validate(self, value: object) -> None:
        """Leave the judgement to the rules of the category."""


class _OpenChoices(forms.MultipleChoiceField):
    """Several choices that are told as needed, but may wait."""

    def validate(self, value: list[str]) -> None:
        """Leave the judgement to the rules of the category."""


def _attribute_field(spec: AttributeSpec) -> forms.Field:
    label = f"{spec.label} ({spec.unit})" if spec.unit else spec.label
    hint = " ".join(part for part in (needed_in(spec), spec.basis) if part)
    if spec.kind == "multi_choice":
        return _OpenChoices(
            label=label,
            required=spec.is_required,
            choices=[(choice, choice) for choice in spec.choices],
            help_text=hint,
            widget=forms.CheckboxSelectMultiple(),
        )
    return _OpenText(label=label, required=spec.is_required, help_text=hint, widget=_widget(spec))


def _widget(spec: AttributeSpec) -> forms.Widget:
    if spec.kind == "boolean":
        return forms.Select(choices=[("", UNSAID), ("true", _("Yes")), ("false", _("No"))])
    if spec.kind == "choice":
        return forms.Select(choices=[("", UNSAID), *((name, name) for name in spec.choices)])
    if spec.kind == "date":
        return forms.DateInput(attrs={"type": "date"})
    if spec.kind == "number":
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.TextInput(attrs={"maxlength": spec.max_length or 500})
