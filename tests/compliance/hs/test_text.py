"""From a description to terms and attributes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.compliance.hs.attributes import fit, read_code, read_goods
from apps.compliance.hs.text import (
    drop_negated,
    fold,
    minor_fibres,
    read_document,
    read_query,
    split_words,
    stem,
)


@pytest.mark.parametrize(
    ("written", "indexed"),
    [
        ("pullovers", "pullover"),
        ("batteries", "battery"),
        ("brushes", "brush"),
        ("knives", "knife"),
        ("fibres", "fiber"),
        ("jewellery", "jewelry"),
        ("ladies", "women"),
        ("knitted", "knit"),
        ("glass", "glass"),
        ("canvas", "canvas"),
        ("christmas", "christmas"),
    ],
)
def test_one_thing_has_one_word(written, indexed):
    assert stem(written) == indexed


def test_compounds_and_accents_are_folded():
    assert split_words("T-Shirts of man-made fibres, décor") == [
        "tshirt",
        "of",
        "manmade",
        "fiber",
        "decor",
    ]


def test_a_document_leaves_out_what_it_excludes():
    terms = read_document("Lamps; other than of glass; of plastics")

    assert "plastic" in terms
    assert "glass" not in terms


def test_a_description_loses_only_the_next_words_of_a_negation():
    assert drop_negated("not knitted, of woven cotton", is_clause=False).split()[-1] == "cotton"
    assert (
        drop_negated("not exceeding 30 cm; glass", is_clause=True) == "not exceeding 30 cm; glass"
    )


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("60 percent acrylic, 40 percent cotton rib knit", {"cotton"}),
        ("98% cotton / 2% elastane", {"elastane"}),
        ("55 % recycled polyester and 45 % viscose", {"viscose"}),
        ("50% cotton 50% linen", set()),
        ("100% silk", set()),
        ("20 percent off", set()),
    ],
)
def test_the_fibre_that_predominates_decides(text, minor):
    assert minor_fibres(text) == minor


def test_early_words_weigh_more_and_implied_ones_less():
    weights = {term.word: term.weight for term in read_query("hoodie with a zipper and a label")}

    assert weights["hoodie"] > weights["zipper"] > weights["label"]
    assert weights["pullover"] < weights["hoodie"]


def test_chinese_is_read_by_pairs_and_by_known_words():
    words = {term.word for term in read_query("女式针织棉连衣裙")}

    assert {"women", "knit", "cotton", "dress", "针织"} <= words


@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    terms = read_query(text)

    assert all(0 < term.weight < 3 for term in terms)
    assert len({term.word for term in terms}) == len(terms)
    assert fold(fold(text)) == fold(text) or len(text) > 0
    read_goods(text)


def test_goods_tell_their_attributes():
    goods = read_goods("Women's pullover, knitted, 60 % cotton, 40 % polyester")

    assert goods.gender == {"women"}
    assert goods.build == {"knit"}
    assert goods.material == {"cotton"}


def test_attributes_that_agree_raise_and_that_clash_lower():
    knit = read_code("611020", "Jerseys; of cotton", "Jerseys, pullovers")
    woven = read_code("620520", "Shirts; men's or boys', of cotton", "Shirts")
    goods = read_goods("women's knitted top of cotton")

    assert fit(goods, knit) > 1 > fit(goods, woven)


def test_less_is_no_clash():
    code = read_code("630231", "Bed linen; of cotton", "Bed linen")

    assert fit(read_goods("bed sheet of fabric"), code) == 1.0


def test_a_part_is_not_the_article():
    part = read_code("841490", "Parts of pumps and fans", "Air pumps, fans")

    assert fit(read_goods("desk fan"), part) < 1 < fit(read_goods("spare parts of a fan"), part)


def test_what_a_person_answered_clashes_harder():
    wool = read_code("611011", "Jerseys; of wool", "Jerseys")
    told = read_goods("pullover of cotton")

    assert fit(replace(told, sure=frozenset({"material"})), wool) == fit(told, wool) / 2
