"""Variants after the product was made: adding, changing, taking off sale and back."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps as registry
from django.utils import translation
from django_scopes import scope

from apps.catalog import selectors, services
from apps.catalog.models import Listing, Product, Variant
from apps.catalog.sentences import explain_refusal
from apps.catalog.services import PriceDraft, VariantDraft
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.factories.catalog import ListingFactory, ProductFactory, VariantFactory
from tests.factories.inventory import put_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(scoped):
    """A lamp with one variant on sale in Germany."""
    return ListingFactory(variant__product__merchant=scoped).variant


def _events(variant: Variant) -> list[tuple[str, object]]:
    rows = JournalEntry.objects.filter(subject_id=variant.public_id).order_by("pk")
    return list(rows.values_list("event", "payload"))


def test_added_variant_is_on_sale_nowhere_yet(lamp, actor, now):
    draft = VariantDraft(sku=" LMP-BLUE ", option="Blue", weight_g=1500, cost_minor=6500)
    made = services.add_variant(lamp.product, draft, actor=actor, now=now)

    assert (made.sku, made.option, made.weight_g, made.is_active) == (
        "LMP-BLUE",
        "Blue",
        1500,
        True,
    )
    assert list(made.listings.all()) == []
    told = {"sku": "LMP-BLUE", "product": lamp.product.public_id}
    assert _events(made) == [("variant.added", told)]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (VariantDraft(sku="  "), "sku"),
        (VariantDraft(sku="A", gtin="4006381333932"), "gtin"),
        (VariantDraft(sku="A", weight_g=-1), "weight_g"),
        (VariantDraft(sku="A", cost_minor=-1), "cost_minor"),
    ],
)
def test_unusable_variant_names_its_field(lamp, actor, now, draft, field):
    with pytest.raises(DomainError) as refused:
        services.add_variant(lamp.product, draft, actor=actor, now=now)

    assert (refused.value.code, set(refused.value.fields)) == ("catalog.invalid_variant", {field})
    assert Variant.objects.count() == 1


def test_sku_of_another_product_is_refused(lamp, scoped, actor, now):
    other = ProductFactory(merchant=scoped)

    with pytest.raises(DomainError) as refused:
        services.add_variant(other, VariantDraft(sku=lamp.sku), actor=actor, now=now)

    assert refused.value.fields == {"sku": f"SKU {lamp.sku} exists already."}


def test_sku_of_another_company_is_free(lamp, stranger, actor, now):
    with scope(merchant=stranger):
        theirs = ProductFactory(merchant=stranger)
        made = services.add_variant(theirs, VariantDraft(sku=lamp.sku), actor=actor, now=now)

    assert made.sku == lamp.sku


def test_change_keeps_the_values_before(lamp, actor, now):
    services.update_variant(lamp, {"weight_g": 900, "option": ""}, actor=actor, now=now)

    lamp.refresh_from_db()
    assert lamp.weight_g == 900
    told = {"sku": lamp.sku, "before": {"weight_g": 1450}}
    assert _events(lamp) == [("variant.changed", told)]


def test_change_of_nothing_is_no_fact(lamp, actor, now):
    services.update_variant(lamp, {"weight_g": 1450, "is_active": True}, actor=actor, now=now)

    assert _events(lamp) == []


def test_sku_cannot_be_changed(lamp, actor, now):
    with pytest.raises(DomainError) as refused:
        services.update_variant(lamp, {"sku": "OTHER"}, actor=actor, now=now)

    assert refused.value.status == 422


def test_weight_puts_a_refused_listing_on_sale(scoped, actor, now, germany):
    variant = VariantFactory(product__merchant=scoped, weight_g=0)
    [listing] = services.list_in_markets(
        [PriceDraft(variant, germany, 4900)], merchant=scoped, actor=actor, now=now
    )
    assert (listing.status, listing.refusal) == ("rejected", "missing:weight_g")

    services.update_variant(variant, {"weight_g": 700}, actor=actor, now=now)

    listing.refresh_from_db()
    assert (listing.status, listing.refusal, listing.price_minor) == ("live", "", 4900)


def test_withdrawn_variant_takes_no_order_and_comes_back(lamp, scoped, actor, now):
    second = VariantFactory(product=lamp.product)
    put_stock(lamp, 5, now=now)
    wanted = [(lamp.sku, "DE")]
    assert set(selectors.find_offers(scoped, wanted)) == set(wanted)

    services.update_variant(lamp, {"is_active": False}, actor=actor, now=now)
    assert selectors.find_offers(scoped, wanted) == {}
    assert Listing.objects.get(variant=lamp).status == "live"

    services.update_variant(lamp, {"is_active": True}, actor=actor, now=now)
    assert set(selectors.find_offers(scoped, wanted)) == set(wanted)
    assert [event for event, _payload in _events(lamp)] == [
        "variant.withdrawn",
        "variant.reactivated",
    ]
    assert _events(second) == []


def test_last_variant_on_offer_stays(lamp, actor, now):
    with pytest.raises(DomainError) as refused:
        services.update_variant(lamp, {"is_active": False}, actor=actor, now=now)

    lamp.refresh_from_db()
    assert (refused.value.code, refused.value.status) == ("catalog.last_variant", 409)
    assert lamp.is_active
    assert _events(lamp) == []


def test_withdrawn_variant_gets_no_price(lamp, scoped, actor, now, germany):
    VariantFactory(product=lamp.product)
    gone = services.update_variant(lamp, {"is_active": False}, actor=actor, now=now)

    with pytest.raises(DomainError) as refused:
        services.list_in_markets(
            [PriceDraft(gone, germany, 5100)], merchant=scoped, actor=actor, now=now
        )

    assert refused.value.code == "catalog.withdrawn"
    assert Listing.objects.get(variant=lamp).price_minor == 4900


def test_archived_product_takes_no_order(lamp, scoped, actor, now):
    services.update_product(lamp.product, {"status": Product.Status.ARCHIVED}, actor=actor, now=now)

    assert selectors.find_offers(scoped, [(lamp.sku, "DE")]) == {}


def test_refusal_is_told_in_the_language_of_the_reader():
    assert explain_refusal("missing:hs_code,weight_g") == "Missing: HS code, weight."
    with translation.override("zh-hans"):
        assert explain_refusal("missing:weight_g") == "缺少：重量。"
    assert explain_refusal("") == ""


def test_migration_turns_stored_sentences_into_codes(lamp, scoped):
    bare = ListingFactory(
        variant__product__merchant=scoped, variant__product__hs_code="", variant__weight_g=0
    )
    known = Listing.objects.exclude(pk=bare.pk).get()
    Listing.objects.filter(pk=bare.pk).update(refusal="缺少：HS 编码。")
    Listing.objects.filter(pk=known.pk).update(refusal="Missing: weight.")

    module = importlib.import_module("apps.catalog.migrations.0003_refusal_codes")
    module.store_codes(registry, None)

    bare.refresh_from_db()
    known.refresh_from_db()
    assert (bare.refusal, known.refusal) == ("missing:hs_code,weight_g", "")
