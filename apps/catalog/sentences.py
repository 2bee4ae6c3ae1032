"""Why a listing is not on sale, stored as a code and told in the language of the reader.

A stored refusal is ``code:parameter,parameter``; the only code is ``missing`` with the names of the
customs facts that a listing lacks.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.formatting import join_words

MISSING = "missing"
FIELD_NAMES = {
    "origin_country": gettext_lazy("country of origin"),
    "hs_code": gettext_lazy("HS code"),
    "customs_name": gettext_lazy("customs description"),
    "weight_g": gettext_lazy("weight"),
}


def refuse_missing(names: Iterable[str]) -> str:
    """Return the refusal of a listing that lacks facts, as it is stored."""
    return f"{MISSING}:{','.join(names)}"


def explain_refusal(refusal: str) -> str:
    """Return the sentence of a stored refusal; empty for a listing that is not refused."""
    code, _colon, parameters = refusal.partition(":")
    if code != MISSING:
        return refusal
    names = join_words(str(FIELD_NAMES.get(name, name)) for name in parameters.split(","))
    return _("Missing: %(names)s.") % {"names": names}
