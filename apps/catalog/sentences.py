"""Why a listing is not on sale, stored as codes and told in the language of the reader.

A stored refusal is ``code:parameter,parameter``: ``missing`` with the names of the customs facts that
a listing lacks, or ``gate`` with the codes of the issues that keep it off sale. The sentences of the
gates of markets are named by the app above that has the gates (``register_issues``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.pricing.deriving import BASE, EXPLICIT, FIRST, FX, MIGRATED, RULE
from apps.catalog.pricing.reductions import (
    NOT_LOWER,
    TOO_YOUNG,
    USUAL,
    Reduction,
    is_bound,
)
from apps.common.formatting import format_money, join_sentences, join_words

MISSING, GATE = "missing", "gate"
_LONGEST = 300
FIELD_NAMES = {
    "origin_country": gettext_lazy("country of origin"),
    "hs_code": gettext_lazy("HS code"),
    "customs_name": gettext_lazy("customs description"),
    "weight_g": gettext_lazy("weight"),
}
Explain = Callable[[str, str, Mapping[str, object]], str]
_explainers: list[Explain] = []


def register_issues(explain: Explain) -> None:
    """Let an app tell the sentence of its codes: ``explain(code, field, parameters)``, or empty."""
    if explain not in _explainers:
        _explainers.append(explain)


def refuse_missing(names: Iterable[str]) -> str:
    """Return the refusal of a listing that lacks facts, as it is stored."""
    return f"{MISSING}:{','.join(names)}"


def refuse_issues(codes: Iterable[str]) -> str:
    """Return the refusal of a listing that a market's gate keeps off sale, as it is stored."""
    kept = f"{GATE}:"
    for code in codes:
        longer = f"{kept}{code}" if kept.endswith(":") else f"{kept},{code}"
        if len(longer) > _LONGEST:
            break
        kept = longer
    return kept


def explain_refusal(refusal: str) -> str:
    """Return the sentence of a stored refusal; empty for a listing that is not refused."""
    code, _colon, parameters = refusal.partition(":")
    if code == GATE:
        told = dict.fromkeys(explain_issue(name, "", {}) for name in parameters.split(","))
        return reduce(join_sentences, told, "")
    if code != MISSING:
        return refusal
    names = join_words(str(FIELD_NAMES.get(name, name)) for name in parameters.split(","))
    return _("Missing: %(names)s.") % {"names": names}


def explain_issue(code: str, field: str, parameters: Mapping[str, object]) -> str:
    """Return the sentence of an issue; without parameters a short one."""
    if code == MISSING:
        return _("Missing: %(names)s.") % {"names": FIELD_NAMES.get(field, field)}
    for explain in _explainers:
        sentence = explain(code, field, parameters)
        if sentence:
            return sentence
    return code


def explain_price_reason(reason: str) -> str:
    """Return why a price changed, as a few words."""
    words = {
        FIRST: _("First price"),
        BASE: _("The base price changed"),
        RULE: _("The price rule changed"),
        FX: _("The exchange rate moved"),
        EXPLICIT: _("Set by hand"),
        MIGRATED: _("Asked when the history began"),
    }
    return words.get(reason, reason)


def explain_reduction(found: Reduction, market: str, currency: str) -> str:
    """Return why a cut price shows no earlier price beside it; empty when it does or was not cut."""
    lowest = "" if found.lowest_minor is None else format_money(found.lowest_minor, currency)
    sentences = {
        TOO_YOUNG: _(
            "No earlier price is shown: it was on sale for less than 30 days before the cut."
        ),
        NOT_LOWER: _("No earlier price is shown: it cost %(lowest)s within the 30 days before.")
        % {"lowest": lowest},
        USUAL: _("No earlier price is shown: this has been the price for 30 days."),
    }
    told = sentences.get(found.reason, "")
    if not told or is_bound(market):
        return told
    return join_sentences(told, _("The portal keeps the rule of the EU here too."))
