"""Words of HS assistance: questions, answers, why a description is too vague, sources."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.compliance.hs.gate import CLASS, LISTED, NOTHING, UNKNOWN
from apps.compliance.hs.questions import UNSURE

Text = str | Promise

QUESTIONS: dict[str, Text] = {
    "gender": _("For whom is it?"),
    "build": _("How is the fabric made?"),
    "material": _("What is it mostly made of?"),
    "drive": _("Is it electric?"),
    "whole": _("Is it the whole article or a part of one?"),
}
ANSWERS: dict[str, Text] = {
    UNSURE: _("Not sure"),
    "women": _("Women or girls"),
    "men": _("Men or boys"),
    "baby": _("Babies"),
    "knit": _("Knitted or crocheted"),
    "woven": _("Woven"),
    "electric": _("Electric: mains, battery or motor"),
    "manual": _("Not electric"),
    "article": _("The whole article"),
    "part": _("A part or accessory"),
    "cotton": _("Cotton"),
    "synthetic": _("Synthetic fibres: polyester, nylon, acrylic"),
    "artificial": _("Artificial fibres: viscose, modal, acetate"),
    "wool": _("Wool or fine animal hair"),
    "silk": _("Silk"),
    "flax": _("Linen or ramie"),
    "leather": _("Leather"),
    "plastic": _("Plastic"),
    "rubber": _("Rubber"),
    "wood": _("Wood"),
    "bamboo": _("Bamboo"),
    "rattan": _("Rattan or wicker"),
    "paper": _("Paper or cardboard"),
    "glass": _("Glass"),
    "ceramic": _("Ceramic"),
    "stone": _("Stone"),
    "steel": _("Iron or steel"),
    "aluminum": _("Aluminium"),
    "copper": _("Copper or brass"),
    "metal": _("Another metal"),
    "textile": _("Other textile"),
}
VAGUENESS: dict[str, Text] = {
    NOTHING: _("This names only sizes, colours or materials. Say what the thing is."),
    CLASS: _("This names a whole class of goods. Say which thing it is, of what, and for what."),
    LISTED: _("Customs list this description as too vague. Say what the thing is, of what."),
    UNKNOWN: _(
        "The tariff knows none of these words. Use the common name of the thing, in English or"
        " Chinese."
    ),
}
SOURCES: dict[str, Text] = {
    "guide": _("guide of the portal"),
    "uk": _("UK tariff references"),
    "us": _("US tariff lines"),
}
