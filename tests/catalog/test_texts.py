"""Texts per language and market: inherited, overridden, in conflict; and the preview of an edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog import selectors, services
from apps.catalog.locales import clean_locale
from apps.catalog.models import Listing, ListingText, ProductText
from apps.catalog.previews import SourceEdit, preview_edit
from apps.catalog.services.texts import digest_of
from apps.catalog.text_rules import (
    FieldState,
    Override,
    Texts,
    compare_texts,
    field_state,
    locale_chain,
    shown_text,
)
from apps.catalog.text_selectors import (
    list_market_texts,
    listed_markets,
    load_overrides,
    load_texts,
    locales_of,
)
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.factories.catalog import ListingFactory, VariantFactory
from tests.factories.markets import MarketFactory

TEXT = st.sampled_from(["", "Lamp", "Lampe", "Rattan lamp"])
OVERRIDES = st.none() | st.builds(Override, TEXT, TEXT)


@given(OVERRIDES, TEXT)
def test_a_field_has_exactly_one_state(override, source):
    state = field_state(override, source)

    assert (state == FieldState.INHERITED) == (override is None)
    if state == FieldState.CONFLICT:
        assert source not in {override.source_was, override.value}
    if override is None:
        assert shown_text(override, source) == source
    else:
        assert shown_text(override, source) == override.value


@given(st.builds(Override, TEXT, TEXT), TEXT)
def test_keeping_ends_every_conflict_and_taking_over_inherits(override, source):
    assert field_state(Override(override.value, source), source) == FieldState.OVERRIDDEN
    assert field_state(None, source) == FieldState.INHERITED


@given(TEXT, st.lists(TEXT, max_size=5))
def test_a_source_that_comes_back_ends_the_conflict(value, moves):
    override = Override(value, "Rattan lamp")
    states = [field_state(override, source) for source in [*moves, "Rattan lamp"]]

    assert states[-1] == FieldState.OVERRIDDEN


LOCALES = st.dictionaries(
    st.sampled_from(["de", "de-DE", "fr"]), st.fixed_dictionaries({"title": TEXT}), max_size=3
)
SOURCES = st.builds(Texts, st.fixed_dictionaries({"title": TEXT, "description": TEXT}), LOCALES)


@given(SOURCES, SOURCES, st.dictionaries(st.just(("DE", "title")), st.builds(Override, TEXT, TEXT)))
def test_a_comparison_tells_every_source_that_changes_and_nothing_else(before, after, overrides):
    locales = {"DE": "de-DE", "FR": "fr-FR"}
    told = {
        (row.market, row.field): row for row in compare_texts(before, after, locales, overrides)
    }

    for market, locale in locales.items():
        for field in ("title", "description"):
            old, new = before.source_for(locale, field), after.source_for(locale, field)
            assert ((market, field) in told) == (old != new)
    for key, row in told.items():
        assert row.is_seen == (key not in overrides)
        assert (row.following == FieldState.INHERITED) == (key not in overrides)


def test_the_closest_language_speaks():
    texts = Texts({"title": "Lamp"}, {"de": {"title": "Lampe"}, "de-AT": {"title": ""}})

    assert locale_chain("zh_Hant_TW") == ("zh-Hant-TW", "zh-Hant", "zh")
    assert texts.source_for("de-AT", "title") == "Lampe"
    assert texts.source_for("fr-FR", "title") == "Lamp"


@pytest.mark.parametrize(
    ("text", "name"),
    [("DE", "de"), ("de_at", "de-AT"), ("zh_TW", "zh-Hant-TW"), ("zh-hans", "zh-Hans")],
)
def test_a_language_has_one_name(text, name):
    assert clean_locale(text) == name


@pytest.fixture
def france(lamp):
    """The lamp on sale in France too."""
    market = MarketFactory(code="FR", locale="fr_FR", time_zone="Europe/Paris")
    return ListingFactory(variant=lamp.variants.get(), market=market).market


@pytest.fixture
def germany(lamp):
    """The market the lamp is on sale in."""
    return Listing.objects.select_related("market").get(variant__product=lamp).market


def read(lamp, *, field="title"):
    product = selectors.get_product(lamp.merchant, lamp.public_id)
    rows = list_market_texts(
        locales_of(listed_markets(product)), load_texts(product), load_overrides(product)
    )
    return {row.market: (row.state.value, row.shown) for row in rows if row.field == field}


def test_a_market_reads_its_language_then_the_products_own(lamp, germany, france, actor, now):
    assert read(lamp)["DE"] == ("inherited", "Rattan pendant lamp")
    services.set_product_text(lamp, "de", {"title": "Rattanleuchte"}, actor=actor, now=now)

    assert read(lamp) == {
        "DE": ("inherited", "Rattanleuchte"),
        "FR": ("inherited", "Rattan pendant lamp"),
    }
    services.set_product_text(lamp, "DE", {"title": ""}, actor=actor, now=now)
    assert read(lamp)["DE"] == ("inherited", "Rattan pendant lamp")
    assert not ProductText.objects.exists()
    events = JournalEntry.objects.filter(event="product.text_changed").order_by("pk")
    assert events[1].payload == {"locale": "de", "before": {"title": "Rattanleuchte"}}


def test_an_override_stays_and_becomes_a_conflict_until_it_is_decided(lamp, germany, actor, now):
    who = {"actor": actor, "now": now}
    services.override_texts(lamp, germany, {"title": "Korblampe"}, **who)
    assert read(lamp)["DE"] == ("overridden", "Korblampe")

    services.update_product(lamp, {"title": "Woven lamp"}, **who)
    assert read(lamp)["DE"] == ("conflict", "Korblampe")

    services.decide_text(lamp, germany, "title", "keep", seen=digest_of("Woven lamp"), **who)
    lamp.refresh_from_db()
    assert read(lamp)["DE"] == ("overridden", "Korblampe")

    services.update_product(lamp, {"title": "Cane lamp"}, **who)
    services.decide_text(lamp, germany, "title", "take", **who)
    assert read(lamp)["DE"] == ("inherited", "Cane lamp")
    assert not ListingText.objects.exists()
    decided = JournalEntry.objects.filter(event="product.market_text_decided").order_by("pk")
    assert [entry.payload["decision"] for entry in decided] == ["keep", "take"]
    assert decided[1].payload["before"] == "Korblampe"


def test_a_conflict_is_decided_only_about_what_was_seen(lamp, germany, actor, now):
    services.override_texts(lamp, germany, {"title": "Korblampe"}, actor=actor, now=now)
    services.update_product(lamp, {"title": "Woven lamp"}, actor=actor, now=now)
    seen = digest_of("Woven lamp")
    services.update_product(lamp, {"title": "Cane lamp"}, actor=actor, now=now)
    with pytest.raises(DomainError) as refused:
        services.decide_text(lamp, germany, "title", "take", seen=seen, actor=actor, now=now)

    assert (refused.value.code, refused.value.status) == ("catalog.text_moved", 409)
    assert read(lamp)["DE"] == ("conflict", "Korblampe")


def test_an_override_equal_to_the_source_is_none(lamp, germany, actor, now):
    services.override_texts(lamp, germany, {"title": lamp.title}, actor=actor, now=now)
    assert not ListingText.objects.exists()
    services.override_texts(lamp, germany, {"title": "Korblampe"}, actor=actor, now=now)
    services.override_texts(lamp, germany, {"title": ""}, actor=actor, now=now)
    assert read(lamp)["DE"] == ("inherited", "Rattan pendant lamp")


@pytest.mark.parametrize(
    ("locale", "texts", "field"),
    [
        ("xx-nowhere", {"title": "A"}, "locale"),
        ("", {"title": "A"}, "locale"),
        ("de", {"title": "x" * 201}, "title"),
        ("de", {"description": "a\0"}, "description"),
    ],
)
def test_an_unusable_text_names_its_field(lamp, actor, now, locale, texts, field):
    with pytest.raises(DomainError) as refused:
        services.set_product_text(lamp, locale, texts, actor=actor, now=now)

    assert (refused.value.status, set(refused.value.fields)) == (422, {field})
    assert not ProductText.objects.exists()


@pytest.mark.parametrize(("field", "decision"), [("title", "burn"), ("price", "keep")])
def test_a_decision_that_does_not_exist_is_refused(lamp, germany, actor, now, field, decision):
    with pytest.raises(DomainError) as refused:
        services.decide_text(lamp, germany, field, decision, actor=actor, now=now)

    assert refused.value.status == 422


def edit(lamp, **parts):
    product = selectors.get_product(lamp.merchant, lamp.public_id)
    return preview_edit(product, SourceEdit(**parts))


def test_a_preview_tells_each_market_and_saves_nothing(
    lamp, germany, france, actor, now, django_assert_num_queries
):
    services.override_texts(lamp, germany, {"title": "Korblampe"}, actor=actor, now=now)
    entries = JournalEntry.objects.count()
    product = selectors.get_product(lamp.merchant, lamp.public_id)
    with django_assert_num_queries(2):
        told = preview_edit(product, SourceEdit({"title": "Woven lamp", "brand": "Lanling"}))

    rows = {row.market: (row.following.value, row.shown, row.becomes) for row in told.texts}
    assert rows == {
        "DE": ("conflict", "Korblampe", "Korblampe"),
        "FR": ("inherited", "Rattan pendant lamp", "Woven lamp"),
    }
    assert [(row.field, row.before, row.after) for row in told.facts] == [
        ("title", "Rattan pendant lamp", "Woven lamp"),
        ("brand", "", "Lanling"),
    ]
    assert told.markets == ("DE", "FR")
    lamp.refresh_from_db()
    assert lamp.title == "Rattan pendant lamp"
    assert JournalEntry.objects.count() == entries


def test_a_preview_of_a_language_touches_its_markets_only(lamp, germany, france):
    told = edit(lamp, texts={"fr": {"title": "Suspension en rotin"}})

    assert [(row.market, row.becomes) for row in told.texts] == [("FR", "Suspension en rotin")]


def test_a_preview_says_which_listings_lose_or_gain_the_gate(lamp, germany):
    lost = edit(lamp, product={"hs_code": ""})
    assert [(row.market, row.missing_after, row.is_gain) for row in lost.gates] == [
        ("DE", ("hs_code",), False)
    ]
    variant = VariantFactory(product=lamp, weight_g=0)
    ListingFactory(variant=variant, market=germany, status="rejected", refusal="missing:weight_g")
    gained = edit(lamp, weights={variant.sku: 300})
    assert [(row.sku, row.missing, row.is_gain) for row in gained.gates] == [
        (variant.sku, ("weight_g",), True)
    ]
    assert [(row.field, row.sku, row.after) for row in gained.facts] == [
        ("weight_g", variant.sku, "300")
    ]


def test_what_a_preview_promises_is_what_saving_does(lamp, germany, france, actor, now):
    services.override_texts(lamp, germany, {"title": "Korblampe"}, actor=actor, now=now)
    change = {"title": "Woven lamp", "description": "By hand"}
    told = edit(lamp, product=change)
    services.update_product(lamp, change, actor=actor, now=now)

    for field in ("title", "description"):
        after = read(lamp, field=field)
        for row in told.texts:
            if row.field == field:
                assert after[row.market] == (row.following.value, row.becomes)
    assert edit(lamp, product=change).is_empty


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"product": {"title": " "}}, "title"),
        ({"product": {"hs_code": "12"}}, "hs_code"),
        ({"weights": {"NOPE": 1}}, "weights.NOPE"),
        ({"texts": {"qq": {"title": "A"}}}, "locale"),
    ],
)
def test_a_preview_refuses_what_saving_would_refuse(lamp, parts, field):
    with pytest.raises(DomainError) as refused:
        edit(lamp, **parts)

    assert (refused.value.status, set(refused.value.fields)) == (422, {field})


def test_a_market_of_another_product_is_not_told(lamp, germany):
    other = ListingFactory(variant__product__merchant=lamp.merchant, market=germany)
    assert edit(lamp, product={"title": "A"}).markets == ("DE",)
    assert other.variant.product_id != lamp.pk
