"""Why a way or a day is closed, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.formatting import current_locale, format_weight
from apps.logistics.network import Refusal


def tell_no_route(details: Mapping[str, Any]) -> str:
    """Return why no way is open, service by service, from ``record.write_refusals``."""
    reasons = [
        f"{one['name']}: {tell_closed([Refusal(**refusal) for refusal in one['refusals']])}"
        for one in details.get("services", [])
    ] or [_("No service is open yet. Ask the operator to load the network.")]
    return _("No way is open for this shipment. %(reasons)s") % {"reasons": " ".join(reasons)}


def tell_closed(refusals: Sequence[Refusal]) -> str:
    """Return the reasons of a closed option as sentences."""
    return " ".join(tell_refusal(refusal) for refusal in refusals[:3])


def tell_refusal(refusal: Refusal) -> str:
    """Return one reason as a sentence; the stated reason of a restriction stands in its own words."""
    facts = refusal.facts
    if refusal.code in {"battery", "dangerous", "prohibited"}:
        return _("It does not take %(sku)s: %(reason)s") % facts
    if refusal.code == "no_lane":
        names = current_locale().territories
        places = {name: names.get(str(facts[name]), facts[name]) for name in ("from", "to")}
        return _("It does not go from %(from)s to %(to)s.") % places
    if refusal.code in {"too_heavy", "too_light", "no_price"}:
        return _weights(refusal)
    sentences = {
        "too_many_parcels": _(
            "It would be %(parcels)s parcels; at most %(limit)s travel together."
        ),
        "too_long": _("A side of %(side_mm)s mm is longer than the %(limit_mm)s mm it takes."),
        "too_bulky": _(
            "Length and girth of %(girth_mm)s mm are more than the %(limit_mm)s mm it takes."
        ),
        "day_off": _("%(day)s is no working day there."),
        "past_cut_off": _("%(day)s: the cut-off at %(at)s (%(zone)s) has passed."),
        "capacity": _("%(day)s is full: %(taken)s of %(limit)s parcels are taken."),
    }
    if refusal.code == "no_departure":
        days = int(facts["days"])
        return ngettext(
            "It does not leave within %(days)s day.",
            "It does not leave within %(days)s days.",
            days,
        ) % {"days": days}
    return sentences[refusal.code] % facts


def _weights(refusal: Refusal) -> str:
    facts = refusal.facts
    limit = format_weight(int(facts["limit_g"]))
    if refusal.code == "no_price":
        return _("Its card has no price above %(limit)s.") % {"limit": limit}
    shown = {"weight": format_weight(int(facts["weight_g"])), "limit": limit}
    if refusal.code == "too_light":
        return _("%(weight)s is too light: it starts at %(limit)s.") % shown
    return _("%(weight)s is more than the %(limit)s it takes.") % shown
