"""Which tokens products have and which ones queries ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.search.words import (
    MAX_TERMS,
    TOKEN_LENGTH,
    ListingFacts,
    ProductFacts,
    Term,
    VariantFacts,
    find_tokens,
    find_words,
    fold,
    read_query,
)

TEXT = st.text(max_size=80)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Rattan Pendant Lamp", {"rattan", "pendant", "lamp"}),
        ("Crème brûlée Größe SØREN", {"creme", "brulee", "grosse", "soren"}),
        ("ＬＥＤ　１２Ｖ", {"led", "12v"}),
        ("藤编吊灯", {"藤编", "编吊", "吊灯", "灯"}),
        ("LED吊灯 40cm", {"led", "吊灯", "灯", "40cm"}),
        ("灯", {"灯"}),
        ("ランプ", {"ラン", "ンプ", "プ"}),
        ("조명 램프", {"조명", "명", "램프", "프"}),
        ("LMP-RTN_40.B", {"lmp", "rtn", "40", "b"}),
        ("…!?", set()),
        ("", set()),
    ],
)
def test_words_of_a_text(text, words):
    assert find_words(text) == words


def test_tokens_of_a_product_name_words_codes_and_facets():
    listings = (ListingFacts("DE", "live", "direct"), ListingFacts("US", "rejected", "overseas"))
    variant = VariantFacts("LMP-40", "4006381333931", "Blue", listings=listings)
    product = ProductFacts("Lamp", "Lamu Home", variants=(variant,))

    assert find_tokens(product) == {
        *("lamp", "lamu", "home", "blue", "lmp", "40", "4006381333931"),
        *("=lmp-40", "=4006381333931", "@active", "@b=Lamu Home"),
        *("@s=live", "@m=DE", "@s=DE/live", "@f=direct"),
        *("@s=rejected", "@m=US", "@s=US/rejected", "@f=overseas"),
    }


def test_withdrawn_variants_are_found_but_on_sale_nowhere():
    variant = VariantFacts("A", is_active=False, listings=(ListingFacts("DE", "live", "direct"),))

    assert find_tokens(ProductFacts("Lamp", variants=(variant,))) == {
        *("lamp", "a", "=a", "@active", "@unlisted")
    }


def test_archived_products_are_in_no_market():
    variant = VariantFacts("A", listings=(ListingFacts("DE", "live", "direct"),))
    product = ProductFacts("Lamp", is_archived=True, variants=(variant,))

    assert find_tokens(product) == {"lamp", "a", "=a", "@archived"}


@pytest.mark.parametrize(
    ("text", "terms", "code"),
    [
        ("rattan la", (Term("rattan"), Term("la", is_beginning=True)), ""),
        ("LMP-RT", (Term("lmp"), Term("rt", is_beginning=True)), "=lmp-rt"),
        ("吊灯", (Term("吊灯"),), "=吊灯"),
        (
            "藤 吊灯 x",
            (Term("藤", is_beginning=True), Term("吊灯"), Term("x", is_beginning=True)),
            "",
        ),
        ("!!!", (), ""),
        ("  ", (), ""),
    ],
)
def test_what_a_query_asks_for(text, terms, code):
    query = read_query(text)

    assert (query.terms, query.code) == (terms, code)


@given(TEXT)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_case_and_width_of_ascii_make_no_difference(text):
    plain = text.encode("ascii", "ignore").decode()
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)
    assert find_words(plain.upper()) == find_words(plain) == find_words(wide)


@given(TEXT, st.data())
def test_a_product_is_found_by_its_whole_title_and_by_any_part_of_a_word(text, data):
    tokens = find_words(text)
    for term in read_query(text).terms:
        assert any(t.startswith(term.text) if term.is_beginning else t == term.text for t in tokens)
    if tokens:
        word = data.draw(st.sampled_from(sorted(tokens)))
        start = word[: data.draw(st.integers(1, len(word)))]
        found = read_query(start).terms
        assert found
        assert all(
            any(t.startswith(term.text) if term.is_beginning else t == term.text for t in tokens)
            for term in found
        )


@given(TEXT, TEXT, TEXT)
def test_tokens_fit_their_column_and_kinds_never_meet(title, sku, brand):
    tokens = find_tokens(ProductFacts(title, brand, variants=(VariantFacts(sku or "x"),)))
    assert all(0 < len(token) <= TOKEN_LENGTH for token in tokens)
    assert not any(word[0] in "@=" for word in find_words(title + sku + brand))


@given(st.text(max_size=400))
def test_queries_have_a_limit(text):
    assert len(read_query(text).terms) <= MAX_TERMS
