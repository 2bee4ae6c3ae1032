"""Finding a product's HS code: gate, question, candidates, confirmation."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django_scopes import scope

from apps.catalog.models import Listing, Product
from apps.compliance.hs import services
from apps.compliance.hs.selectors import get_library
from apps.journal.models import JournalEntry
from apps.merchants.models import Role
from tests.dashboard.conftest import sign_in_as

pytestmark = pytest.mark.django_db
WORDS = "Women's pullover, knitted"


@pytest.fixture
def page(world):
    """The address of the page."""
    return reverse("dashboard:product_hs", args=[world.product.public_id])


@pytest.fixture
def confirmation(world):
    """What the confirm button posts."""
    version = get_library().index.version
    return {"q": "pullover knitted of cotton", "code": "611020", "version": version}


def post(client, world, body):
    return client.post(
        reverse("dashboard:product_hs_confirm", args=[world.product.public_id]), body
    )


def test_the_page_starts_with_what_the_product_says(client, page, world):
    response = client.get(page)

    assert response.context["description"].startswith(world.product.customs_name)
    assert response.context["rows"]


def test_a_vague_description_is_told_why_and_gets_no_code(client, page):
    response = client.get(page, {"q": "spare parts"})

    assert "names a whole class of goods" in response.content.decode()
    assert response.context["rows"] == []


def test_one_question_is_asked_and_its_answer_goes_on(client, page):
    asked = client.get(page, {"q": WORDS})
    kind, options = asked.context["kind"], asked.context["options"]
    answered = client.get(page, {"q": WORDS, kind: options[0][0]})

    assert kind == "material"
    assert len(options) >= 2
    assert answered.context["kind"] != kind
    assert [str(item.answer) for item in answered.context["given"]] == [str(options[0][1])]


def test_candidates_come_with_path_words_and_closest_text(client, page):
    rows = client.get(page, {"q": "cotton hoodie"}).context["rows"]

    assert rows[0].candidate.code == "611020"
    assert rows[0].dotted == "6110.20"
    assert "hoodie" in rows[0].candidate.words
    assert "hoodie" in rows[0].candidate.nearest
    assert sum(row.candidate.share for row in rows) in range(98, 103)


@pytest.mark.parametrize("query", [{"q": ""}, {"q": "x" * 2001}, {"q": "a\0b"}])
def test_an_unusable_description_is_said(client, page, query):
    response = client.get(page, query)

    assert response.status_code == 422
    assert "q" in response.context["form"].errors


def test_unknown_answers_do_no_harm(client, page):
    assert client.get(page, {"q": WORDS, "gender": "robots"}).context["answers"] == {}


def test_confirming_sets_the_code_and_keeps_why(client, world, confirmation):
    response = post(client, world, {**confirmation, "material": "cotton"})

    world.product.refresh_from_db()
    entry = JournalEntry.objects.get(event="product.hs_confirmed")
    assert response.url == reverse("dashboard:product", args=[world.product.public_id])
    assert world.product.hs_code == "611020"
    assert entry.payload["hs_version"] == confirmation["version"]
    assert entry.payload["answers"] == {"material": "cotton"}
    assert entry.payload["candidates"][0]["code"] == "611020"
    assert len(entry.payload["candidates"]) == 5
    assert JournalEntry.objects.filter(event="product.changed").count() == 1


def test_a_longer_national_code_stays(client, world, confirmation):
    with scope(merchant=world.merchant):
        Product.objects.filter(pk=world.product.pk).update(hs_code="6110202075")
    post(client, world, confirmation)

    world.product.refresh_from_db()
    assert world.product.hs_code == "6110202075"
    assert JournalEntry.objects.filter(event="product.hs_confirmed").exists()


def test_a_refused_listing_is_tried_again(client, world, confirmation):
    with scope(merchant=world.merchant):
        Listing.objects.filter(pk=world.listing.pk).update(status="rejected", refusal="Missing")
    post(client, world, confirmation)

    world.listing.refresh_from_db()
    assert (world.listing.status, world.listing.refusal) == ("live", "")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"code": "010121"}, 422),
        ({"code": ""}, 422),
        ({"q": ""}, 422),
        ({"version": "hs/old"}, 409),
    ],
)
def test_what_was_not_shown_is_not_confirmed(client, world, confirmation, change, status):
    before = world.product.hs_code
    response = post(client, world, confirmation | change)

    world.product.refresh_from_db()
    assert response.status_code == status
    assert response.context["form"].errors
    assert world.product.hs_code == before
    assert not JournalEntry.objects.filter(event="product.hs_confirmed").exists()


def test_the_product_page_leads_here_only_those_who_may_change_it(client, world, page):
    product = reverse("dashboard:product", args=[world.product.public_id])

    assert page in client.get(product).content.decode()
    assert page not in sign_in_as(world, Role.READ_ONLY).get(product).content.decode()


def test_the_page_costs_few_statements(client, page, django_assert_max_num_queries):
    client.get(page)

    with django_assert_max_num_queries(25) as counted:
        client.get(page, {"q": WORDS})
    tariff = [query for query in counted.captured_queries if "compliance_hs" in query["sql"]]
    assert len(tariff) == 1


def test_chinese_readers_see_the_chinese_name(client, world, page):
    world.member.user.language = "zh-hans"
    world.member.user.save(update_fields=["language"])
    response = client.get(page, {"q": "蓝牙耳机"})

    assert response.context["rows"][0].local_name == "耳机、蓝牙耳机"


def test_only_what_was_suggested_can_be_confirmed_through_the_service(world, actor, now):
    from apps.common.errors import DomainError
    from apps.compliance.hs.suggest import suggest

    found = suggest("spare parts", {}, get_library().index)
    with scope(merchant=world.merchant), pytest.raises(DomainError) as refusal:
        services.confirm_hs(
            world.product,
            "611020",
            suggestion=found,
            description="spare parts",
            answers={},
            actor=actor,
            now=now,
        )
    assert refusal.value.code == "compliance.hs_not_shown"
