"""Ranking: the right subheading first, reasons with it, the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.compliance.hs.attributes import read_goods
from apps.compliance.hs.guide import chinese_name, guide_references, read_guide
from apps.compliance.hs.index import Index, Reference
from apps.compliance.hs.library import build_library
from apps.compliance.hs.suggest import suggest
from apps.compliance.hs.text import read_query
from tests.compliance.hs.conftest import REFERENCES, TEXTS

CASES = json.loads((Path(__file__).parents[2] / "data" / "hs_rulings.json").read_text("utf-8"))
HELD_OUT = [case for case in CASES["cases"] if case["part"] == "held-out"]


def rank(index: Index, text: str) -> list[str]:
    return [hit.code for hit in index.rank(read_query(text), read_goods(text))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cotton pullover, knitted", "611020"),
        ("pullover of 100% acrylic", "611030"),
        ("ladies dress woven of cotton", "620442"),
        ("fan for the desk with USB", "841451"),
        ("parts of a fan: blades", "841490"),
    ],
)
def test_the_right_subheading_comes_first(index, text, code):
    assert rank(index, text)[0] == code


def test_what_matches_nothing_ranks_nothing(index):
    assert rank(index, "zzz") == []


def test_a_hit_names_its_words_and_the_nearest_reference(index):
    [hit] = index.rank(read_query("desk fan"), read_goods("desk fan"), limit=1)

    assert hit.words == ("desk", "fan")
    assert hit.nearest == Reference("841451", "desk fan", "guide")


def test_references_to_unknown_codes_are_left_out(index):
    assert "999999" not in {reference.code for reference in index.references}


def test_the_path_goes_from_chapter_to_subheading(index):
    assert index.path_of("611020") == (TEXTS["61"], TEXTS["6110"], TEXTS["611020"])


def test_the_version_tells_rules_and_content_not_order(index):
    again = Index(dict(reversed(TEXTS.items())), reversed(REFERENCES))
    other = Index(TEXTS | {"611020": "Changed"}, REFERENCES)

    assert again.version == index.version
    assert other.version != index.version


def test_every_line_of_the_guide_is_whole():
    rows = read_guide()

    assert len(rows) > 1000
    assert len({code for code, _english, _chinese in rows}) == len(rows)
    assert all(len(code) == 6 and code.isdigit() and english for code, english, _zh in rows)
    assert chinese_name("610910") == "T恤、短袖、背心"


def test_the_guide_alone_answers_out_of_the_box():
    library = build_library({})

    found = suggest("Stoneware mug with a printed cat", {}, library.index)
    chinese = suggest("蓝牙耳机", {}, library.index)

    assert library.origins == ("guide",)
    assert found.candidates[0].code == "691200"
    assert chinese.candidates[0].code == "851830"


def test_every_code_of_the_guide_is_in_hs_2022(public):
    assert {reference.code for reference in guide_references()} <= set(public.index.codes)


def test_held_out_rulings_reach_the_targets_with_room(public):
    found = [
        (case["code"], suggest(case["description"], {}, public.index, shown=10))
        for case in HELD_OUT
    ]
    codes = [(code, {item.code for item in got.candidates}) for code, got in found]
    subheading = sum(code in got for code, got in codes) / len(codes)
    heading = sum(code[:4] in {one[:4] for one in got} for code, got in codes) / len(codes)

    assert len(codes) >= 40
    assert subheading >= 0.60
    assert heading >= 0.70
