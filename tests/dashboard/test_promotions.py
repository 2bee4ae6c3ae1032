"""The promotion pages: every kind by its form, the effect beside it, steps, codes, list and month."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from apps.common.clock import utc_now
from apps.finance.services import open_fee_rules
from apps.markets.services import load_rule_book
from apps.merchants.models import Role
from apps.promotions import services
from apps.promotions.models import Promotion, PromotionCode, Redemption
from apps.promotions.requests import PromotionDraft
from tests.dashboard.conftest import ACTOR, sign_in_as
from tests.factories.markets import MarketFactory

pytestmark = pytest.mark.django_db
START, END = "2026-12-01T00:00", "2026-12-03T00:00"


@pytest.fixture
def sold(world):
    """The world's lamp, on sale in Germany, with rules and fees."""
    load_rule_book(now=utc_now())
    open_fee_rules()
    with scopes_disabled():
        return world.listing.variant.sku


def body(kind="product_discount", **changes):
    facts = {"kind": kind, "name": "Sale", "markets": ["DE"], "starts": START}
    return {**facts, "value_type": "percent", **changes}


def post(client, name, data, *ids):
    return client.post(reverse(f"dashboard:{name}", args=ids), data)


def make(client, kind, **changes):
    """Save a promotion and return its rule; the refusals of the form otherwise."""
    answer = post(client, "promo_create", body(kind, **changes))
    if answer.status_code != 302:
        return dict(answer.context["form"].errors)
    with scopes_disabled():
        return Promotion.objects.latest("pk").rule


def published(world, *, percent="10", **changes):
    facts = {"name": "Autumn", "kind": "product_discount", "markets": ("DE",)}
    facts |= {"starts": "2026-11-01T00:00", "rule": {"value": {"percent": percent}}}
    now = utc_now()
    with scope(merchant=world.merchant):
        made = services.create_promotion(
            world.merchant, PromotionDraft(**{**facts, **changes}), actor=ACTOR, now=now
        )
        return services.publish_promotion(made, actor=ACTOR, now=now)


@pytest.mark.parametrize(
    ("kind", "typed", "rule"),
    [
        ("product_discount", {"percent": "12.5"}, {"value": {"percent": "12.5"}}),
        (
            "product_discount",
            {"value_type": "amount", "amount_EUR": "5,50", "items": ["sku:A", "brand:B"]},
            {"value": {"amount": {"EUR": 550}}, "target": {"skus": ["A"], "brands": ["B"]}},
        ),
        (
            "flash_sale",
            {"percent": "20", "ends": END, "units": "50", "units_per_buyer": "2"},
            {"value": {"percent": "20"}, "limits": {"units": 50, "units_per_buyer": 2}},
        ),
        (
            "voucher",
            {"percent": "10", "min_spend_EUR": "40", "codes": "SAVE10, SAVE11"},
            {"value": {"percent": "10"}, "conditions": {"min_spend": {"EUR": 4000}}},
        ),
        (
            "order_discount",
            {"percent": "10", "max_discount_EUR": "9", "exclusive": "on", "group": "g"},
            {
                "value": {"percent": "10"},
                "limits": {"max_discount": {"EUR": 900}},
                "exclusive": True,
                "group": "g",
            },
        ),
        (
            "quantity_tiers",
            {
                "tier1_quantity": "2",
                "tier1_percent": "5",
                "tier2_quantity": "4",
                "tier2_percent": "9",
            },
            {
                "tiers": [
                    {"quantity": 2, "value": {"percent": "5"}},
                    {"quantity": 4, "value": {"percent": "9"}},
                ]
            },
        ),
        (
            "spend_tiers",
            {"value_type": "amount", "tier1_spend_EUR": "50", "tier1_amount_EUR": "5"},
            {"tiers": [{"spend": {"EUR": 5000}, "value": {"amount": {"EUR": 500}}}]},
        ),
        (
            "buy_get",
            {"buy_quantity": "3", "get_quantity": "1", "get_percent": "100", "get_from": "within"},
            {
                "buy": {"quantity": 3},
                "get": {"quantity": 1, "value": {"percent": "100"}, "within": True},
            },
        ),
        (
            "bundle",
            {"part1_sku": "A", "part2_sku": "B", "part2_quantity": "2", "amount_EUR": "60"},
            {
                "bundle": [{"skus": ["A"], "quantity": 1}, {"skus": ["B"], "quantity": 2}],
                "value": {"price": {"EUR": 6000}},
            },
        ),
        (
            "gift",
            {"gift_sku": "G", "gift_quantity": "1", "gift_per": "2", "items": ["sku:A"]},
            {"gift": {"sku": "G", "quantity": 1, "per": {"skus": ["A"], "quantity": 2}}},
        ),
        ("shipping", {"percent": "100"}, {"value": {"percent": "100"}}),
        (
            "live_price",
            {"percent": "15", "contents": "liv_1", "hours_from": "20:00", "hours_to": "22:00"},
            {
                "value": {"percent": "15"},
                "conditions": {"contents": ["liv_1"], "hours": {"from": "20:00", "to": "22:00"}},
            },
        ),
        (
            "follower_price",
            {"value_type": "price", "amount_EUR": "39.90"},
            {"value": {"price": {"EUR": 3990}}},
        ),
        (
            "first_order_price",
            {"percent": "10", "countries": "de, at"},
            {"value": {"percent": "10"}, "conditions": {"countries": ["DE", "AT"]}},
        ),
    ],
)
def test_each_kind_is_made_by_its_fields(client, world, kind, typed, rule):
    assert make(client, kind, **typed) == rule


