"""The fields of the promotion page: which a kind has, and how they are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.dashboard.web.product_forms import AmountField

PERCENT, AMOUNT, PRICE = "percent", "amount", "price"
VALUES: dict[str, tuple[str, ...]] = {
    "product_discount": (PERCENT, AMOUNT, PRICE),
    "flash_sale": (PERCENT, AMOUNT, PRICE),
    "live_price": (PERCENT, AMOUNT, PRICE),
    "follower_price": (PERCENT, AMOUNT, PRICE),
    "first_order_price": (PERCENT, AMOUNT, PRICE),
    "voucher": (PERCENT, AMOUNT),
    "order_discount": (PERCENT, AMOUNT),
    "shipping": (PERCENT, AMOUNT, PRICE),
    "quantity_tiers": (PERCENT, AMOUNT, PRICE),
    "spend_tiers": (PERCENT, AMOUNT),
    "bundle": (PRICE,),
    "buy_get": (),
    "gift": (),
}
TIERED = frozenset({"quantity_tiers", "spend_tiers"})
# Kinds whose goods are chosen in the list of goods; the others name them in fields of their own.
TARGETED = frozenset(VALUES) - {"bundle", "shipping"}
TIERS, PARTS = (1, 2, 3), (1, 2, 3, 4)
WITHIN, SAME, OTHER = "within", "same", "other"
_MOST = 1_000_000


def value_fields(kind: str, currencies: Sequence[str]) -> Iterator[tuple[str, forms.Field]]:
    """Yield what the buyer gets."""
    allowed = VALUES[kind]
    labels = {
        PERCENT: gettext_lazy("Percent off"),
        AMOUNT: gettext_lazy("Amount off"),
        PRICE: gettext_lazy("Price"),
    }
    if len(allowed) > 1:
        yield (
            "value_type",
            forms.ChoiceField(
                label=_("What buyers get"),
                choices=[(name, labels[name]) for name in allowed],
                widget=forms.RadioSelect,
                initial=PERCENT,
            ),
        )
    if kind in TIERED:
        yield from _tier_fields(kind, currencies)
    elif allowed:
        yield from _amount_or_percent("", allowed, currencies)
    if kind == "buy_get":
        yield from _set_fields()
    elif kind == "bundle":
        yield from _bundle_fields()
    elif kind == "gift":
        yield "gift_sku", forms.CharField(label=_("SKU of the gift"), max_length=64)
        yield "gift_quantity", _count(_("Units of the gift"), initial=1, required=True)
        yield "gift_per", _count(_("For every so many units bought"))


def _amount_or_percent(
    before: str, allowed: Sequence[str], currencies: Sequence[str]
) -> Iterator[tuple[str, forms.Field]]:
    if PERCENT in allowed:
        yield f"{before}percent", percent_field(_("Percent"))
    for code in currencies:
        yield (
            f"{before}amount_{code}",
            AmountField(
                label=_("Amount in %(currency)s") % {"currency": code},
                required=False,
                currency=code,
            ),
        )


def _tier_fields(kind: str, currencies: Sequence[str]) -> Iterator[tuple[str, forms.Field]]:
    for place in TIERS:
        values = {"place": place}
        if kind == "quantity_tiers":
            yield f"tier{place}_quantity", _count(_("Tier %(place)s: units from") % values)
        else:
            for code in currencies:
                label = _("Tier %(place)s: spend from, in %(currency)s") % {
                    **values,
                    "currency": code,
                }
                yield (
                    f"tier{place}_spend_{code}",
                    AmountField(label=label, required=False, currency=code),
                )
        yield f"tier{place}_percent", percent_field(_("Tier %(place)s: percent off") % values)
        for code in currencies:
            label = _("Tier %(place)s: amount in %(currency)s") % {**values, "currency": code}
            yield (
                f"tier{place}_amount_{code}",
                AmountField(label=label, required=False, currency=code),
            )


def _set_fields() -> Iterator[tuple[str, forms.Field]]:
    yield "buy_quantity", _count(_("Units to buy"), initial=2, required=True)
    yield "get_quantity", _count(_("Units to get"), initial=1, required=True)
    yield "get_percent", percent_field(_("Percent off those"), required=True, initial=Decimal(100))
    yield (
        "get_from",
        forms.ChoiceField(
            label=_("The units to get are"),
            choices=[
                (WITHIN, _("among those bought (three for two)")),
                (SAME, _("further units of the same goods")),
                (OTHER, _("other goods")),
            ],
            widget=forms.RadioSelect,
            initial=SAME,
        ),
    )
    yield "get_skus", word_field(_("SKUs of the other goods"))


def _bundle_fields() -> Iterator[tuple[str, forms.Field]]:
    for place in PARTS:
        values = {"place": place}
        yield (
            f"part{place}_sku",
            forms.CharField(
                label=_("Part %(place)s: SKU") % values, max_length=64, required=place == 1
            ),
        )
        yield f"part{place}_quantity", _count(_("Part %(place)s: units") % values, initial=1)


def condition_fields(kind: str, currencies: Sequence[str]) -> Iterator[tuple[str, forms.Field]]:
    """Yield for whom, where and when."""
    if kind != "live_price":
        yield "channels", word_field(_("Channels"), _("Such as live, video, shop. Empty: all."))
    else:
        yield "channels", word_field(_("Channels"), _("Empty: live sessions."))
    yield "contents", word_field(_("Live sessions or videos"), _("Their ids. Empty: all."))
    yield "countries", word_field(_("Delivery countries"), _("Two letters each. Empty: all."))
    if kind != "follower_price":
        yield "follower", forms.BooleanField(label=_("Only followers"), required=False)
    if kind != "first_order_price":
        yield "first_order", forms.BooleanField(label=_("Only first orders"), required=False)
    yield "hours_from", _clock(_("Daily from"))
    yield "hours_to", _clock(_("Daily to"))
    yield (
        "weekdays",
        forms.MultipleChoiceField(
            label=_("On these days"),
            required=False,
            choices=[
                ("1", _("Monday")),
                ("2", _("Tuesday")),
                ("3", _("Wednesday")),
                ("4", _("Thursday")),
                ("5", _("Friday")),
                ("6", _("Saturday")),
                ("7", _("Sunday")),
            ],
            widget=forms.CheckboxSelectMultiple,
        ),
    )
    for code in currencies:
        label = _("Minimum spend in %(currency)s") % {"currency": code}
        yield f"min_spend_{code}", AmountField(label=label, required=False, currency=code)
    yield "min_quantity", _count(_("Minimum units in the cart"))


def limit_fields(kind: str, currencies: Sequence[str]) -> Iterator[tuple[str, forms.Field]]:
    """Yield how far it goes."""
    yield "uses", _count(_("Orders in all"))
    yield "uses_per_buyer", _count(_("Orders of one buyer"))
    if kind not in {"shipping", "gift"}:
        yield "units", _count(_("Units in all"), required=kind == "flash_sale")
        yield "units_per_buyer", _count(_("Units of one buyer"))
        yield "units_per_order", _count(_("Units in one order"))
    for code in currencies:
        values = {"currency": code}
        yield (
            f"max_discount_{code}",
            AmountField(
                label=_("Most off an order, in %(currency)s") % values,
                required=False,
                currency=code,
            ),
        )
        yield (
            f"budget_{code}",
            AmountField(label=_("Budget in %(currency)s") % values, required=False, currency=code),
        )


def together_fields() -> Iterator[tuple[str, forms.Field]]:
    """Yield how it stands beside others."""
    yield (
        "priority",
        forms.IntegerField(
            label=_("Priority"),
            required=False,
            min_value=-1000,
            max_value=1000,
            help_text=_("The higher is tried earlier."),
        ),
    )
    yield (
        "group",
        forms.CharField(
            label=_("Group"),
            required=False,
            max_length=40,
            help_text=_("Of one group, the best promotion applies."),
        ),
    )
    yield "exclusive", forms.BooleanField(label=_("Applies alone"), required=False)
    yield (
        "margin_guard",
        percent_field(
            _("Keep above the cost, as a percentage of the price"), most=Decimal("99.99")
        ),
    )


def percent_field(
    label: str,
    *,
    required: bool = False,
    initial: Decimal | None = None,
    most: Decimal = Decimal(100),
) -> forms.DecimalField:
    """Return a field for a percentage above nothing."""
    return forms.DecimalField(
        label=label,
        required=required,
        initial=initial,
        min_value=Decimal("0.01"),
        max_value=most,
        max_digits=5,
        decimal_places=2,
    )


def word_field(label: str, hint: str = "") -> forms.CharField:
    """Return a field for words with commas between them."""
    return forms.CharField(label=label, required=False, max_length=400, help_text=hint)


def _count(label: str, *, initial: int | None = None, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, initial=initial, min_value=1, max_value=_MOST
    )


def _clock(label: str) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)
