"""A product's category: chosen, mapped by equal names, remembered, and its attributes."""

from __future__ import annotations

import itertools

import pytest
from django_scopes import scope

from apps.catalog import services
from apps.catalog.category_selectors import propose
from apps.catalog.models import CategoryMapping, Product, ProductFacts
from apps.catalog.services import ProductDraft, VariantDraft
from apps.common.errors import DomainError
from apps.journal.models import JournalEntry
from tests.factories.catalog import ProductFactory

_numbers = itertools.count()


def make(merchant, actor, now, *categories):
    drafts = [
        ProductDraft("Thing", (VariantDraft(sku=f"T-{next(_numbers)}"),), category=name)
        for name in categories
    ]
    return services.create_products(drafts, merchant=merchant, actor=actor, now=now)


def code_of(product):
    found = Product.objects.select_related("category_ref").get(pk=product.pk)
    return found.category_ref.code if found.category_ref else ""


@pytest.mark.parametrize(
    ("own_name", "code"),
    [
        ("clothing", "1604"),
        ("  CLOTHING ", "1604"),
        ("服装", "1604"),
        ("House Things > Lamps", "900011"),
        ("garden things>lamps", "900021"),
        ("Lamps", ""),
        ("Furniture", ""),
        ("", ""),
        (">", ""),
    ],
)
def test_equal_names_map_by_themselves(tree, scoped, actor, now, own_name, code):
    [product] = make(scoped, actor, now, own_name)

    assert code_of(product) == code
    assert Product.objects.get(pk=product.pk).category == own_name
    assert CategoryMapping.objects.filter(origin="equal").exists() == bool(code)


def test_a_batch_is_mapped_in_a_handful_of_statements(
    tree, scoped, actor, now, django_assert_max_num_queries
):
    with django_assert_max_num_queries(17):
        make(scoped, actor, now, *["Clothing", "吊灯", "Other"] * 20)


def test_choosing_remembers_the_own_name_for_the_next_product(tree, scoped, actor, now):
    first, second = make(scoped, actor, now, "My lamps", "my  LAMPS")
    services.choose_category(first, "900012", actor=actor, now=now)

    assert code_of(first) == "900012"
    assert code_of(second) == ""
    best = propose(scoped, second.category)[0]
    assert (best.category.code, best.reason) == ("900012", "remembered")
    entry = JournalEntry.objects.get(event="product.category_chosen")
    assert (entry.subject_id, entry.payload) == (first.public_id, {"category": "900012"})


def test_a_chosen_mapping_goes_before_equal_names(tree, scoped, actor, now):
    [first] = make(scoped, actor, now, "Clothing")
    services.choose_category(first, "900001", actor=actor, now=now)
    [second] = make(scoped, actor, now, "Clothing")

    assert code_of(second) == ""
    assert [item.reason for item in propose(scoped, "Clothing")][:2] == ["remembered", "equal"]


def test_one_choice_may_serve_all_products_of_the_same_name(tree, scoped, actor, now):
    products = make(scoped, actor, now, "My lamps", "My lamps", "My lamps", "Other")
    services.choose_category(products[2], "900011", actor=actor, now=now)
    done = services.choose_category(products[0], "900012", is_for_all=True, actor=actor, now=now)

    assert done.followers == 1
    assert [code_of(item) for item in products] == ["900012", "900012", "900011", ""]
    assert JournalEntry.objects.filter(event="product.category_chosen").count() == 3


def test_mappings_of_another_company_are_not_proposed(tree, scoped, stranger, actor, now):
    [product] = make(scoped, actor, now, "My lamps")
    services.choose_category(product, "900012", actor=actor, now=now)
    with scope(merchant=stranger):
        reasons = {item.reason for item in propose(stranger, "My lamps")}

    assert "remembered" not in reasons


