"""Forms of the product pages. Prices are typed as people write them and kept in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.models import Product, Variant
from apps.catalog.rules import is_gtin, is_hs_code
from apps.catalog.services import VariantDraft
from apps.common.formatting import currency_symbol, parse_amount
from apps.common.money import Money
from apps.dashboard.words import country_name
from apps.inventory.models import Node
from apps.markets.models import Market
from apps.merchants.models import Merchant

SHOWN_FIRST = ("US", "GB", "DE", "FR", "JP", "SG")
MAX_PRICE_MINOR = 10**11
MAX_GRAMS = 600_000
MAX_MM = 100_000
MEASURES = ("weight_g", "length_mm", "width_mm", "height_mm")


class AmountField(forms.CharField):
    """Money as people type it; cleans to minor units of ``currency``."""

    def __init__(self, *args: object, currency: str = "CNY", **kwargs: object) -> None:
        """Keep the currency."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        self.widget.attrs.setdefault("inputmode", "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")

    def clean(self, value: str | None) -> int | None:
        """Return minor units, or nothing for an empty field that may be empty."""
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = parse_amount(text, self.currency)
        except ValueError:
            raise forms.ValidationError(
                _("“%(text)s” is not an amount in %(currency)s.")
                % {"text": text, "currency": self.currency}
            ) from None
        if not 0 <= minor <= MAX_PRICE_MINOR:
            raise forms.ValidationError(_("This amount is out of range."))
        return minor


class GoodsForm(forms.Form):
    """What every form about a variant asks: option, GTIN and weight."""

    option = forms.CharField(
        label=gettext_lazy("Option"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Colour or size, if there are several."),
    )
    gtin = forms.CharField(label=gettext_lazy("GTIN"), required=False, max_length=14)
    weight_g = forms.IntegerField(
        label=gettext_lazy("Weight in grams"), required=False, min_value=0, max_value=MAX_GRAMS
    )

    def clean_gtin(self) -> str:
        """Return the digits; one that is wrong says so beside its field."""
        code = str(self.cleaned_data["gtin"]).replace(" ", "").replace("-", "")
        if code and not is_gtin(code):
            raise forms.ValidationError(_("The check digit of this GTIN is wrong."))
        return code


class CustomsForm(forms.Form):
    """What the product is, and what customs asks."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    brand = forms.CharField(label=gettext_lazy("Brand"), required=False, max_length=80)
    category = forms.CharField(label=gettext_lazy("Category"), required=False, max_length=120)
    origin_country = forms.CharField(
        label=gettext_lazy("Country of origin"),
        required=False,
        max_length=2,
        help_text=gettext_lazy("Two letters, such as CN."),
    )
    hs_code = forms.CharField(
        label=gettext_lazy("HS code"),
        required=False,
        max_length=16,
        help_text=gettext_lazy("6 to 12 digits. Dots and spaces do not matter."),
    )
    customs_name = forms.CharField(
        label=gettext_lazy("Customs description"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("What it is and of what, such as “Pendant lamp of rattan”."),
    )

    def clean_origin_country(self) -> str:
        """Return a country's two letters in capitals."""
        code = str(self.cleaned_data["origin_country"]).strip().upper()
        if code and country_name(code) == code:
            raise forms.ValidationError(_("“%(code)s” is not a country.") % {"code": code})
        return code

    def clean_hs_code(self) -> str:
        """Return the digits alone."""
        code = str(self.cleaned_data["hs_code"]).replace(".", "").replace(" ", "")
        if code and not is_hs_code(code):
            raise forms.ValidationError(_("An HS code has 6, 8, 10 or 12 digits."))
        return code


class ProductForm(CustomsForm):
    """Changing a product."""

    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=Product.Status.choices)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One market of the form: its field and how to name it."""

    market: Market
    field: forms.BoundField
    symbol: str
    name: str


class NewProductForm(GoodsForm, CustomsForm):
    """A product with one SKU, its first stock, and its price per market, on one page."""

    photo = forms.ImageField(
        label=gettext_lazy("Photo"), required=False, help_text=gettext_lazy("JPEG, PNG or WebP.")
    )
    sku = forms.CharField(label=gettext_lazy("SKU"), max_length=64)
    quantity = forms.IntegerField(
        label=gettext_lazy("Units on the shelf"), required=False, min_value=0, max_value=10_000_000
    )

    def __init__(
        self,
        *args: object,
        merchant: Merchant,
        markets: list[Market],
        nodes: list[Node],
        **kwargs: object,
    ) -> None:
        """Add cost in the company's currency, the node, and one price per market."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.merchant, self.markets, self.nodes = merchant, markets, nodes
        currency = merchant.base_currency
        self.fields["cost"] = AmountField(
            label=_("Cost per unit in %(currency)s") % {"currency": currency},
            required=False,
            currency=currency,
            help_text=_("Buyers never see it. It shows what you keep."),
        )
        self.fields["node"] = forms.ChoiceField(
            label=_("Where it stands"),
            choices=[(node.public_id, node.name) for node in nodes]
            or [("", _("A new shelf at your place"))],
            required=bool(nodes),
        )
        for market in markets:
            self.fields[f"price_{market.code}"] = AmountField(
                label=country_name(market.code), required=False, currency=market.currency
            )

    @property
    def price_rows(self) -> list[PriceRow]:
        """The price fields, the usual markets first."""
        ranked = sorted(
            self.markets,
            key=lambda market: (
                SHOWN_FIRST.index(market.code) if market.code in SHOWN_FIRST else 99,
                market.code,
            ),
        )
        return [
            PriceRow(
                market,
                self[f"price_{market.code}"],
                currency_symbol(market.currency),
                country_name(market.code),
            )
            for market in ranked
        ]

    @property
    def first_rows(self) -> list[PriceRow]:
        """The markets that are shown at once."""
        return self.price_rows[: len(SHOWN_FIRST)]

    @property
    def other_rows(self) -> list[PriceRow]:
        """The markets that open on demand."""
        return self.price_rows[len(SHOWN_FIRST) :]

    def prices(self) -> dict[Market, int]:
        """Return the prices that were given, in minor units of each market."""
        given = {market: self.cleaned_data.get(f"price_{market.code}") for market in self.markets}
        return {market: minor for market, minor in given.items() if minor}


