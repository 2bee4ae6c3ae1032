"""One form for promotions of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.utils.translation import gettext as _

from apps.dashboard.web.promotion_fields import (
    OTHER,
    PERCENT,
    TARGETED,
    TIERED,
    TIERS,
    VALUES,
    condition_fields,
    limit_fields,
    together_fields,
    value_fields,
)
from apps.dashboard.web.promotion_rules import KEYS, initial_of, items_of, rule_of, split_words
from apps.dashboard.words import country_name
from apps.markets.models import Market
from apps.promotions.models import Promotion
from apps.promotions.requests import PromotionDraft

_EMPTY: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together; ``is_open`` shows them at once."""

    key: str
    title: str
    fields: tuple[forms.BoundField, ...]
    is_open: bool = True


class PromotionForm(forms.Form):
    """What a promotion is, field by field; amounts are asked for in each currency of its markets."""

    def __init__(
        self,
        data: object = None,
        *,
        kind: str,
        markets: Sequence[Market],
        promotion: Promotion | None = None,
        initial: Mapping[str, object] = _EMPTY,
    ) -> None:
        """Add the fields of the kind, in the currencies of the markets that are chosen."""
        self.kind, self.markets, self.promotion = kind, markets, promotion
        self.before = dict(promotion.rule) if promotion is not None else {}
        start = {**_initial(promotion), **initial}
        super().__init__(data, initial=start, auto_id="promo-%s")  # type: ignore[arg-type]
        chosen = self._chosen_markets()
        self.currencies = sorted({market.currency for market in chosen})
        groups = {
            "basics": self._basics(),
            "value": value_fields(kind, self.currencies),
            "conditions": condition_fields(kind, self.currencies),
            "limits": limit_fields(kind, self.currencies),
            "together": together_fields(),
            "codes": self._codes(),
        }
        self.groups = {key: dict(fields) for key, fields in groups.items()}
        for fields in self.groups.values():
            self.fields.update(fields)

    def _chosen_markets(self) -> list[Market]:
        """Return the markets that were chosen, or all while there are none."""
        codes = self.data.getlist("markets") if self.is_bound else self.initial.get("markets", ())  # type: ignore[attr-defined]
        return [market for market in self.markets if market.code in codes] or list(self.markets)

    def _basics(self) -> Iterator[tuple[str, forms.Field]]:
        yield "name", forms.CharField(label=_("Name"), max_length=120)
        yield (
            "markets",
            forms.MultipleChoiceField(
                label=_("Markets"),
                choices=[(market.code, country_name(market.code)) for market in self.markets],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("Choose at least one market.")},
            ),
        )
        yield "starts", _moment(_("Starts"), required=True)
        yield "ends", _moment(_("Ends"), required=self.kind == "flash_sale")

    def _codes(self) -> Iterator[tuple[str, forms.Field]]:
        yield (
            "codes",
            forms.CharField(
                label=_("Codes"),
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_(
                    "With commas or lines between them. Batches of codes are drawn on the "
                    "promotion’s page after saving."
                ),
            ),
        )

    @property
    def sections(self) -> list[Section]:
        """The groups of fields below the basics; what is empty stays folded."""
        titles = {
            "value": _("What buyers get"),
            "conditions": _("For whom, where and when"),
            "limits": _("How far it goes"),
            "codes": _("Codes"),
            "together": _("Beside other promotions"),
        }
        found = []
        for key, title in titles.items():
            fields = tuple(self[name] for name in self.groups[key])
            is_open = key == "value" or (key == "codes" and self.kind == "voucher")
            is_open = is_open or (key == "limits" and self.kind == "flash_sale")
            is_open = is_open or any(field.errors or field.value() for field in fields)
            found += [Section(key, title, fields, is_open)] if fields else []
        return found

    @property
    def basics(self) -> list[forms.BoundField]:
        """Name and period."""
        return [self[name] for name in ("name", "starts", "ends")]

    @property
    def has_goods(self) -> bool:
        """Whether goods are chosen for this kind."""
        return self.kind in TARGETED

    @property
    def items(self) -> list[str]:
        """The chosen goods, such as ``sku:LMP-1``."""
        if not self.is_bound:
            return items_of(self.before)
        given = dict.fromkeys(self.data.getlist("items"))  # type: ignore[attr-defined]
        return [item for item in given if item.partition(":")[0] in KEYS and len(item) <= 200][:500]

    def clean_starts(self) -> str:
        """Return the moment as rules write it."""
        return _plain(self.cleaned_data["starts"])

    def clean_ends(self) -> str:
        """Return the moment as rules write it."""
        return _plain(self.cleaned_data["ends"])

    def clean_countries(self) -> str:
        """Refuse what is no country."""
        for code in split_words(self.cleaned_data["countries"]):
            if country_name(code) == code:
                raise forms.ValidationError(_("“%(code)s” is not a country.") % {"code": code})
        return str(self.cleaned_data["countries"])

    def clean(self) -> dict[str, object]:
        """Check what fields say together."""
        data = self.cleaned_data
        if data.get("starts") and data.get("ends") and data["starts"] >= data["ends"]:
            self.add_error("ends", _("The end must be after the start."))
        if self.kind in TIERED:
            self._check_tiers()
        elif VALUES[self.kind]:
            self._check_value("")
        if self.kind == "buy_get" and data.get("get_from") == OTHER and not data.get("get_skus"):
            self.add_error("get_skus", _("Name the SKUs of the other goods."))
        if self.kind == "bundle" and not data.get("part2_sku"):
            units = data.get("part1_quantity") or 1
            if units < 2:
                self.add_error("part2_sku", _("A bundle has at least two units."))
        return data

    def _check_value(self, before: str) -> None:
        """Ask for the percentage, or for an amount in every currency."""
        chosen = self.cleaned_data.get("value_type") or VALUES[self.kind][0]
        if chosen == PERCENT:
            if not self.cleaned_data.get(f"{before}percent") and not self.has_error(
                f"{before}percent"
            ):
                self.add_error(f"{before}percent", _("Type the percentage."))
            return
        for code in self.currencies:
            name = f"{before}amount_{code}"
            minor = self.cleaned_data.get(name)
            if self.has_error(name):
                continue
            if minor is None:
                self.add_error(name, _("Type the amount in %(currency)s.") % {"currency": code})
            elif not minor and chosen == "amount":
                self.add_error(name, _("The amount must be above zero."))

    def _check_tiers(self) -> None:
        data, reached = self.cleaned_data, 0
        for place in TIERS:
            name = f"tier{place}_"
            spends = [f"{name}spend_{code}" for code in self.currencies]
            wanted = [f"{name}quantity"] if self.kind == "quantity_tiers" else spends
            given = [data.get(field) for field in wanted]
            if any(given):
                self._check_value(name)
                for field, value in zip(wanted, given, strict=True):
                    if not value and not self.has_error(field):
                        self.add_error(field, _("Type this, too, or leave the tier empty."))
                if self.kind == "quantity_tiers" and given[0] and given[0] <= reached:
                    self.add_error(wanted[0], _("Each tier needs more than the one before."))
                reached = given[0] or reached
        first = "tier1_quantity" if self.kind == "quantity_tiers" else "tier1_spend"
        if not any(value for field, value in data.items() if field.startswith(first)):
            field = next(name for name in self.fields if name.startswith(first))
            self.add_error(field, _("Fill in at least the first tier."))

    def forget_missing(self) -> None:
        """Say nothing about fields that are still empty: the person is not that far yet."""
        for name in list(self.errors):
            if name in self.fields and not self[name].value():
                del self.errors[name]

    def draft(self) -> PromotionDraft:
        """Return what was asked for; the form must be valid."""
        data = {**self.cleaned_data, "items": self.items}
        return PromotionDraft(
            name=data["name"],
            kind=self.kind,
            markets=tuple(data["markets"]),
            starts=data["starts"],
            ends=data["ends"],
            rule=rule_of(self.kind, data, self.currencies, self.before),
            priority=data.get("priority") or 0,
            codes=tuple(split_words(data.get("codes") or "")),
        )


def _initial(promotion: Promotion | None) -> dict[str, object]:
    if promotion is None:
        return {}
    return {
        "name": promotion.name,
        "starts": promotion.starts_local[:16],
        "ends": promotion.ends_local[:16],
        "markets": [row.market.code for row in promotion.markets.all()],
        "priority": promotion.priority or None,
        **initial_of(promotion.kind, promotion.rule),
    }


def _moment(label: str, *, required: bool) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=19,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        help_text=_("In the time of each market."),
    )


def _plain(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or not 2000 <= moment.year <= 2100:
        raise forms.ValidationError(_("Type it such as 2026-12-01T00:00."))
    return f"{moment:%Y-%m-%dT%H:%M}"
