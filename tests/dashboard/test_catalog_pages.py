"""The pages below a product: category, attributes, facts, papers, texts, preview, companies."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from apps.catalog import services
from apps.catalog.models import (
    ListingText,
    Party,
    Product,
    ProductDocument,
    ProductFacts,
    ProductText,
    Variant,
)
from apps.common.clock import utc_now
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from tests.catalog.conftest import load_tree
from tests.dashboard.conftest import ACTOR, sign_in_as
from tests.factories.catalog import DocumentFactory, ListingTextFactory, PartyFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def tree(db):
    """The category tree."""
    load_tree()


@pytest.fixture
def own_text(world):
    """What Germany says instead of the title."""
    return ListingTextFactory(
        product=world.product, market=world.listing.market, source_was=world.product.title
    )


def at(name, world, *more):
    return reverse(f"dashboard:{name}", args=[world.product.public_id, *more])


def fresh(world):
    with scopes_disabled():
        return Product.objects.select_related("category_ref").get(pk=world.product.pk)


def stored(world):
    with scopes_disabled():
        return ProductFacts.objects.filter(product=world.product).first()


def choose(client, world, code="900012", **more):
    return client.post(at("product_category_choose", world), {"code": code, **more})


def test_a_category_is_found_chosen_and_taken_away(client, world, tree):
    page = client.get(at("product_category", world), {"q": "pendant"})
    assert [row.code for row in page.context["found"]] == ["900012"]

    choose(client, world)
    assert fresh(world).category_ref.code == "900012"
    assert "House Things &gt; Lamps" in client.get(at("product_category", world)).content.decode()
    choose(client, world, "")
    assert fresh(world).category_ref is None


def test_a_category_that_does_not_exist_is_said(client, world, tree):
    response = choose(client, world, "4711")

    assert response.status_code == 422
    assert "There is no category 4711 in use." in response.content.decode()


def test_the_next_product_of_the_same_name_gets_a_proposal(client, world, tree):
    with scope(merchant=world.merchant):
        Product.objects.filter(pk=world.product.pk).update(category="My lamps")
        other = Product.objects.create(merchant=world.merchant, title="B", category="My lamps")
        third = Product.objects.create(merchant=world.merchant, title="C", category="My lamps")
    choose(client, world)
    page = client.get(reverse("dashboard:product_category", args=[other.public_id]))
    assert page.context["proposals"][0].reason == "remembered"

    url = reverse("dashboard:product_category_choose", args=[other.public_id])
    told = client.post(url, {"code": "900012", "for_all": "1"}, follow=True).content.decode()
    third.refresh_from_db()
    assert third.category_ref is not None
    assert "1 other product got it too." in told


def test_attributes_are_typed_into_fields_of_their_kind(client, world, tree):
    choose(client, world)
    page = client.get(at("product_category", world)).content.decode()
    assert "Power (W)" in page
    assert "Needed in: the EU." in page
    assert "Missing: Shade material, Power." in page

    body = {
        "attributes.power": "40,5",
        "attributes.material": ["Rattan", "Glass"],
        "attributes.is_dimmable": "true",
        "attributes.tested_on": "2026-02-01",
        "attributes.colour": "",
    }
    response = client.post(at("product_attributes", world), body)
    assert response.status_code == 302
    assert stored(world).attributes == {
        "power": "40.5",
        "material": ["Rattan", "Glass"],
        "is_dimmable": True,
        "tested_on": "2026-02-01",
    }
    form = client.get(at("product_category", world)).context["form"]
    assert form["attributes.is_dimmable"].value() == "true"


def test_wrong_attributes_say_why_beside_their_fields_and_keep_what_was_typed(client, world, tree):
    choose(client, world)
    body = {"attributes.power": "9999", "attributes.colour": "Blue"}
    response = client.post(at("product_attributes", world), body)

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "attributes.power": ["At most 2000."],
        "attributes.colour": ["“Blue” is not one of the choices."],
    }
    assert response.context["form"]["attributes.power"].value() == "9999"
    assert stored(world) is None


def test_another_category_says_what_it_removed(client, world, tree):
    choose(client, world)
    client.post(at("product_attributes", world), {"attributes.power": "40"})
    url = at("product_category_choose", world)
    told = client.post(url, {"code": "900010"}, follow=True).content.decode()

    assert "1 attribute does not belong to it and was removed." in told


def test_facts_are_saved_together(client, world):
    party = PartyFactory(merchant=world.merchant)
    body = {
        "battery": "ion_contained",
        "battery_count": "1",
        "battery_wh": "7,4",
        "dangerous": "yes",
        "un_number": "1950",
        "hazard_class": "2.1",
        "is_limited_quantity": "on",
        "has_liquid": "on",
        "manufacturer": party.public_id,
    }
    assert client.post(at("product_facts_save", world), body).status_code == 302

    held = stored(world)
    assert (str(held.battery_wh), held.un_number, held.has_liquid) == ("7.40", "UN1950", True)
    assert held.manufacturer_id == party.pk
    cleared = {"battery": "none", "battery_count": "1", "battery_wh": "7.4", "dangerous": "no"}
    client.post(at("product_facts_save", world), {**cleared, "un_number": "UN1950"})
    held = stored(world)
    assert (held.battery, held.battery_count, held.battery_wh, held.un_number) == (
        "none",
        0,
        None,
        "",
    )
    assert held.manufacturer is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"battery": "ion_alone", "battery_count": "1"}, "battery_wh"),
        ({"battery": "ion_alone", "battery_count": "1", "battery_wh": "much"}, "battery_wh"),
        ({"dangerous": "yes", "hazard_class": "3"}, "un_number"),
        ({"manufacturer": "pty_NOBODY"}, "manufacturer"),
        ({"battery": "nuclear"}, "battery"),
    ],
)
def test_facts_that_do_not_fit_say_why_beside_the_field(client, world, body, field):
    response = client.post(at("product_facts_save", world), body)

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert stored(world) is None


def test_a_company_of_somebody_else_cannot_be_named(client, world, rival):
    party = PartyFactory(merchant=rival.merchant)
    body = {"manufacturer": party.public_id}

    assert client.post(at("product_facts_save", world), body).status_code == 422
    assert stored(world) is None


def test_a_paper_is_uploaded_downloaded_and_withdrawn(client, world):
    file = SimpleUploadedFile("evil.html", PDF, content_type="text/html")
    body = {"kind": "sds", "name": "Sheet 7", "valid_until": "2099-01-01", "file": file}
    assert client.post(at("product_document_add", world), body).status_code == 302
    with scopes_disabled():
        held = ProductDocument.objects.get(product=world.product)

    answer = client.get(at("product_document", world, held.public_id))
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{held.public_id}.pdf"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"

    client.post(at("product_document_withdraw", world, held.public_id))
    page = client.get(at("product_facts", world))
    assert [row.state for row in page.context["documents"]] == ["withdrawn"]


def test_an_unusable_paper_is_said(client, world):
    file = SimpleUploadedFile("report.pdf", b"<script>", content_type="application/pdf")
    response = client.post(at("product_document_add", world), {"kind": "sds", "file": file})

    assert response.status_code == 422
    assert response.context["document_form"].errors["file"] == [
        "Only PDF, JPEG and PNG files are taken."
    ]
    with scopes_disabled():
        assert not ProductDocument.objects.exists()


def test_a_paper_of_another_product_is_not_there(client, world):
    with scope(merchant=world.merchant):
        other = Product.objects.create(merchant=world.merchant, title="Other")
    held = DocumentFactory(product=other)

    assert client.get(at("product_document", world, held.public_id)).status_code == 404


def test_companies_are_added_changed_and_taken_out(client, world):
    body = {
        "kind": "eu_responsible",
        "name": "EU Rep GmbH",
        "address": "Ring 1, 10115 Berlin",
        "country": "de",
        "email": "safety@rep.example",
    }
    assert client.post(reverse("dashboard:party_add"), body).status_code == 302
    with scopes_disabled():
        party = Party.objects.get()
    url = reverse("dashboard:party_save", args=[party.public_id])
    refused = client.post(url, {**body, "country": "US"})
    assert refused.status_code == 422
    assert "country" in refused.context["rows"][0].form.errors

    client.post(url, {**body, "name": "EU Rep AG"})
    client.post(url, {"is_active": "0"})
    party.refresh_from_db()
    assert (party.name, party.country, party.is_active) == ("EU Rep AG", "DE", False)
    form = client.get(at("product_facts", world)).context["form"]
    assert form.fields["eu_responsible"].choices == [("", "Not said yet")]


def test_a_company_without_electronic_address_is_refused(client, world):
    body = {"kind": "manufacturer", "name": "A", "address": "B", "country": "CN"}
    response = client.post(reverse("dashboard:party_add"), body)

    assert response.status_code == 422
    assert "email" in response.context["add_form"].errors


def test_a_language_is_added_changed_and_taken_away(client, world):
    url = at("product_text_save", world)
    client.post(url, {"locale": "de", "title": "Lampe", "description": "Aus Rattan"})
    page = client.get(at("product_texts", world))
    assert [(card.locale, card.title) for card in page.context["languages"]] == [("de", "Lampe")]
    assert [row.text.shown for row in page.context["markets"][0].rows] == ["Lampe", "Aus Rattan"]

    client.post(url, {"locale": "de", "title": "", "description": ""})
    with scopes_disabled():
        assert not ProductText.objects.exists()


@pytest.mark.parametrize("locale", ["qq", "", "<script>"])
def test_a_language_that_does_not_exist_is_said(client, world, locale):
    response = client.post(at("product_text_save", world), {"locale": locale, "title": "A"})

    assert response.status_code == 422
    assert "locale" in response.context["new_form"].errors


def test_a_market_says_something_of_its_own_and_decides_a_conflict(client, world):
    code = world.listing.market.code
    client.post(at("product_market_text", world, code), {"title": "Korblampe"})
    page = client.get(at("product_texts", world))
    assert page.context["conflicts"] == []
    assert page.context["markets"][0].form["title"].value() == "Korblampe"

    with scope(merchant=world.merchant):
        services.update_product(world.product, {"title": "Woven lamp"}, actor=ACTOR, now=utc_now())
    [conflict] = client.get(at("product_texts", world)).context["conflicts"]
    assert (conflict.row.text.shown, conflict.row.text.source) == ("Korblampe", "Woven lamp")
    assert "1 text waits for your decision" in client.get(at("product", world)).content.decode()

    url = at("product_market_text_decide", world, code)
    stale = client.post(url, {"field": "title", "decision": "take", "seen": "0" * 16})
    assert stale.status_code == 409
    done = client.post(url, {"field": "title", "decision": "take", "seen": conflict.seen})
    assert done.status_code == 302
    with scopes_disabled():
        assert not ListingText.objects.exists()
    assert client.post(url, {"field": "title", "decision": "take"}).status_code == 422


def test_a_market_without_a_listing_has_no_text(client, world):
    assert client.post(at("product_market_text", world, "FR"), {"title": "A"}).status_code == 404


def test_a_preview_shows_each_market_and_its_button_saves(client, world, own_text):
    body = {
        "title": "Woven lamp",
        "status": "active",
        "description": "By hand",
        "origin_country": "CN",
        "hs_code": "",
        "customs_name": "Lamp",
    }
    before = JournalEntry.objects.count()
    page = client.post(at("product_preview", world), body)
    text = page.content.decode()

    assert page.status_code == 200
    assert [(row.state, row.after) for row in page.context["texts"]] == [
        ("conflict", "Korblampe"),
        ("follows", "By hand"),
    ]
    assert [(row.state, row.after) for row in page.context["gates"]] == [("lose", "HS code")]
    assert "Own text stays, you decide" in text
    assert (fresh(world).title, JournalEntry.objects.count()) == (world.product.title, before)

    client.post(page.context["target"], dict(page.context["hidden"]))
    assert (fresh(world).title, fresh(world).hs_code) == ("Woven lamp", "")


def test_a_preview_of_a_text_and_of_a_weight_lead_to_their_own_save(client, world):
    body = {"kind": "text", "locale": "de", "title": "Lampe"}
    page = client.post(at("product_preview", world), body)
    assert [(row.state, row.after) for row in page.context["texts"]] == [("follows", "Lampe")]
    client.post(page.context["target"], dict(page.context["hidden"]))
    with scopes_disabled():
        assert ProductText.objects.get().title == "Lampe"
        variant = Variant.objects.get(product=world.product)

    body = {"kind": "variant", "variant": variant.public_id, "weight_g": "0", "option": "Blue"}
    page = client.post(at("product_preview", world), body)
    assert [(row.state, row.after) for row in page.context["gates"]] == [("lose", "weight")]
    client.post(page.context["target"], dict(page.context["hidden"]))
    variant.refresh_from_db()
    assert (variant.weight_g, variant.option) == (0, "Blue")


@pytest.mark.parametrize(
    "body",
    [
        {"title": "", "status": "active"},
        {"title": "A", "status": "active", "hs_code": "12"},
        {"kind": "text", "locale": "qq", "title": "A"},
        {"kind": "text", "locale": "", "title": "A"},
    ],
)
def test_a_preview_of_something_unusable_shows_the_form_again(client, world, body):
    assert client.post(at("product_preview", world), body).status_code == 422


def test_a_preview_leads_back_with_what_was_typed(client, world):
    body = {"title": "Woven lamp", "status": "active", "back": "1"}
    page = client.post(at("product_preview", world), body)

    assert page.context["form"]["title"].value() == "Woven lamp"
    assert fresh(world).title == world.product.title


def test_a_preview_of_a_foreign_variant_is_not_there(client, world, rival):
    with scopes_disabled():
        foreign = Variant.objects.get(product=rival.product)
    body = {"kind": "variant", "variant": foreign.public_id, "weight_g": "1"}

    assert client.post(at("product_preview", world), body).status_code == 404


@pytest.mark.parametrize("name", ["product_category", "product_facts", "product_texts"])
def test_who_may_only_look_sees_no_buttons(world, tree, name):
    DocumentFactory(product=world.product)
    text = sign_in_as(world, Role.READ_ONLY).get(at(name, world)).content.decode()

    assert "btn-1" not in text.split("<main", 1)[1]


@pytest.mark.parametrize(
    ("name", "statements"),
    [("product_category", 14), ("product_facts", 11), ("product_texts", 11), ("product", 23)],
)
def test_the_pages_take_a_fixed_number_of_statements(
    client, world, tree, own_text, name, statements, django_assert_max_num_queries
):
    choose(client, world)
    for index in range(5):
        DocumentFactory(product=world.product, sha256=str(index) * 64)
        PartyFactory(merchant=world.merchant, name=f"Maker {index}")
    client.get(at(name, world))
    with django_assert_max_num_queries(statements) as few:
        client.get(at(name, world))
    for index in range(5, 9):
        DocumentFactory(product=world.product, sha256=str(index) * 64)
        PartyFactory(merchant=world.merchant, name=f"Maker {index}")
    with django_assert_max_num_queries(len(few)):
        client.get(at(name, world))
