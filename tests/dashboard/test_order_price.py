"""Why an order costs what it costs, on its page."""

from __future__ import annotations

import pytest

from apps.common.clock import utc_now
from tests.dashboard.conftest import sign_in_as
from tests.factories.orders import make_order
from tests.factories.promotions import make_promotion

pytestmark = pytest.mark.django_db


@pytest.fixture
def priced(world):
    now = utc_now()
    make_promotion(
        world.merchant,
        now=now,
        name="Ten <off>",
        kind="voucher",
        codes=("SAVE10",),
        rule={"value": {"percent": "10"}},
        platform_percent=50,
    )
    make_promotion(
        world.merchant,
        now=now,
        name="Big carts",
        kind="order_discount",
        rule={
            "value": {"percent": "50"},
            "currency": "EUR",
            "conditions": {"min_spend": 99999},
        },
    )
    return make_order(world.merchant, now=now, codes=("save10", "NOPE"))


def test_the_page_tells_what_applied_and_why_others_did_not(client, world, priced):
    response = client.get(f"/orders/{priced.number}/")
    text = response.content.decode()
    assert "Why this price" in text
    assert "Ten &lt;off&gt;" in text
    assert "No promotion has the code NOPE." in text
    assert "Goods for €88.20 of the €999.99 it needs." in text
    story = response.context["price_story"]
    assert [(line.name, line.amount.minor, line.platform.minor) for line in story.given] == [
        ("Ten <off>", -980, 490)
    ]
    assert [(line.name, line.is_good) for line in story.codes] == [
        ("save10", True),
        ("NOPE", False),
    ]
    assert [line.name for line in story.refused] == ["Big carts"]
    assert [(step.rate, step.base.minor, step.amount.minor) for step in story.steps] == [
        ("10%", 9800, 980)
    ]
    assert (story.before.minor, story.total.minor) == (9800, 8820)


def test_what_the_platform_pays_is_money_of_the_company(client, world, priced):
    path = f"/orders/{priced.number}/"
    assert "The platform pays" in client.get(path).content.decode()
    assert "The platform pays" not in sign_in_as(world, "operations").get(path).content.decode()


def test_an_order_without_promotions_says_nothing_of_it(client, world):
    response = client.get(f"/orders/{world.order.number}/")
    assert response.context["price_story"] is None
    assert "Why this price" not in response.content.decode()
