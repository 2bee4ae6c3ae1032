"""Finding products: words, codes, facets, pages, and tokens that follow every change."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope, scopes_disabled

from apps.catalog import services
from apps.catalog.models import Product, SearchToken
from apps.catalog.search import walk as walking
from apps.catalog.search.finding import Wanted, find_products
from apps.catalog.search.words import ACTIVE, ARCHIVED, UNLISTED, brand_facet, market_facet
from apps.catalog.services import PriceDraft, ProductDraft, VariantDraft
from apps.catalog.states import ListingStatus
from apps.common.errors import DomainError
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db
CUSTOMS = {"origin_country": "CN", "hs_code": "940511", "customs_name": "Lamp of rattan"}


@pytest.fixture
def shop(scoped, actor, now):
    """Four products made by the service, oldest first."""
    drafts = [
        _draft("Rattan pendant lamp", "LMP-RTN-40", gtin="4006381333931", brand="Lamu"),
        _draft("藤编吊灯 LED 12V", "LMP-RTN-41"),
        _draft("Crème brûlée bowl", "BOWL.7", brand="Émaux"),
        _draft("Lampshade of linen", "SHADE_1"),
    ]
    made = services.create_products(drafts, merchant=scoped, actor=actor, now=now)
    return {product.title.split()[0]: product for product in made}


def _draft(title: str, sku: str, **facts: str) -> ProductDraft:
    variant = VariantDraft(sku=sku, gtin=facts.pop("gtin", ""), weight_g=500)
    return ProductDraft(title, (variant,), **CUSTOMS, **facts)


def _titles(merchant, text="", *facets, **options) -> list[str]:
    found = find_products(merchant, Wanted(text, facets), **options)
    known = Product.objects.in_bulk(found.ids)
    return [known[key].title.split()[0] for key in found.ids]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("lamp", ["Lampshade", "Rattan"]),
        ("LAMP rattan", ["Rattan"]),
        ("rattan x", []),
        ("pendant lamp", ["Rattan"]),
        ("rattan pend", ["Rattan"]),
        ("吊灯", ["藤编吊灯"]),
        ("灯", ["藤编吊灯"]),
        ("藤 led", ["藤编吊灯"]),
        ("灯吊", []),
        ("creme BRULEE", ["Crème"]),
        ("emaux", ["Crème"]),
        ("ｌａｍｕ", ["Rattan"]),
        ("LMP-RTN", ["藤编吊灯", "Rattan"]),
        ("lmp-rtn-40", ["Rattan"]),
        ("rtn-41", ["藤编吊灯"]),
        ("bowl.", ["Crème"]),
        ("shade_1", ["Lampshade"]),
        ("4006381333931", ["Rattan"]),
        ("400638", ["Rattan"]),
        ("lamp 4006381333931", ["Rattan"]),
        ("%", []),
        ("_", []),
        ("=lmp", ["藤编吊灯", "Rattan"]),
        ("nothing", []),
    ],
)
def test_all_words_must_match_and_the_last_by_its_beginning(shop, scoped, text, titles):
    assert _titles(scoped, text) == titles


def test_an_exact_code_comes_before_newer_products(shop, scoped, actor, now):
    newer = _draft("Lamp like LMP-RTN-40 but blue", "LMP-RTN-40-B")
    services.create_product(newer, merchant=scoped, actor=actor, now=now)

    assert _titles(scoped, "lmp-rtn-40") == ["Rattan", "Lamp"]
    assert _titles(scoped, "lmp-rtn-40", size=1) == ["Rattan"]
    second = find_products(scoped, Wanted("lmp-rtn-40"), size=1)
    rest = find_products(scoped, Wanted("lmp-rtn-40"), size=1, cursor=second.next_cursor)
    assert [Product.objects.get(pk=key).title[:9] for key in rest.ids] == ["Lamp like"]
    assert _titles(scoped, "lmp-rtn-40", ARCHIVED) == []


def test_nothing_of_another_company_is_found(shop, scoped, stranger):
    theirs = ProductFactory(merchant=stranger, title="Rattan lamp of a rival")

    assert theirs.pk not in find_products(scoped, Wanted("rattan")).ids
    with scope(merchant=stranger):
        assert find_products(stranger, Wanted("rattan")).ids == [theirs.pk]
        assert find_products(stranger, Wanted("吊灯")).ids == []


def test_pages_show_each_product_once_both_ways(scoped):
    made = [ProductFactory(merchant=scoped, title=f"Lamp {n}").pk for n in range(7)]
    expected = sorted(made, reverse=True)
    pages, cursor = [], ""
    while True:
        page = find_products(scoped, Wanted("lamp"), cursor=cursor, size=3)
        pages.append(page)
        cursor = page.next_cursor
        if not cursor:
            break

    assert [page.ids for page in pages] == [expected[:3], expected[3:6], expected[6:]]
    back = find_products(scoped, Wanted("lamp"), cursor=pages[2].previous_cursor, size=3)
    first = find_products(scoped, Wanted("lamp"), cursor=back.previous_cursor, size=3)
    assert (back.ids, first.ids, first.previous_cursor) == (expected[3:6], expected[:3], "")


def test_a_damaged_cursor_is_a_400(scoped):
    with pytest.raises(DomainError) as refused:
        find_products(scoped, Wanted("lamp"), cursor="x")

    assert refused.value.status == 400


def test_long_lists_are_looked_through_in_parts_that_miss_nothing(scoped, monkeypatch):
    monkeypatch.setattr(walking, "COUNT_LIMIT", 2)
    made = [
        ProductFactory(merchant=scoped, title=f"Lamp {'oak' if n % 4 == 0 else 'ash'}").pk
        for n in range(12)
    ]
    wanted = Wanted("oak lamp", (ACTIVE,), window=5)
    found, cursor, pages = [], "", 0
    while True:
        page = find_products(scoped, wanted, cursor=cursor, size=2)
        assert len(page.ids) <= 2
        found += page.ids
        cursor, pages = page.next_cursor, pages + 1
        if not cursor:
            break

    assert found == [made[8], made[4], made[0]]
    assert pages > 1


def test_a_common_beginning_is_followed_word_by_word(scoped, monkeypatch):
    monkeypatch.setattr(walking, "COUNT_LIMIT", 2)
    made = [ProductFactory(merchant=scoped, title=f"Lamp{n} lamp").pk for n in range(5)]

    assert find_products(scoped, Wanted("lam"), size=3).ids == sorted(made, reverse=True)[:3]
    assert walking.list_beginning(scoped.pk, "lamp") == [
        *("lamp", "lamp0", "lamp1", "lamp2", "lamp3", "lamp4")
    ]


def test_counts_stop_at_their_limit(scoped, monkeypatch):
    monkeypatch.setattr(walking, "COUNT_LIMIT", 3)
    for _ in range(6):
        ProductFactory(merchant=scoped)

    assert find_products(scoped, Wanted("lamp"), also=(ACTIVE,)).counts == {ACTIVE: 4}


def test_search_needs_two_statements(shop, scoped, django_assert_num_queries):
    for text in ("pendant lamp", "吊灯", "lmp-rtn-40", "nothing"):
        with django_assert_num_queries(2):
            find_products(scoped, Wanted(text))


def _tokens(product) -> set[str]:
    return set(SearchToken.objects.filter(product=product).values_list("token", flat=True))


def test_tokens_follow_title_brand_and_archive(shop, scoped, actor, now):
    lamp = shop["Rattan"]
    services.update_product(lamp, {"title": "Oak lamp", "brand": "Ikat"}, actor=actor, now=now)

    assert _titles(scoped, "rattan") == []
    assert _titles(scoped, "oak") == ["Oak"]
    assert _titles(scoped, "", brand_facet("Ikat")) == ["Oak"]
    services.update_product(lamp, {"status": "archived"}, actor=actor, now=now)
    assert _titles(scoped, "oak", ACTIVE) == []
    assert _titles(scoped, "oak", ARCHIVED) == ["Oak"]


def test_tokens_follow_variants(shop, scoped, actor, now):
    lamp = shop["Rattan"]
    draft = VariantDraft(sku="NEW-1", option="Ocean blue", weight_g=1)
    added = services.add_variant(lamp, draft, actor=actor, now=now)
    assert _titles(scoped, "ocean") == _titles(scoped, "new-1") == ["Rattan"]

    services.update_variant(added, {"option": "Red"}, actor=actor, now=now)
    assert (_titles(scoped, "ocean"), _titles(scoped, "red")) == ([], ["Rattan"])


def test_facets_follow_listings(shop, scoped, germany, actor, now):
    lamp = shop["Rattan"]
    variant = lamp.variants.select_related("product").get()
    assert UNLISTED in _tokens(lamp)

    [listing] = services.list_in_markets(
        [PriceDraft(variant, germany, 4900)], merchant=scoped, actor=actor, now=now
    )
    assert {market_facet("DE"), "@s=live", "@s=DE/live", "@f=direct"} <= _tokens(lamp)
    assert UNLISTED not in _tokens(lamp)
    services.change_listing(listing, ListingStatus.PAUSED, actor=actor, now=now)
    assert "@s=live" not in _tokens(lamp)
    assert {"@s=paused", "@s=DE/paused", market_facet("DE")} <= _tokens(lamp)
    services.add_variant(lamp, VariantDraft(sku="SECOND"), actor=actor, now=now)
    services.update_variant(variant, {"is_active": False}, actor=actor, now=now)
    assert UNLISTED in _tokens(lamp)


def test_a_failed_change_leaves_no_token(shop, scoped, actor, now):
    with pytest.raises(DomainError):
        services.create_product(
            _draft("Velvet chair", "LMP-RTN-40"), merchant=scoped, actor=actor, now=now
        )

    assert _titles(scoped, "velvet") == []


def test_refreshing_what_is_right_takes_four_statements(shop, django_assert_num_queries):
    with django_assert_num_queries(4):
        assert services.refresh_tokens([product.pk for product in shop.values()]) == 0


def test_a_price_change_keeps_the_time_of_the_change(scoped, actor, now):
    listing = ListingFactory(variant__product__merchant=scoped)
    draft = PriceDraft(listing.variant, listing.market, 5100)

    services.list_in_markets([draft], merchant=scoped, actor=actor, now=now)

    listing.refresh_from_db()
    assert (listing.price_minor, listing.updated_at) == (5100, now)


def test_stale_tokens_are_found_and_repaired(merchant):
    variant = VariantFactory(product__merchant=merchant)
    with scopes_disabled():
        SearchToken.objects.filter(token="rattan").delete()
        SearchToken.objects.create(merchant=merchant, product=variant.product, token="velvet")
    told = StringIO()

    with pytest.raises(CommandError, match="1 products are found by stale tokens"):
        call_command("verify_search", stdout=told)
    assert told.getvalue() == f"product {variant.product_id}: 1 tokens missing, 1 too many\n"
    call_command("rebuild_search", stdout=told)
    assert told.getvalue().endswith("done: 1 products, 2 tokens changed\n")
    call_command("verify_search", stdout=told)
    assert told.getvalue().endswith("all search tokens are right\n")


def test_a_rebuild_goes_on_where_it_was_stopped(merchant):
    first, second = (ProductFactory(merchant=merchant) for _ in range(2))
    with scopes_disabled():
        SearchToken.objects.all().delete()

    call_command("rebuild_search", after=first.pk, stdout=StringIO())

    with scopes_disabled():
        assert set(SearchToken.objects.values_list("product_id", flat=True)) == {second.pk}


def test_products_from_before_get_their_tokens_by_the_migration(merchant):
    import importlib

    from django.apps import apps as registry

    listing = ListingFactory(variant__product__merchant=merchant)
    migration = importlib.import_module("apps.catalog.migrations.0008_fill_search_tokens")
    with scopes_disabled():
        before = _tokens(listing.variant.product)
        SearchToken.objects.all().delete()
        for _ in range(2):
            migration.fill(registry, None)

        assert _tokens(listing.variant.product) == before
