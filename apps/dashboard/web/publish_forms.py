"""Forms of the publish page: markets with prices, the price rule with base prices, stated facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.models import Ending, PriceRule, Product, Variant
from apps.catalog.services import RuleDraft
from apps.common.formatting import parse_amount
from apps.common.money import Money
from apps.compliance.publishing.facts import Case
from apps.compliance.publishing.reading import KEEP, OWN, RULE, Wanted
from apps.dashboard.selectors.publish_parts import price_text
from apps.dashboard.web.product_forms import AmountField
from apps.markets.models import Market
from apps.merchants.models import Merchant

PRODUCT, COMPANY = "product", "company"


@dataclass(slots=True)
class PublishForm:
    """What was asked for: a wish per market, the texts as typed, and what is wrong with them."""

    wanted: dict[str, Wanted] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_publish(data: QueryDict, cases: Mapping[str, Case], *, model: str) -> PublishForm:
    """Return the wishes of a posted publish form.

    A price that stands in the field as the page showed it keeps what is behind it: the rule or the
    listing's own price. An emptied field follows the rule, another amount becomes an own price.
    """
    form = PublishForm()
    for code in dict.fromkeys(data.getlist("markets")):
        case = cases.get(code)
        text = data.get(f"price_{code}", "").strip()[:40]
        form.texts[code] = text
        if case is None:
            form.wanted[code] = Wanted(model=model)
            continue
        shown, _range = price_text(case.offers)
        if text in {shown, ""}:
            emptied = not text and bool(shown) and case.has_rule
            form.wanted[code] = Wanted(RULE if emptied else KEEP, model=model)
            continue
        currency = case.market.currency
        form.wanted[code] = Wanted(OWN, _minor(text, currency, code, form.errors), model)
    return form


def _minor(text: str, currency: str, code: str, errors: dict[str, str]) -> int:
    try:
        minor = parse_amount(text, currency)
    except ValueError:
        errors[f"price_{code}"] = _("“%(text)s” is not an amount in %(currency)s.") % {
            "text": text,
            "currency": currency,
        }
        return 1
    if minor <= 0:
        errors[f"price_{code}"] = _("A price must be above zero.")
        return 1
    return minor


class TermsForm(forms.Form):
    """The terms of a price rule: percent, uplift, ending, limits, and when the rate moves prices."""

    percent = forms.DecimalField(
        label=gettext_lazy("Add to the base price, in %"),
        min_value=Decimal("-99.999"),
        max_value=1000,
        max_digits=7,
        decimal_places=3,
    )
    ending = forms.ChoiceField(label=gettext_lazy("Prices"), choices=Ending.choices)
    hysteresis = forms.DecimalField(
        label=gettext_lazy("Move by the exchange rate from, in %"),
        min_value=0,
        max_value=50,
        max_digits=4,
        decimal_places=2,
        help_text=gettext_lazy("Smaller changes of the rate alone leave prices as they are."),
    )

    def __init__(
        self, *args: object, merchant: Merchant, rule: PriceRule | None, **kwargs: object
    ) -> None:
        """Add uplift and limits in the rule's currency, else the company's."""
        self.currency = rule.currency if rule is not None else merchant.base_currency
        kwargs.setdefault("initial", initial_terms(rule, self.currency))
        super().__init__(*args, auto_id="rule-%s", **kwargs)  # type: ignore[arg-type, misc]
        values = {"currency": self.currency}
        labels = {
            "uplift": _("And a fixed amount in %(currency)s") % values,
            "floor": _("Never below, in %(currency)s") % values,
            "ceiling": _("Never above, in %(currency)s") % values,
        }
        for name, label in labels.items():
            self.fields[name] = AmountField(label=label, required=False, currency=self.currency)

    def terms(self, *, product: Product | None = None, market: Market | None = None) -> RuleDraft:
        """Return the rule that was typed, for a product or the company, in a market or in all."""
        data = self.cleaned_data
        return RuleDraft(
            currency=self.currency,
            percent=data["percent"],
            uplift_minor=data["uplift"] or 0,
            floor_minor=data["floor"] or None,
            ceiling_minor=data["ceiling"] or None,
            ending=data["ending"],
            hysteresis=data["hysteresis"] / 100,
            product=product,
            market=market,
        )


class RuleForm(TermsForm):
    """The price rule of a product or of the company, and the base price of each variant."""

    scope = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[
            (PRODUCT, gettext_lazy("This product")),
            (COMPANY, gettext_lazy("All products without a rule of their own")),
        ],
    )
    field_order = ("scope", "percent", "ending", "hysteresis")

    def __init__(
        self,
        *args: object,
        merchant: Merchant,
        variants: Sequence[Variant],
        rule: PriceRule | None,
        **kwargs: object,
    ) -> None:
        """Add one base price per variant, in the rule's currency."""
        currency = rule.currency if rule is not None else merchant.base_currency
        self.variants = variants
        kwargs.setdefault("initial", _initial(rule, variants, currency))
        super().__init__(*args, merchant=merchant, rule=rule, **kwargs)
        for variant in variants:
            self.fields[f"base_{variant.public_id}"] = AmountField(
                label=_("Base price of %(sku)s in %(currency)s")
                % {"currency": self.currency, "sku": variant.sku},
                required=False,
                currency=self.currency,
            )

    def draft(self, product: Product) -> RuleDraft:
        """Return the rule that was typed."""
        return self.terms(product=product if self.cleaned_data["scope"] == PRODUCT else None)

    def base_prices(self) -> dict[Variant, int]:
        """Return the base prices that were typed anew, in minor units."""
        given = {
            variant: self.cleaned_data.get(f"base_{variant.public_id}") or 0
            for variant in self.variants
        }
        return {
            variant: minor
            for variant, minor in given.items()
            if (minor, self.currency)
            != (variant.base_price_minor, variant.base_price_currency if minor else self.currency)
        }


def _initial(
    rule: PriceRule | None, variants: Sequence[Variant], currency: str
) -> dict[str, object]:
    bases: dict[str, object] = {
        f"base_{variant.public_id}": _text(variant.base_price_minor, currency)
        for variant in variants
        if variant.base_price_minor and variant.base_price_currency == currency
    }
    scope = PRODUCT if rule is not None and rule.product_id else COMPANY
    return {**bases, **initial_terms(rule, currency), "scope": scope}


def initial_terms(rule: PriceRule | None, currency: str) -> dict[str, object]:
    """Return what the fields of a rule's terms show before anybody typed."""
    if rule is None:
        return {"percent": 0, "ending": Ending.END_99, "hysteresis": 1}
    return {
        "percent": f"{rule.percent.normalize():f}",
        "ending": rule.ending,
        "hysteresis": f"{(rule.hysteresis * 100).normalize():f}",
        "uplift": _text(rule.uplift_minor, currency),
        "floor": _text(rule.floor_minor, currency),
        "ceiling": _text(rule.ceiling_minor, currency),
    }


def _text(minor: int | None, currency: str) -> str:
    return f"{Money.from_minor(minor, currency).amount:f}" if minor else ""


def read_percent(text: str) -> Decimal | None:
    """Return a percentage as a share: ``16,5`` gives 0.165; nothing for what is no number."""
    try:
        value = Decimal(text.strip().rstrip("%").replace(",", ".").strip())
    except InvalidOperation:
        return None
    return value / 100 if value.is_finite() else None
