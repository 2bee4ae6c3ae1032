"""Proposals for a held address, in words; the values only for those who see the buyer's data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from apps.common.crypto import UnreadableError
from apps.compliance.address_fixes import propose_fixes
from apps.compliance.selectors import find_address_facts
from apps.orders.models import Order
from apps.orders.requests import BuyerRequest
from apps.orders.services.buyers import read_buyer


@dataclass(frozen=True, slots=True)
class ProposalWords:
    """One proposal: which field, why, and – only when the buyer is shown – the new value."""

    field: str
    why: str
    value: str


def list_proposals(order: Order, *, is_revealed: bool) -> list[ProposalWords]:
    """Return what would make the address fit; no personal data unless ``is_revealed``."""
    facts = find_address_facts(order)
    if facts is None:
        return []
    labels, reasons = _labels(), _reasons()
    return [
        ProposalWords(labels[item.field], reasons[item.code], item.value if is_revealed else "")
        for item in propose_fixes(facts)
    ]


def find_corrected_buyer(order: Order) -> BuyerRequest | None:
    """Return the buyer with all proposals accepted, or nothing when there is none."""
    facts = find_address_facts(order)
    changes = {item.field: item.value for item in propose_fixes(facts)} if facts else {}
    if not changes:
        return None
    try:
        return replace(read_buyer(order), **changes)
    except UnreadableError:
        return None


def _labels() -> dict[str, str]:
    return {
        "name": _("Recipient"),
        "street": _("Street and house number"),
        "city": _("City"),
        "region": _("Region or state"),
        "postal_code": _("Postal code"),
    }


def _reasons() -> dict[str, str]:
    return {
        "full_width": _("full-width letters become plain ones"),
        "spaces": _("spaces become single ones"),
        "swapped": _("city and postal code change places"),
        "split": _("the postal code is taken out of the city"),
        "postal_shape": _("written as the country’s post writes it"),
        "region_code": _("the region’s code instead of its name"),
        "moved_number": _("the house number moves to the street"),
    }
