"""What decides between neighbouring codes: for whom, knitted or woven, of what, driven how, whole or part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from apps.compliance.hs.text import (
    drop_negated,
    fold,
    minor_fibres,
    query_words,
    split_words,
)

MATERIALS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "cotton": "cotton denim terry",
        "synthetic": "synthetic acrylic polyester nylon polyamide spandex elastane lycra microfiber manmade",
        "artificial": "artificial rayon viscose modal lyocell acetate cupro manmade",
        "wool": "wool cashmere mohair angora alpaca merino",
        "silk": "silk",
        "flax": "linen flax ramie hemp",
        "leather": "leather suede",
        "plastic": "plastic pvc vinyl polypropylene polyethylene polyurethane silicone abs "
        "polycarbonate polystyrene eva melamine polyresin tpu tpe hdpe leatherette acrylic",
        "rubber": "rubber latex neoprene",
        "wood": "wood wooden plywood mdf oak pine birch acacia beech walnut teak fiberboard",
        "bamboo": "bamboo",
        "rattan": "rattan wicker willow seagrass",
        "paper": "paper paperboard cardboard",
        "glass": "glass borosilicate",
        "ceramic": "ceramic stoneware earthenware terracotta dolomite porcelain",
        "stone": "marble granite slate stone travertine",
        "steel": "steel iron stainless tinplate",
        "aluminum": "aluminum",
        "copper": "copper brass bronze",
        "metal": "metal zinc alloy",
        "textile": "textile fabric canvas felt",
    }.items()
}
_BROADER = {
    "synthetic": {"textile"}, "artificial": {"textile"}, "cotton": {"textile"}, "wool": {"textile"},
    "silk": {"textile"}, "flax": {"textile"}, "steel": {"metal"}, "aluminum": {"metal"},
    "copper": {"metal"},
}  # fmt: skip
_GENDERS = {"women": {"women", "girl"}, "men": {"men", "boy"}, "baby": {"baby"}}
_KNIT = {"knit", "crocheted", "jersey", "rib", "interlock"}
_WOVEN = {"woven", "denim", "twill", "poplin", "chiffon", "corduroy", "flannel", "chambray"}
_ELECTRIC = {
    "electric",
    "electrical",
    "electrically",
    "battery",
    "motor",
    "led",
    "rechargeable",
    "usb",
}
_PARTS = re.compile(r"\b(?:parts?|component|spare|replacement|零件|配件)\b")
_WHOLE = re.compile(r"\bparts? (?:and|or) accessor|\bparts? (?:thereof|of)\b|^parts?\b|; parts?\b")


@dataclass(frozen=True, slots=True)
class Attributes:
    """Facts read from a text; an empty set means that it does not say.

    ``sure`` names the kinds that a person has answered, against which a code clashes harder.
    """

    gender: frozenset[str]
    build: frozenset[str]
    material: frozenset[str]
    drive: frozenset[str]
    whole: frozenset[str]
    sure: frozenset[str] = frozenset()

    def get(self, kind: str) -> frozenset[str]:
        """Return the values of one kind."""
        found: frozenset[str] = getattr(self, kind)
        return found


KINDS = ("gender", "build", "material", "drive", "whole")
VALUES: dict[str, tuple[str, ...]] = {
    "gender": tuple(_GENDERS),
    "build": ("knit", "woven"),
    "material": tuple(MATERIALS),
    "drive": ("electric", "manual"),
    "whole": ("article", "part"),
}


def read_goods(text: str) -> Attributes:
    """Return the attributes of a description of goods; of a composition only the chief fibre."""
    words = query_words(drop_negated(fold(text), is_clause=False))
    minor = minor_fibres(text)
    found = _read(word for word in words if word not in minor)
    is_part = bool(_PARTS.search(fold(text)))
    return Attributes(
        found.gender, found.build, found.material, found.drive, _one("part" if is_part else "")
    )


def read_code(code: str, own: str, heading: str) -> Attributes:
    """Return the attributes of a subheading from its own text, its heading's, and its chapter."""
    kept = drop_negated(fold(own), is_clause=True)
    found = _read(split_words(kept))
    chapter = code[:2]
    build = found.build
    if chapter == "61" or code[:4] in {"6001", "6002", "6003", "6004", "6005", "6006"}:
        build = frozenset({"knit"})
    elif chapter == "62":
        build = frozenset({"woven"})
    material = found.material - ({"textile"} if chapter in {"61", "62", "63"} else set())
    if chapter in _CHAPTER_MATERIAL and not material:
        material = frozenset({_CHAPTER_MATERIAL[chapter]})
    is_part = bool(_WHOLE.search(fold(own))) or fold(heading).startswith("parts")
    return Attributes(
        found.gender, build, frozenset(material), found.drive, _one("part" if is_part else "")
    )


_CHAPTER_MATERIAL = {
    "39": "plastic", "44": "wood", "48": "paper", "69": "ceramic", "70": "glass", "73": "steel",
    "74": "copper", "76": "aluminum",
}  # fmt: skip


def _one(value: str) -> frozenset[str]:
    return frozenset({value} if value else ())


def _read(words: Iterable[str]) -> Attributes:
    told = set(words)
    gender = frozenset(name for name, marks in _GENDERS.items() if marks & told)
    build = {"knit"} if _KNIT & told else set()
    build |= {"woven"} if _WOVEN & told else set()
    material = frozenset(name for name, marks in MATERIALS.items() if marks & told)
    drive = frozenset({"electric"} if _ELECTRIC & told else ())
    return Attributes(gender, frozenset(build), material, drive, frozenset())


def fit(goods: Attributes, code: Attributes) -> float:
    """Return the factor (0.3–1.6, halved per clash with an answer) by which attributes change a score."""
    factor = 1.0
    if goods.gender and code.gender:
        factor *= 1.25 if goods.gender & code.gender else 0.55
    if goods.build and code.build:
        factor *= 1.15 if goods.build & code.build else 0.55
    if goods.material and code.material:
        factor *= _fit_material(goods.material, code.material)
    if "manual" in goods.drive and "electric" in code.drive:
        factor *= 0.55
    if "part" in code.whole:
        factor *= 1.15 if "part" in goods.whole else 0.6
    factor = max(0.3, min(1.6, factor))
    return factor * 0.5 ** sum(_clashes(kind, goods, code) for kind in goods.sure)


def _clashes(kind: str, goods: Attributes, code: Attributes) -> bool:
    if not code.get(kind):
        return False
    if kind == "material":
        return _fit_material(goods.material, code.material) < 1
    return not goods.get(kind) & code.get(kind)


def _fit_material(goods: frozenset[str], code: frozenset[str]) -> float:
    broader = {wide for name in goods for wide in _BROADER.get(name, ())}
    if (goods | broader) & code:
        return 1.15
    # "Fabric" does not clash with a code for cotton: it only says less.
    wider = {wide for name in code for wide in _BROADER.get(name, ())}
    return 1.0 if wider & goods else 0.7
