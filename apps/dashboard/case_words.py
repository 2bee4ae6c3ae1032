"""The sentences of exception cases: what to do next, for the company and for the buyer."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.fulfillment.models import ExceptionCase
from apps.fulfillment.states import CaseKind, CaseOwner

_NEXT: dict[str, str | Promise] = {
    CaseKind.LOST: _("Ask the carrier to search, and file a claim before the last day."),
    CaseKind.DAMAGED: _("Collect pictures of the parcel and the goods, then file a claim."),
    CaseKind.WEIGHT: _("Compare the declared weight, your scale and the bill, then dispute it."),
    CaseKind.DOCUMENTS: _("Send the papers that customs asks for to the carrier."),
    CaseKind.TAX: _("Import tax must be paid before customs releases the parcel."),
    CaseKind.REFUSED: _("Ask the buyer why, then order a second delivery or the way back."),
    CaseKind.RETURN: _("Wait for the goods, then decide whether to send them again or refund."),
    CaseKind.ADDRESS: _("Ask the buyer for the right address and give it to the carrier."),
    CaseKind.OFFLOADED: _("Ask the line-haul for the next departure and tell the buyer."),
    CaseKind.SILENCE: _("Ask the carrier where the parcel is, before the buyer asks you."),
}
_CLAIMED = _("Wait for the carrier’s answer to the claim, and ask again when it is due.")
_BUYER: dict[str, str | Promise] = {
    CaseKind.TAX: _("Pay the import tax. The carrier tells you the amount and how to pay."),
    CaseKind.ADDRESS: _("The carrier could not deliver. Check your address with the seller."),
    CaseKind.DOCUMENTS: _("Customs asks for information. The seller is taking care of it."),
    CaseKind.REFUSED: _(
        "The parcel was refused at the door. Write to the seller if that is wrong."
    ),
}


def next_step(case: ExceptionCase) -> str:
    """Return what must happen next with an open case, as a sentence."""
    if case.claim_filed_at is not None:
        return str(_CLAIMED)
    return str(_NEXT[case.kind])


def buyer_step(case: ExceptionCase) -> str:
    """Return what the buyer reads about an open case; empty for what is not theirs to know."""
    if case.kind == CaseKind.TAX and case.owner != CaseOwner.BUYER:
        return str(_("Import tax is in the price you paid. The seller settles it with customs."))
    return str(_BUYER.get(case.kind, ""))
