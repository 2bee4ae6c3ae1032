"""Forms of the stock pages: a movement with its reason, and a transfer."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.ids import new_public_id
from apps.dashboard.words import country_name
from apps.inventory.models import Node
from apps.inventory.states import BY_HAND, AllocationMode, Disposition, Reason
from apps.markets.models import Market

MAX_UNITS = 10_000_000
Groups = list[tuple[str | Promise, list[tuple[str, str]]]]


def new_reference() -> str:
    """Return the hidden key of a form: sending it twice has one effect."""
    return new_public_id("frm")


def move_choices() -> Groups:
    """Return every movement people may make, by reason; values are ``reason:from:to``."""
    return [
        (
            reason.label,
            [(f"{reason}:{source}:{target}", _words(source, target)) for source, target in pairs],
        )
        for reason, pairs in BY_HAND.items()
    ]


def _words(source: str, target: str) -> str:
    came = Disposition(source).label if source else _("from outside")
    goes = Disposition(target).label if target else _("out of the books")
    return f"{came} → {goes}"


class _HandForm(forms.Form):
    quantity = forms.IntegerField(
        label=gettext_lazy("Units"), min_value=1, max_value=MAX_UNITS, initial=1
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Shown in the history beside the movement."),
    )
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)


class AdjustForm(_HandForm):
    """Move units of a SKU at a place from one condition to another."""

    move = forms.ChoiceField(label=gettext_lazy("What happened"))
    node = forms.ChoiceField(label=gettext_lazy("Place"))
    field_order = ("move", "node", "quantity", "note", "reference")

    def __init__(self, *args: object, nodes: Sequence[Node], **kwargs: object) -> None:
        """Offer the places."""
        super().__init__(*args, **{"auto_id": "adjust-%s", **kwargs})  # type: ignore[arg-type]
        self.fields["move"].choices = move_choices()  # type: ignore[attr-defined]
        self.fields["node"].choices = [(n.public_id, n.name) for n in nodes]  # type: ignore[attr-defined]
        self.fields["reference"].initial = new_reference

    def parts(self) -> tuple[Reason, str, str]:
        """Return reason, source and target of what was chosen."""
        reason, source, target = str(self.cleaned_data["move"]).split(":")
        return Reason(reason), source, target


class TransferForm(_HandForm):
    """Send available units of a SKU to another place."""

    source = forms.ChoiceField(label=gettext_lazy("From"))
    target = forms.ChoiceField(label=gettext_lazy("To"))
    field_order = ("source", "target", "quantity", "note", "reference")

    def __init__(self, *args: object, nodes: Sequence[Node], **kwargs: object) -> None:
        """Offer the places."""
        super().__init__(*args, **{"auto_id": "transfer-%s", **kwargs})  # type: ignore[arg-type]
        places = [(node.public_id, node.name) for node in nodes]
        for name in ("source", "target"):
            self.fields[name].choices = places  # type: ignore[attr-defined]
        if len(places) > 1:
            self.fields["target"].initial = places[1][0]
        self.fields["reference"].initial = new_reference


class KeepBackForm(forms.Form):
    """Units that stay unsold at each place."""

    units = forms.IntegerField(
        label=gettext_lazy("Units kept back at each place"),
        required=False,
        min_value=0,
        max_value=MAX_UNITS,
        help_text=gettext_lazy("Empty: as the company’s other SKUs."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[
            ("sku", gettext_lazy("This SKU")),
            ("company", gettext_lazy("Every SKU without its own figure")),
        ],
    )


class AllocationForm(forms.Form):
    """Units or a share for a market, a channel or both."""

    market = forms.ChoiceField(label=gettext_lazy("Market"), required=False)
    channel = forms.RegexField(
        regex=r"^[a-z0-9_.-]*$",
        label=gettext_lazy("Channel"),
        required=False,
        max_length=24,
        help_text=gettext_lazy("As the app names it: app, live. Empty: any."),
    )
    mode = forms.ChoiceField(label=gettext_lazy("How"), choices=AllocationMode.choices)
    amount = forms.IntegerField(
        label=gettext_lazy("Units or percent"), min_value=0, max_value=MAX_UNITS
    )

    def __init__(self, *args: object, markets: Sequence[Market], **kwargs: object) -> None:
        """Offer the open markets."""
        super().__init__(*args, **{"auto_id": "aside-%s", **kwargs})  # type: ignore[arg-type]
        choices = [("", _("Any market"))]
        choices += [(market.code, country_name(market.code)) for market in markets]
        self.fields["market"].choices = choices  # type: ignore[attr-defined]


class LotForm(forms.Form):
    """Put units of a lot on a shelf."""

    node = forms.ChoiceField(label=gettext_lazy("Place"))
    code = forms.CharField(label=gettext_lazy("Lot"), max_length=40)
    expires_on = forms.DateField(
        label=gettext_lazy("Ends on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    quantity = forms.IntegerField(label=gettext_lazy("Units"), min_value=1, max_value=MAX_UNITS)
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: object, nodes: Sequence[Node], **kwargs: object) -> None:
        """Offer the places."""
        super().__init__(*args, **{"auto_id": "lot-%s", **kwargs})  # type: ignore[arg-type]
        self.fields["node"].choices = [(n.public_id, n.name) for n in nodes]  # type: ignore[attr-defined]
        self.fields["reference"].initial = new_reference
