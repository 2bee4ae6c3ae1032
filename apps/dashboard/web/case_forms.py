"""Forms of an exception case: note, weight, paper, claim, end."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.common.money import Money
from apps.dashboard.web.fact_forms import PlainDecimalField
from apps.fulfillment.models import CaseEvidence
from apps.fulfillment.services.case_actions import MAX_GRAMS
from apps.fulfillment.states import CHOSEN_ENDS, CaseKind, CaseOwner


class OpenForm(forms.Form):
    """A case that no event tells of."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What went wrong"),
        choices=[item for item in CaseKind.choices if item[0] != CaseKind.SILENCE],
    )
    note = forms.CharField(label=gettext_lazy("What happened"), max_length=500)


class NoteForm(forms.Form):
    """A note, and who must act next."""

    text = forms.CharField(label=gettext_lazy("Note"), max_length=500)
    waits_for = forms.ChoiceField(
        label=gettext_lazy("Who must act next"),
        required=False,
        choices=[("", gettext_lazy("As before")), *CaseOwner.choices],
    )


class WeightForm(forms.Form):
    """A weight of the parcel."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Whose weight"),
        choices=[
            (CaseEvidence.Kind.SCALE, CaseEvidence.Kind.SCALE.label),
            (CaseEvidence.Kind.BILL, CaseEvidence.Kind.BILL.label),
        ],
    )
    grams = forms.IntegerField(label=gettext_lazy("Grams"), min_value=1, max_value=MAX_GRAMS)
    text = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)


class PaperForm(forms.Form):
    """A picture or paper."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPEG or PNG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    text = forms.CharField(label=gettext_lazy("What it shows"), required=False, max_length=500)


class ClaimForm(forms.Form):
    """A claim as it was filed with the carrier."""

    reference = forms.CharField(label=gettext_lazy("Number of the claim"), max_length=64)
    amount = PlainDecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.001"), max_digits=14, decimal_places=3
    )

    def amount_minor(self, currency: str) -> int:
        """Return the amount in minor units; raises 422 when the currency has fewer decimals."""
        try:
            return Money(self.cleaned_data["amount"].normalize(), currency).minor
        except ValueError as error:
            sentence = _("This currency has no such fraction.")
            raise DomainError(
                "fulfillment.bad_case", sentence, status=422, fields={"amount": sentence}
            ) from error


class ResolveForm(forms.Form):
    """How a case ended."""

    resolution = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[(item.value, item.label) for item in CHOSEN_ENDS],
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)