class VariantFactsForm(GoodsForm):
    """The facts of a variant that may change; the cost is typed in ``currency``.

    Who may not see money (``has_cost`` false) neither sees the cost nor changes it.
    """

    length_mm = forms.IntegerField(
        label=gettext_lazy("Length in mm"), required=False, min_value=0, max_value=MAX_MM
    )
    width_mm = forms.IntegerField(
        label=gettext_lazy("Width in mm"), required=False, min_value=0, max_value=MAX_MM
    )
    height_mm = forms.IntegerField(
        label=gettext_lazy("Height in mm"), required=False, min_value=0, max_value=MAX_MM
    )

    def __init__(
        self, *args: object, currency: str, has_cost: bool = True, **kwargs: object
    ) -> None:
        """Add the cost in its currency."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        if has_cost:
            self.fields["cost"] = AmountField(
                label=_("Cost per unit in %(currency)s") % {"currency": currency},
                required=False,
                currency=currency,
            )

    def facts(self) -> dict[str, str | int]:
        """Return what was typed as the catalog names it; an empty number is zero."""
        data = self.cleaned_data
        facts: dict[str, str | int] = {"option": data["option"], "gtin": data["gtin"]}
        facts.update({name: data[name] or 0 for name in MEASURES})
        if "cost" in self.fields:
            facts.update(cost_minor=data["cost"] or 0, cost_currency=self.currency)
        return facts


class VariantForm(VariantFactsForm):
    """A variant to add."""

    sku = forms.CharField(label=gettext_lazy("SKU"), max_length=64)

    field_order = ("sku",)

    def draft(self) -> VariantDraft:
        """Return the variant that was typed."""
        data = self.cleaned_data
        return VariantDraft(
            sku=data["sku"],
            option=data["option"],
            gtin=data["gtin"],
            weight_g=data["weight_g"] or 0,
            length_mm=data["length_mm"] or 0,
            width_mm=data["width_mm"] or 0,
            height_mm=data["height_mm"] or 0,
            cost_minor=data["cost"] or 0,
            cost_currency=self.currency,
        )


@dataclass(frozen=True, slots=True)
class VariantCard:
    """One variant of the product page: its stock, its form, and whether the form is open."""

    variant: Variant
    available: int
    reserved: int
    form: VariantFactsForm

    @property
    def is_open(self) -> bool:
        """Say whether what was typed was not accepted."""
        return self.form.is_bound


def list_cards(
    variants: list[Variant],
    stock: Mapping[int, tuple[int, int]],
    typed: Mapping[str, VariantFactsForm],
    *,
    has_cost: bool,
) -> list[VariantCard]:
    """Return the variants with their forms; ``typed`` replaces the forms of the ids it names."""
    return [
        VariantCard(
            variant,
            *stock.get(variant.pk, (0, 0)),
            typed.get(variant.public_id) or _facts_form(variant, has_cost=has_cost),
        )
        for variant in variants
    ]


def _facts_form(variant: Variant, *, has_cost: bool) -> VariantFactsForm:
    initial = {name: getattr(variant, name) for name in ("option", "gtin", *MEASURES)}
    cost = Money.from_minor(variant.cost_minor, variant.cost_currency)
    initial["cost"] = f"{cost.amount:f}"
    return VariantFactsForm(
        initial=initial,
        currency=variant.cost_currency,
        has_cost=has_cost,
        auto_id=f"{variant.public_id}-%s",
    )


class PriceForm(forms.Form):
    """A variant's price in a market; the amount is read when the market is known."""

    sku = forms.CharField(max_length=64)
    market = forms.CharField(max_length=2)
    price = forms.CharField(max_length=40)
    model = forms.ChoiceField(choices=Merchant.Model.choices, required=False)


class StockForm(forms.Form):
    """What was counted of a variant at a node."""

    sku = forms.CharField(max_length=64)
    node = forms.CharField(max_length=32)
    quantity = forms.IntegerField(min_value=0, max_value=10_000_000)