@pytest.mark.parametrize(
    ("kind", "typed", "field", "sentence"),
    [
        ("product_discount", {}, "percent", "Type the percentage."),
        ("product_discount", {"percent": "101"}, "percent", "Ensure this value is less than"),
        (
            "product_discount",
            {"value_type": "amount", "amount_EUR": "ten"},
            "amount_EUR",
            "is not an amount in EUR",
        ),
        ("product_discount", {"percent": "5", "markets": []}, "markets", "at least one market"),
        ("product_discount", {"percent": "5", "ends": START}, "ends", "after the start"),
        ("product_discount", {"percent": "5", "starts": "soon"}, "starts", "2026-12-01T00:00"),
        ("product_discount", {"percent": "5", "countries": "XX"}, "countries", "is not a country"),
        ("flash_sale", {"percent": "5", "ends": END}, "units", "required"),
        ("quantity_tiers", {}, "tier1_quantity", "at least the first tier"),
        ("bundle", {"part1_sku": "A", "amount_EUR": "9"}, "part2_sku", "at least two units"),
        ("voucher", {"percent": "5", "codes": "a"}, "codes", "3 to 40 characters"),
        (
            "buy_get",
            {"buy_quantity": "1", "get_quantity": "1", "get_percent": "50", "get_from": "other"},
            "get_skus",
            "Name the SKUs",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client, world, kind, typed, field, sentence):
    answer = post(client, "promo_create", body(kind, **typed))

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert f"promo-{field}_error" in answer.content.decode()


def test_refusals_speak_chinese(client, world):
    world.member.user.language = "zh-hans"
    world.member.user.save()
    told = post(client, "promo_create", body()).content.decode()

    assert "Type the percentage." not in told


def test_an_amount_is_asked_in_every_currency_of_the_markets(client, world):
    MarketFactory(code="GB", currency="GBP")
    typed = body(value_type="amount", markets=["DE", "GB"], amount_EUR="5")
    errors = post(client, "promo_create", typed).context["form"].errors

    assert list(errors) == ["amount_GBP"]


def test_check_shows_the_effect_and_saves_nothing(client, world, sold):
    answer = post(client, "promo_check", body(percent="25", items=[f"sku:{sold}"]))
    [row] = answer.context["effect"].rows

    assert (row.now.minor, row.new.minor) == (4900, 3675)
    assert "€36.75" in answer.content.decode()
    with scopes_disabled():
        assert not Promotion.objects.exists()


def test_what_is_kept_is_told_only_to_those_who_see_money(client, world, sold):
    typed = body(percent="25", items=[f"sku:{sold}"])
    [row] = post(client, "promo_check", typed).context["effect"].rows
    kept = str(abs(row.outcome.kept_worst.amount))

    assert kept in post(client, "promo_check", typed).content.decode()
    hidden = sign_in_as(world, Role.OPERATIONS)
    assert kept not in post(hidden, "promo_check", typed).content.decode()


def test_while_somebody_types_empty_fields_are_no_errors(client, world):
    url = reverse("dashboard:promo_check")
    typed = body(name="", percent="101")
    answer = client.post(url, typed, headers={"HX-Request": "true"})

    assert list(answer.context["form"].errors) == ["percent"]
    assert "data-focus" not in answer.content.decode()


def test_goods_are_found_and_chosen(client, world, sold):
    answer = post(client, "promo_check", body(percent="5", find="rattan"))
    values = [option.value for option in answer.context["found"]]

    assert f"sku:{sold}" in values
    chosen = post(client, "promo_check", body(percent="5", items=[f"sku:{sold}"])).context["chosen"]
    assert [(one.label, one.is_chosen) for one in chosen] == [(sold, True)]


def test_a_loss_must_be_accepted_before_it_is_published(client, world, sold):
    make(client, "product_discount", percent="95", items=[f"sku:{sold}"])
    with scopes_disabled():
        ident = Promotion.objects.get().public_id
    refused = post(client, "promo_publish", {}, ident)

    assert refused.status_code == 409
    assert "accepts_loss" in refused.content.decode()
    assert post(client, "promo_publish", {"accepts_loss": "1"}, ident).status_code == 302
    with scopes_disabled():
        promotion = Promotion.objects.get()
    assert (promotion.status, promotion.simulation["losses"]) == ("scheduled", 1)


def test_editing_shows_what_was_saved_and_keeps_what_has_no_field(client, world):
    make(client, "voucher", percent="10", min_spend_EUR="40", codes="SAVE10")
    with scopes_disabled():
        promotion = Promotion.objects.get()
        promotion.rule["conditions"]["buyer_tags"] = ["vip"]
        promotion.save()
    form = client.get(reverse("dashboard:promo_edit", args=[promotion.public_id])).context["form"]
    assert (form["percent"].value(), form["min_spend_EUR"].value()) == ("10", "40.00")

    post(client, "promo_save", body(percent="15", name="Better"), promotion.public_id)
    with scopes_disabled():
        promotion.refresh_from_db()
    assert promotion.rule == {
        "value": {"percent": "15"},
        "conditions": {"buyer_tags": ["vip"]},
    }


@pytest.mark.parametrize(
    ("step", "status"), [("pause", "paused"), ("end", "ended"), ("dance", "active")]
)
def test_steps(client, world, step, status):
    promotion = published(world)
    post(client, "promo_step", {"step": step}, promotion.public_id)

    with scopes_disabled():
        promotion.refresh_from_db()
    assert promotion.status == status


def test_a_draft_is_deleted_and_a_copy_is_a_draft(client, world):
    promotion = published(world)
    answer = post(client, "promo_step", {"step": "duplicate"}, promotion.public_id)
    with scopes_disabled():
        copy = Promotion.objects.latest("pk")
    assert (copy.name, copy.status, copy.rule) == ("Copy of Autumn", "draft", promotion.rule)
    assert answer.url == reverse("dashboard:promo_edit", args=[copy.public_id])

    post(client, "promo_step", {"step": "delete"}, copy.public_id)
    with scopes_disabled():
        assert Promotion.objects.get() == promotion


def test_codes_are_added_and_drawn_as_a_file(client, world):
    make(client, "voucher", percent="10")
    with scopes_disabled():
        ident = Promotion.objects.get().public_id
    post(client, "promo_codes_add", {"codes": "ONE1\nTWO2", "uses": "5"}, ident)
    drawn = post(client, "promo_codes_draw", {"count": "3", "prefix": "vip-", "uses": "1"}, ident)
    lines = drawn.content.decode().split()

    assert (lines[0], len(lines)) == ("code", 4)
    assert all(line.startswith("VIP-") for line in lines[1:])
    with scopes_disabled():
        limits = dict(PromotionCode.objects.values_list("code", "uses_limit"))
    assert (limits["ONE1"], limits[lines[1]]) == (5, 1)
    twice = post(client, "promo_codes_add", {"codes": "one1"}, ident)
    assert twice.status_code == 409
    assert "one1" in twice.content.decode()


def test_performance_and_the_versions_are_told(client, world):
    promotion = published(world)
    with scope(merchant=world.merchant):
        Redemption.objects.create(
            merchant=world.merchant,
            promotion=promotion,
            order_ref="ord_1",
            currency="EUR",
            units=3,
            amount_minor=1200,
            platform_minor=200,
            taken_at=utc_now(),
        )
    context = client.get(reverse("dashboard:promo", args=[promotion.public_id])).context

    [taken] = context["performance"].taken
    assert (taken.orders, taken.units, taken.merchant, taken.platform) == (1, 3, 1000, 200)
    # The world's two orders of two lamps each, within the period.
    assert (context["performance"].units, context["performance"].units_before) == (4, 0)
    assert [one.version.version for one in context["versions"]] == [1]


def test_the_list_is_filtered_by_state_kind_market_and_name(client, world):
    published(world)
    make(client, "voucher", percent="10", name="Winter code")
    base = reverse("dashboard:promos")

    def names(query):
        return [row.promotion.name for row in client.get(f"{base}?{query}").context["rows"]]

    assert names("") == ["Winter code", "Autumn"]
    assert names("status=active") == ["Autumn"]
    assert names("kind=voucher&q=winter") == ["Winter code"]
    assert names("market=GB") == []
    assert names("status=nonsense&market=DE") == ["Winter code", "Autumn"]


def test_the_month_shows_each_day_of_a_promotion(client, world):
    make(client, "product_discount", percent="10", ends=END)
    url = f"{reverse('dashboard:promos')}?view=calendar&month=2026-12"
    month = client.get(url).context["month"]
    days = [day.on.isoformat() for week in month.weeks for day in week if day.rows]

    assert days == ["2026-12-01", "2026-12-02"]
    assert client.get(f"{reverse('dashboard:promos')}?view=calendar&month=13").status_code == 200


def test_the_list_takes_three_statements_more_than_the_frame(
    client, world, django_assert_max_num_queries
):
    frame = _statements(client, reverse("dashboard:search"))
    for number in range(4):
        published(world, name=f"Sale {number}")
    assert _statements(client, reverse("dashboard:promos")) <= frame + 3


def _statements(client, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    return len(seen)


def test_a_promotion_of_tomorrow_starts_the_page(client, world):
    form = client.get(reverse("dashboard:promo_new") + "?template=weekend").context["form"]
    first = (utc_now() + timedelta(days=1)).date()

    assert (form.kind, form["percent"].value()) == ("flash_sale", 20)
    assert form["starts"].value() == f"{first}T00:00"