@pytest.mark.parametrize("code", ["4711", "nonsense", "900012"])
def test_a_category_out_of_use_is_refused(tree, lamp, actor, now, code):
    tree["900012"].is_active = False
    tree["900012"].save()
    with pytest.raises(DomainError) as refused:
        services.choose_category(lamp, code, actor=actor, now=now)

    assert (refused.value.status, set(refused.value.fields)) == (422, {"category_code"})
    assert code_of(lamp) == ""


def test_changing_the_own_name_maps_a_product_without_category_only(tree, lamp, actor, now):
    services.update_product(lamp, {"category": "Clothing"}, actor=actor, now=now)
    assert code_of(lamp) == "1604"
    services.update_product(lamp, {"category": "Pendant Lamps"}, actor=actor, now=now)
    assert code_of(lamp) == "1604"


def test_attributes_are_checked_by_the_category(tree, lamp, actor, now):
    services.choose_category(lamp, "900012", actor=actor, now=now)
    given = {"power": "40.0", "material": ["Linen", "Rattan"], "colour": "White"}
    services.set_attributes(lamp, given, actor=actor, now=now)

    stored = ProductFacts.objects.get(product=lamp).attributes
    assert stored == {"power": "40", "material": ["Rattan", "Linen"], "colour": "White"}
    with pytest.raises(DomainError) as refused:
        services.set_attributes(
            lamp, {"power": "0.1", "weight": 3, "colour": "Black"}, actor=actor, now=now
        )
    assert refused.value.fields == {
        "attributes.power": "At least 0.5.",
        "attributes.weight": "The category of this product has no such attribute.",
    }
    assert ProductFacts.objects.get(product=lamp).attributes == stored


def test_one_attribute_changes_alone_or_all_at_once(tree, lamp, actor, now):
    services.choose_category(lamp, "900012", actor=actor, now=now)
    services.set_attributes(lamp, {"power": "40", "colour": "White"}, actor=actor, now=now)
    services.set_attributes(lamp, {"power": None, "is_dimmable": True}, actor=actor, now=now)
    assert ProductFacts.objects.get().attributes == {"colour": "White", "is_dimmable": True}

    services.set_attributes(lamp, {"power": "60"}, is_whole=True, actor=actor, now=now)
    assert ProductFacts.objects.get().attributes == {"power": "60"}
    last = JournalEntry.objects.filter(event="product.attributes_changed").last()
    assert last.payload == {"before": {"colour": "White", "is_dimmable": True, "power": None}}


def test_saving_the_same_again_records_nothing(tree, lamp, actor, now):
    services.choose_category(lamp, "900012", actor=actor, now=now)
    services.set_attributes(lamp, {"power": "40"}, actor=actor, now=now)
    before = JournalEntry.objects.count()
    services.set_attributes(lamp, {"power": "40.00"}, actor=actor, now=now)
    services.choose_category(lamp, "900012", actor=actor, now=now)

    assert JournalEntry.objects.count() == before


def test_another_category_drops_what_does_not_belong_and_keeps_it_in_the_journal(
    tree, lamp, actor, now
):
    services.choose_category(lamp, "900012", actor=actor, now=now)
    services.set_attributes(lamp, {"power": "40", "colour": "White"}, actor=actor, now=now)
    done = services.choose_category(lamp, "900010", actor=actor, now=now)

    assert done.dropped == ("power",)
    assert ProductFacts.objects.get().attributes == {"colour": "White"}
    last = JournalEntry.objects.filter(event="product.category_chosen").last()
    assert last.payload == {"category": "900010", "dropped": {"power": "40"}}


def test_without_a_category_there_are_no_attributes(lamp, actor, now):
    with pytest.raises(DomainError, match="Choose the category first"):
        services.set_attributes(lamp, {"power": "40"}, actor=actor, now=now)


def test_mapping_a_name_that_is_not_ours_leaves_other_products_alone(tree, scoped, actor, now):
    other = ProductFactory(merchant=scoped, category="")
    nameless = ProductFactory(merchant=scoped, category="")
    services.choose_category(other, "900012", is_for_all=True, actor=actor, now=now)

    assert code_of(nameless) == ""
    assert not CategoryMapping.objects.exists()
